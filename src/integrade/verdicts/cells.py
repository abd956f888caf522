"""Which cell of the report prints a number that a sentence quotes, by what the number is of."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.estimate.inverted_u import UTest
from integrade.sources.meaning.goods import english_good
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.instruments.verdict import Strength
from integrade.subjects.instruments.weak_iv import Instrumented
from integrade.subjects.mediation.records import MediationResult
from integrade.subjects.shape.verdict import INNER
from integrade.subjects.truth.verdict import by_parameter
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults, headline, treatment_terms
from integrade.verdicts.naming import group_numbers, label_of, mediation_numbers
from integrade.wording.numerals import fixed, placed
from integrade.wording.texts import Cell, quoted, slug


def of_headline(results: StudyResults, row: str) -> Cell | None:
    """A row of the benchmark in the headline's column; nothing without a headline."""
    column = headline(results)
    at = next((i for i, c in enumerate(results.benchmark, start=1) if c is column), None)
    return None if at is None else Cell(places.BENCHMARK, str(at), row)


def of_size(results: StudyResults, part: str) -> Cell | None:
    """A column of the move of the first page, among the sizes of effects; nothing without a treatment."""
    column = headline(results)
    terms = treatment_terms(column) if column else ()
    if not terms:
        return None
    move = "p25 to p75" if len(terms) > 1 else "one s.d."
    return Cell(places.EFFECTS, part, key_of_effect(terms[0], move, results.labels))


def of_move(results: StudyResults, move: str) -> Cell | None:
    """The size of a move in standard deviations of the outcome; nothing where it is not among the sizes of effects."""
    rows = results.effects.rows if results.effects is not None else ()
    keys = [key_of_effect(e.variable, e.move, results.labels) for e in rows]
    at = next((i for i, e in enumerate(rows) if e.move == move), None)
    if at is None:
        return None
    before = keys[:at].count(keys[at])
    return Cell(places.EFFECTS, "in_s_d", f"{keys[at]}_{before + 1}" if before else keys[at])


def key_of_effect(variable: str, move: str, labels: Mapping[str, str]) -> str:
    """The row of a move among the sizes of effects; that of the first page, from p25 to p75, has a name of its own."""
    own = slug(label_of(variable, labels))
    return f"{own}.quartiles" if move == "p25 to p75" else own


def of_truth(results: StudyResults, parameter: str, column: str) -> Cell | None:
    """A parameter of the simulated economy, by its name or the id of its name; nothing where it is not known."""
    found = by_parameter(results, parameter)
    return None if found is None else Cell(places.TRUTH, column, slug(found.parameter))


def of_the_curve(results: StudyResults, test: UTest) -> dict[str, Cell | None]:
    """The numbers of the rule of an inverted U on the benchmark, by the part that quotes them.

    A p of a U is no p of an inverted U: it is not quoted.
    """
    x, shape = test.variable, results.shape
    found = {"square": of_headline(results, f"{x}^2"), "wild": of_headline(results, f"{x}^2.wild")}
    if test.shape == "inverted U":
        found["u_test"] = of_headline(results, "u_test")
    if shape is not None and tuple(shape.ends) == INNER:
        found["u_test_inner"] = of_inner_range(results, "inverted U")
    if shape is not None and shape.two_lines is not None:
        found |= {
            f"{line}{what}": Cell(places.SHAPE, column, f"two_lines.{row}")
            for line, row in (("first", "below"), ("second", "above"))
            for what, column in (("", 1), ("_p", 2))
        }
    return found


def of_inner_range(results: StudyResults, shape: str) -> Cell | None:
    """The p of a shape of the curve on the inner range; nothing where the curve has another shape there."""
    found = results.shape
    return Cell(places.SHAPE, 2, "u_test") if found is not None and found.inner.shape == shape else None


def ends_of_data(test: UTest) -> dict[str, str]:
    """The lowest and the highest value of the treatment, which the description of the data prints."""
    ends = {"low": (test.low, "minimum"), "high": (test.high, "maximum")}
    return {
        name: quoted(placed(value), Cell(places.DESCRIPTION, column, test.variable))
        for name, (value, column) in ends.items()
    }


def of_split(results: StudyResults, split: GroupSplit) -> str:
    """The place of the table of a split; empty for one that the study lacks."""
    return next((at for at, one in zip(group_numbers(results), results.groups, strict=True) if one is split), "")


def of_channel(results: StudyResults, found: MediationResult) -> str:
    """The place of the table of a channel; empty for one that the study lacks."""
    return next((at for at, one in zip(mediation_numbers(results), results.mediation, strict=True) if one is found), "")


def of_good(results: StudyResults, good: str, column: str) -> Cell:
    """What leaving out a good does to the index."""
    return Cell(places.GOODS, column, key_of_good(good, results.labels))


def key_of_good(good: str, labels: Mapping[str, str]) -> str:
    """The row of a good among those left out one by one."""
    return slug(labels.get(good, english_good(good)))


def of_confounder(results: StudyResults, row: str) -> Cell | None:
    """A row on omitted variables at the place where the slope is clearest."""
    found = results.sensitivity
    at = next((i for i, c in enumerate(found.confounders, start=1) if c is found.clearest), None) if found else None
    return None if at is None else Cell(places.SENSITIVITY, at, row)


def of_instrument(results: StudyResults, found: Instrumented, row: str) -> Cell | None:
    """A result of one instrument among those on how strong they are; nothing where two are called alike."""
    alike = sum(slug(one.title) == slug(found.title) for one in results.instruments)
    return Cell(places.INSTRUMENTS, "result", f"{slug(found.title)}.{row}") if alike == 1 else None


def f_text(results: StudyResults, found: Instrumented, strength: Strength) -> str:
    """The F by which the strength of an instrument is judged."""
    row = "effective_f" if strength.kind == "effective" else "kleibergen_paap_f"
    return quoted(fixed(strength.f, 2), of_instrument(results, found, row))
