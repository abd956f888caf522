"""Write the verdict on a mediator, with the numbers on which it rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from integrade.records.schema import column_word
from integrade.subjects.mediation.indirect import alike, in_order, sense
from integrade.subjects.mediation.records import ByClusters, Indirect, MediationResult, Mediator
from integrade.verdicts.naming import mediator_word, prose_of
from integrade.verdicts.parts import Part, below_level
from integrade.wording.numerals import Printing, below, between, p_equals, percent, placed, shared
from plainwords.texts import Cell, listed, quoted, say

Labels = Mapping[str, str]


def verdict_sentence(result: MediationResult, labels: Labels, table: str = "") -> str:
    """Return the verdict on the first mediator, with the indirect effect at each value of the treatment in order.

    ``table`` is the place of the channel's table, which also has the p-values and the shares.
    """
    effects = in_order(result.mediators[0].indirect)
    if alike(effects) and len(effects) > 1:
        findings = [_at_place(effects[0], "", result, labels, table)]
    else:
        findings = [_at_place(i, where_of(i, result, labels), result, labels, table) for i in effects]
    return listed([verdict_alone(result, labels), *findings], "sentences")


def verdict_alone(result: MediationResult, labels: Labels) -> str:
    """Return the verdict on the first mediator, and which of both paths are significant."""
    m = result.mediators[0]
    return say(
        "mediation.verdict",
        mediator=prose_of(m.name, labels),
        verdict=mediator_word(m.verdict),
        paths=say(f"mediation.paths-{significant_paths(m, 1 - result.level)}"),
    )


def significant_paths(m: Mediator, alpha: float) -> Literal["both", "to", "from", "neither"]:
    """Return which paths have p below alpha.

    The answer is the path to the mediator (joint test), the path from it, both or neither.
    """
    to, onward = below(m.a_joint.p_value, alpha), below(m.b.p_value, alpha)
    if to:
        return "both" if onward else "to"
    return "from" if onward else "neither"


def indirect_size(m: Mediator) -> Printing:
    """Return the function that prints indirect effects through a mediator, all with the same number of decimals."""
    effects = [*m.indirect, *m.by_term]
    return shared((i.estimate for i in effects), (i.sobel.std_error for i in effects), 4)


def _at_place(i: Indirect, where: str, result: MediationResult, labels: Labels, table: str) -> str:
    """Return text on the finding at one value of the treatment, with the indirect effect and its interval.

    ``where`` names the value; it is empty for an effect that is the same at every value.
    """
    size, row = indirect_size(result.mediators[0]), f"indirect.{i.place}"
    values = {
        "place": where,
        "effect": quoted(size(i.estimate), Cell(table, 1, row)),
        "interval": quoted(between(size, i.conf_low, i.conf_high), Cell(table, 2, row)),
        "level": f"{100 * result.level:g}",
    }
    key = "place" if where else "all"
    if i.sense == "open":
        return say(f"mediation.at-{key}-open", **values)
    return say(f"mediation.at-{key}", **values, found=found_at(i, result, labels))


def found_at(i: Indirect, result: MediationResult, labels: Labels) -> str:
    """Return the finding at one value of the treatment in words: how the mediator moves, and its effect."""
    return say(f"mediation.{i.sense.replace(' ', '-')}", **_words(result, labels))


def where_of(i: Indirect, result: MediationResult, labels: Labels) -> str:
    """Return, in words, where an indirect effect is taken: a value of the treatment, or one of its terms."""
    if i.x is None:
        return say("mediation.on-term", term=prose_of(i.place, labels))
    x, value = prose_of(result.treatment, labels), placed(i.x)
    if i.place.startswith("p"):
        return say("mediation.at-percentile", x=x, value=value, percentile=i.place)
    return say("mediation.at-value", x=x, value=value)


def promoted(effects: Sequence[Indirect]) -> Literal["supported", "not supported", "contradicted"]:
    """Judge whether the treatment promotes the outcome through the mediator.

    The findings at each value x of the treatment decide.

    Supported: at some x the mediator rises with the treatment and raises the outcome, and no other finding is
    established at any x. Contradicted: at some x the indirect effect lowers the outcome, and no other finding is
    established. Not supported: nothing is established; or both kinds of findings are established, because the path
    turns within the data; or the mediator falls and less of it raises the outcome. In the last case the indirect effect
    is positive, but not because there is more of the mediator.
    """
    senses = {i.sense for i in effects} - {"open"}
    if senses == {"rises and raises"}:
        return "supported"
    harm = {"rises and lowers", "falls and raises"}
    return "contradicted" if senses and senses <= harm else "not supported"


def confirmed(m: Mediator, alpha: float) -> tuple[Indirect, ...]:
    """Return the effects with the findings that both the table's tests and the tests with clusters establish.

    Without tests with clusters, every finding is open. Verdicts depend on these effects, because a finding from errors
    that treat rows as independent is not sufficient to establish a mediation.
    """
    others = (None,) * len(m.indirect) if m.clustered is None else m.clustered.indirect
    return tuple(_both(effect, clustered, alpha) for effect, clustered in zip(m.indirect, others, strict=True))


def _both(own: Indirect, other: Indirect | None, alpha: float) -> Indirect:
    """Return an effect with the larger of both p-values. It is open if the two tests give the paths different signs."""
    if other is None or own.p_holm is None or other.p_holm is None:
        return replace(own, p_holm=None, sense="open")
    if sense(own.a, own.b) != sense(other.a, other.b):
        return replace(own, p_holm=1.0, sense="open")
    p = max(own.p_holm, other.p_holm)
    return replace(own, p_holm=p, sense=own.sense if below(p, alpha) else "open")


def promotion(m: Mediator, alpha: float) -> Literal["supported", "not supported", "contradicted"]:
    """Return the judgement of `promoted` by the table's tests, if `confirmed` findings give the same judgement.

    Otherwise return not supported.
    """
    outcome = promoted(m.indirect)
    return outcome if outcome == promoted(confirmed(m, alpha)) else "not supported"


def acts(m: Mediator, alpha: float) -> bool:
    """Return whether the table's tests and the tests with clusters both establish an indirect effect at some x."""
    return any(i.sense != "open" for i in confirmed(m, alpha))


def acts_parts(result: MediationResult, table: str) -> tuple[Part, ...]:
    """Return the conditions of "acts through": an indirect effect of any direction is established at some x."""
    m, alpha = result.mediators[0], 1 - result.level
    cell = _cell_of_least(m.indirect, table)
    somewhere = below_level("somewhere", say("mediation.part-somewhere"), _least(m.indirect), alpha, cell=cell)
    return somewhere, _clusters_part(m, confirmed(m, alpha), alpha)


def _least(effects: Sequence[Indirect]) -> float | None:
    return min((i.p_holm for i in effects if i.p_holm is not None), default=None)


def _cell_of_least(effects: Sequence[Indirect], table: str) -> Cell | None:
    """Return the cell that prints the smallest p of the effects; None if no effect has a p."""
    least = next((i for i in effects if i.p_holm is not None and i.p_holm == _least(effects)), None)
    return None if least is None else Cell(table, 3, f"indirect.{least.place}")


def _clusters_part(m: Mediator, effects: Sequence[Indirect], alpha: float) -> Part:
    """Return the condition that the tests with clusters confirm the table's finding at some value x."""
    if m.clustered is None:
        return Part(say("mediation.part-clusters-missing", level=percent(alpha, 0)), None, None, "clusters")
    return below_level("clusters", say("mediation.part-clusters", **_tests(m.clustered)), _least(effects), alpha)


def by_clusters_sentence(result: MediationResult) -> str:
    """Return a sentence on what the tests with clusters find, with a p-value for each x, or that there are none."""
    tests = result.mediators[0].clustered
    if tests is None:
        return say("mediation.no-clusters")
    effects = in_order(tests.indirect)
    p_values = [say("mediation.p-at", place=i.place, p=p_equals(i.p_holm)) for i in effects if i.p_holm is not None]
    same = alike(effects) or len({p_equals(i.p_holm) for i in effects}) == 1
    places = p_equals(effects[0].p_holm) if same else listed(p_values, "comma")
    established = any(i.sense != "open" for i in tests.indirect)
    verdict = "mediation.clusters-establish" if established else "mediation.clusters-do-not"
    clusters = listed([column_word(name) for name in (tests.cluster, *(name for name, _ in tests.others))], "and")
    return say(verdict, cluster=clusters, p=places)


def _tests(found: ByClusters) -> dict[str, str]:
    """Return the words for a sentence on the tests with clusters.

    They are the clusters, the number of draws, and whether the path to the mediator was tested on cells.
    """
    drawn = {"cluster": column_word(found.cluster), "n": str(found.n), "draws": f"{found.draws:,}"}
    if found.cells is None:
        tests = say("mediation.tests-by-clusters", **drawn)
    else:
        tests = say("mediation.tests-by-clusters-and-cells", **drawn, cells=f"{found.cells:,}")
    for name, n in found.others:
        tests = say("mediation.tests-by-others", tests=tests, cluster=column_word(name), n=str(n))
    return {"tests": tests}


def promotes_parts(result: MediationResult, labels: Labels, table: str) -> tuple[Part, ...]:
    """Return the conditions of "promotes through": more of the mediator raises the outcome, and nothing else."""
    m, alpha = result.mediators[0], 1 - result.level
    effects, words = in_order(m.indirect), _words(result, labels)
    least = _least(_rises_and_raises(effects))
    raises, level = say("mediation.part-raises", **words), percent(alpha, 0)
    first = (
        Part(say("mediation.part-never", what=raises, level=level), False, None, "raises")
        if least is None
        else below_level("raises", raises, least, alpha, cell=_cell_of_least(_rises_and_raises(effects), table))
    )
    contrary = [i for i in effects if i.sense not in ("open", "rises and raises")]
    against = say("mediation.part-nothing-else")
    if contrary:
        where = listed([where_of(i, result, labels) for i in contrary], "clauses")
        against = say("mediation.part-else", found=found_at(contrary[0], result, labels), places=where)
    clusters = _clusters_part(m, _rises_and_raises(confirmed(m, alpha)), alpha)
    return first, Part(against, not contrary, None, "nothing_else"), clusters


def _rises_and_raises(effects: Sequence[Indirect]) -> list[Indirect]:
    """Return the effects for which the mediator rises with the treatment and raises the outcome."""
    return [i for i in effects if i.a > 0 and i.estimate > 0]


def what_was_found(result: MediationResult, labels: Labels) -> str:
    """Return text on what both kinds of tests establish at each x: how the mediator moves and how it acts."""
    m = result.mediators[0]
    effects = [i for i in in_order(confirmed(m, 1 - result.level)) if i.sense != "open"]
    if not effects:
        of_the_table = any(i.sense != "open" for i in m.indirect)
        missing = "mediation.not-tested-by-clusters" if m.clustered is None else "mediation.not-by-clusters"
        return say(missing if of_the_table else "mediation.nothing-established")
    words = _words(result, labels)
    findings = []
    for what in dict.fromkeys(i.sense for i in effects):
        effects_found = [i for i in effects if i.sense == what]
        places = listed([i.place for i in effects_found], "and")
        key = f"mediation.found-{what.replace(' ', '-')}"
        findings.append(say(key, places=places, **words))
    return listed(findings, "semicolon")


def _words(result: MediationResult, labels: Labels) -> dict[str, str]:
    return {
        "mediator": prose_of(result.mediators[0].name, labels),
        "treatment": prose_of(result.treatment, labels),
        "outcome": prose_of(result.outcome, labels),
    }
