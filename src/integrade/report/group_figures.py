"""A forest of groups: the effect in each group and in all, with the test that it is equal in all groups."""

from __future__ import annotations

from collections.abc import Mapping

from integrade.errors import EmptyTable, UnknownName, did_you_mean
from integrade.judge.groups import overall, pooled_steepness, pooled_turn
from integrade.judge.naming import errors_words, group_name, label_of, split_word
from integrade.models.fit.contrasts import Combination
from integrade.models.fit.results import Coefficient, FitResult, by_term
from integrade.models.groups.records import GroupComparison, GroupSplit
from integrade.numerals import fixed, p_equals
from integrade.report.forest import ForestRow, fieller_pieces, forest, known
from integrade.report.style import Chart
from integrade.texts import listed, say

Labels = Mapping[str, str]
STEEPNESS, TURNING = "steepness", "turning_point"


def groups_figure(
    split: GroupSplit, pooled: FitResult | None = None, labels: Labels | None = None, *, target: str = ""
) -> Chart:
    """One row per group, the pooled one below them, and in the subtitle the test of equal effects across groups.

    ``target``: ``steepness`` (of the fitted curve over the range that all groups share), ``turning_point``, or a term;
    not given: steepness where there is a square and the range is shared, else the treatment.
    """
    labels, found = labels or {}, split.comparison
    what = target or usual_target(found)
    rows = [*_rows(found, what, labels), *_pooled(found, what, pooled)]
    name = split_word(split.how, split.title)
    outcome, x = label_of(found.groups[0].fit.outcome, labels), label_of(found.treatment, labels)
    low, high = map(fixed, found.middle)
    titles = {
        STEEPNESS: say("group_figures.steepness", outcome=outcome, treatment=x, low=low, high=high),
        TURNING: say("group_figures.turning-point", outcome=outcome, treatment=x),
    }
    return forest(
        rows,
        title=say("group_figures.title", treatment=x, outcome=outcome, split=name),
        x_title=titles.get(what) or say("group_figures.coefficient", term=label_of(what, labels), outcome=outcome),
        subtitle=_tests(split, pooled is not None),
        reference=None if what == TURNING else 0.0,
    )


def usual_target(found: GroupComparison) -> str:
    """What is drawn where nothing is asked for."""
    squared = any(f"{found.treatment}^2" in by_term(g.fit) for g in found.groups)
    return STEEPNESS if squared and found.strengths else found.treatment


def _rows(found: GroupComparison, what: str, labels: Labels) -> list[ForestRow]:
    """The estimate in each group; a group whose regression lacks it is left out."""
    terms = list(dict.fromkeys(t for g in found.groups for t in by_term(g.fit)))
    if what not in (*terms, STEEPNESS, TURNING):
        raise UnknownName(f"no group has a term {what!r}", remedy=did_you_mean(what, [STEEPNESS, TURNING, *terms]))
    sizes = {g.group: g.fit.nobs for g in found.groups}
    if what == STEEPNESS:
        if not found.strengths:
            raise EmptyTable(
                "the groups share too little of the range of the treatment: their steepness is not compared",
                remedy=f"draw the turning points or a term: target={TURNING!r}",
            )
        return [_row(group_name(s.name, labels), s, sizes[s.name]) for s in found.strengths]
    if what == TURNING:
        return [
            ForestRow(
                group_name(g.group, labels),
                t.turning_point,
                fieller_pieces(t.fieller_kind, t.fieller_low, t.fieller_high),
                g.fit.nobs,
            )
            for g in found.groups
            if (t := g.u_test) is not None
        ]
    own = [(g, by_term(g.fit).get(what)) for g in found.groups]
    return [_row(group_name(g.group, labels), c, g.fit.nobs) for g, c in own if c is not None]


def _row(name: str, c: Coefficient | Combination, n: int, *, marked: bool = False) -> ForestRow:
    return ForestRow(name, c.estimate, known(c.conf_low, c.conf_high), n, marked)


def _pooled(found: GroupComparison, what: str, pooled: FitResult | None) -> list[ForestRow]:
    """The same of all groups together, in the fit that is given."""
    own = by_term(pooled) if pooled else {}
    if pooled is None or found.treatment not in own:
        return []
    name = say("group_figures.pooled")
    if what == STEEPNESS:
        return [_row(name, pooled_steepness(found, pooled), pooled.nobs, marked=True)]
    if what == TURNING:
        t = pooled_turn(found, pooled)
        pieces = fieller_pieces(t.fieller_kind, t.fieller_low, t.fieller_high) if t else ()
        return [ForestRow(name, t.turning_point, pieces, pooled.nobs, marked=True)] if t else []
    return [_row(name, own[what], pooled.nobs, marked=True)] if what in own else []


def _tests(split: GroupSplit, pooled: bool) -> str:
    """What the bars are, and the p-values of equal effects."""
    found = split.comparison
    said = [say("group_figures.bars", errors=errors_words(found.stacked))]
    said += [say("group_figures.pooled-marked")] if pooled else []
    if found.joint:
        p, permuted, wild = overall(split)
        tests = [p_equals(p)]
        tests += [say("group_figures.permuted", p=p_equals(permuted))] if permuted is not None else []
        tests += [say("group_figures.wild", p=p_equals(wild))] if wild is not None else []
        said.append(say("group_figures.equal", tests=listed(tests, "comma")))
    else:
        said.append(say("group_figures.one-group"))
    return listed(said, "semicolon")
