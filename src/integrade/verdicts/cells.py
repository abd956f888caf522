"""Find the cell of the report that prints a number, so that a sentence can quote the number with its cell."""

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
from plainwords.texts import Cell, quoted, slug


def of_headline(results: StudyResults, row: str) -> Cell | None:
    """Return the cell of a row of the benchmark, in the headline's column; None without a headline."""
    column = headline(results)
    at = next((i for i, c in enumerate(results.benchmark, start=1) if c is column), None)
    return None if at is None else Cell(places.BENCHMARK, str(at), row)


def of_size(results: StudyResults, part: str) -> Cell | None:
    """Return the cell of column ``part`` (``from``, ``change``, ...) in the table of effect sizes.

    Its row is the move that the first page reports. Returns None without a treatment.
    """
    column = headline(results)
    terms = treatment_terms(column) if column else ()
    if not terms:
        return None
    move = "p25 to p75" if len(terms) > 1 else "one s.d."
    return Cell(places.EFFECTS, part, key_of_effect(terms[0], move, results.labels))


def of_move(results: StudyResults, move: str) -> Cell | None:
    """Return the cell that prints the effect of a move in standard deviations of the outcome.

    Returns None if the table of effect sizes does not have the move.
    """
    rows = results.effects.rows if results.effects is not None else ()
    keys = [key_of_effect(e.variable, e.move, results.labels) for e in rows]
    at = next((i for i, e in enumerate(rows) if e.move == move), None)
    if at is None:
        return None
    before = keys[:at].count(keys[at])
    return Cell(places.EFFECTS, "in_s_d", f"{keys[at]}_{before + 1}" if before else keys[at])


def key_of_effect(variable: str, move: str, labels: Mapping[str, str]) -> str:
    """Return the key of the row of a move in the table of effect sizes.

    The move from p25 to p75 has its own key; all other moves of a variable have the same key.
    """
    key = slug(label_of(variable, labels))
    return f"{key}.quartiles" if move == "p25 to p75" else key


def of_truth(results: StudyResults, parameter: str, column: str) -> Cell | None:
    """Return the cell of a column in the row of a parameter of the simulated economy.

    ``parameter`` is its name, or the key of the text that names it. Returns None if there is no such parameter.
    """
    known = by_parameter(results, parameter)
    return None if known is None else Cell(places.TRUTH, column, slug(known.parameter))


def of_the_curve(results: StudyResults, test: UTest) -> dict[str, Cell | None]:
    """Return the cells that print the numbers of the rule of an inverted U, by the part of the rule that quotes them.

    If the curve is a U, the p of the U-test has no cell, because it is not a p of an inverted U.
    """
    x, shape = test.variable, results.shape
    cells = {"square": of_headline(results, f"{x}^2"), "wild": of_headline(results, f"{x}^2.wild")}
    if test.shape == "inverted U":
        cells["u_test"] = of_headline(results, "u_test")
    if shape is not None and tuple(shape.ends) == INNER:
        cells["u_test_inner"] = of_inner_range(results, "inverted U")
    if shape is not None and shape.two_lines is not None:
        for line, row in (("first", "below"), ("second", "above")):
            cells[line] = Cell(places.SHAPE, 1, f"two_lines.{row}")
            cells[f"{line}_p"] = Cell(places.SHAPE, 2, f"two_lines.{row}")
    return cells


def of_inner_range(results: StudyResults, shape: str) -> Cell | None:
    """Return the cell that prints the p of the U-test on the inner range; None if the curve lacks this shape there."""
    study = results.shape
    return Cell(places.SHAPE, 2, "u_test") if study is not None and study.inner.shape == shape else None


def ends_of_data(test: UTest) -> dict[str, str]:
    """Return the lowest and highest value of the treatment as texts with their cells in the description of the data."""
    ends = {"low": (test.low, "minimum"), "high": (test.high, "maximum")}
    return {
        name: quoted(placed(value), Cell(places.DESCRIPTION, column, test.variable))
        for name, (value, column) in ends.items()
    }


def of_split(results: StudyResults, split: GroupSplit) -> str:
    """Return the place of the table of a split; empty if the study does not have the split."""
    return next((at for at, one in zip(group_numbers(results), results.groups, strict=True) if one is split), "")


def of_channel(results: StudyResults, mediation: MediationResult) -> str:
    """Return the place of the table of a mediator; empty if the study does not have the mediator."""
    numbered = zip(mediation_numbers(results), results.mediation, strict=True)
    return next((at for at, one in numbered if one is mediation), "")


def of_good(results: StudyResults, good: str, column: str) -> Cell:
    """Return the cell of a column in the row of a good, in the table of goods that are left out one by one."""
    return Cell(places.GOODS, column, key_of_good(good, results.labels))


def key_of_good(good: str, labels: Mapping[str, str]) -> str:
    """Return the key of the row of a good, in the table of goods that are left out one by one."""
    return slug(labels.get(good, english_good(good)))


def of_confounder(results: StudyResults, row: str) -> Cell | None:
    """Return the cell of a row of the table on omitted variables.

    Its column is the value of the treatment at which the slope is clearest. Returns None if there is no such column.
    """
    study = results.sensitivity
    at = next((i for i, c in enumerate(study.confounders, start=1) if c is study.clearest), None) if study else None
    return None if at is None else Cell(places.SENSITIVITY, at, row)


def of_instrument(results: StudyResults, instrument: Instrumented, row: str) -> Cell | None:
    """Return the cell of one result of an instrument, in the table of the strength of instruments.

    Returns None if two instruments have the same title, because the title names the row.
    """
    alike = sum(slug(one.title) == slug(instrument.title) for one in results.instruments)
    return Cell(places.INSTRUMENTS, "result", f"{slug(instrument.title)}.{row}") if alike == 1 else None


def f_text(results: StudyResults, instrument: Instrumented, strength: Strength) -> str:
    """Return the F by which the strength of an instrument is judged, as text with its cell."""
    row = "effective_f" if strength.kind == "effective" else "kleibergen_paap_f"
    return quoted(fixed(strength.f, 2), of_instrument(results, instrument, row))
