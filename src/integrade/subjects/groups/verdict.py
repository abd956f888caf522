"""Test the splits of the sample as one family, and check the conditions of rules about groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from integrade.errors import IntegradeError
from integrade.estimate.contrasts import Combination, combination, delta, joint_test
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.multiple import Adjusted, holm
from integrade.estimate.results import FitResult, by_term
from integrade.subjects.groups.records import Difference, GroupComparison, GroupFit, GroupSplit, Permuted
from integrade.subjects.groups.strength import SHARED, TERM, steepness
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.cells import of_split
from integrade.verdicts.clustering import needs_wild
from integrade.verdicts.naming import dimension_word, group_word
from integrade.verdicts.parts import LEVEL, Part, all_hold, below_level
from integrade.wording.numerals import below, fixed, p_equals, p_text, percent
from plainwords.texts import Cell, listed, quoted, say

Labels = Mapping[str, str]


class Equality(NamedTuple):
    """The p-values of equality in all groups: by the Wald test, by permuted labels, and by the wild bootstrap."""

    p: float
    permuted: float | None
    wild: float | None


def overall(split: GroupSplit) -> Equality:
    """Return the p-values of equality in all groups of a split. A p-value that was not drawn is None."""
    comparison = split.comparison
    if comparison.overall is not None:
        return Equality(comparison.overall.p_value, comparison.overall_p_permutation, comparison.overall_p_wild)
    only = comparison.joint[0]
    return Equality(only.test.p_value, only.p_permutation, comparison.overall_p_wild)


def cells_of_tests(results: StudyResults, split: GroupSplit) -> dict[str, Cell]:
    """Return the cells in which the table of a split prints the p-values of equality, unadjusted and adjusted."""
    place, one = of_split(results, split), len(results.group_family) < 2
    p, wild = Cell(place, 1, "overall"), Cell(place, 1, "overall.wild")
    after = 3 if p_text(overall(split).permuted) else 2  # a p that is missing has no cell
    return {
        "p": p,
        "permuted": Cell(place, 2, "overall"),
        "adjusted": p if one else Cell(place, after, "overall"),
        "wild": wild,
        "adjusted_wild": wild if one else Cell(place, 1, "overall.wild.holm"),
    }


def cell_of_groups(place: str, found: GroupComparison, row: str, *groups: str) -> Cell:
    """Return the cell of a row of a split's table, in the column of a group or of the difference of two groups."""
    names = [g.group for g in found.groups]
    return Cell(place, "-".join(str(names.index(group) + 1) for group in groups), row)


def cell_of_wild(place: str, found: GroupComparison, group: str) -> Cell:
    """Return the cell that prints the wild bootstrap's p of all terms of the treatment together, in one group."""
    x = found.treatment
    return cell_of_groups(place, found, f"{x}+{x}^2.wild", group)


def pooled_steepness(found: GroupComparison, pooled: FitResult) -> Combination:
    """Return the average steepness of the curve of the regression of all groups.

    It is computed as for each group, over the range that the groups share.
    """
    coefficients = by_term(pooled)
    terms = [t for t in (found.treatment, f"{found.treatment}^2") if t in coefficients]
    b1, b2 = ([coefficients[t].estimate for t in terms] + [0.0])[:2]
    value, gradient = steepness(b1, b2, *found.middle)
    return delta(pooled, value, dict(zip(terms, gradient, strict=False)), TERM)


def slope_at(fit: FitResult, x: str, at: float) -> Combination | None:
    """Return the slope b1 + 2 b2 x of one group's fit, with its error and degrees of freedom; None without b1."""
    coefficients = by_term(fit)
    weights = {term: w for term, w in ((x, 1.0), (f"{x}^2", 2 * at)) if term in coefficients}
    return combination(fit, weights, "slope") if x in coefficients else None


def pooled_turn(found: GroupComparison, pooled: FitResult) -> UTest | None:
    """Return the U-test of the pooled regression of all groups; None without a square."""
    return u_test(pooled, found.treatment) if f"{found.treatment}^2" in by_term(pooled) else None


def adjusted_p(split: GroupSplit, family: Sequence[Adjusted]) -> float:
    """Return the p of equality in all groups, Holm-adjusted over the splits of the study."""
    return next((a.p_holm for a in family if a.name == split.title), overall(split).p)


def adjusted_wild(split: GroupSplit, splits: Sequence[GroupSplit]) -> float | None:
    """Return the wild bootstrap p of equality in all groups, Holm-adjusted over the splits that have such a p."""
    p_own = overall(split).wild
    drawn = {s.title: p for s in splits if (p := overall(s).wild) is not None}
    if p_own is None or split.title not in drawn:
        return p_own
    adjusted = holm(list(drawn.values()))
    return float(adjusted[list(drawn).index(split.title)])


def difference_parts(results: StudyResults, split: GroupSplit) -> tuple[Part, ...]:
    """Return the conditions of "the effect differs": p-values of equal effects in all groups are below the level.

    The tests are the Wald test from the stacked regression and the wild bootstrap, each Holm-adjusted over the splits
    of the study. The test by permuted labels is added if labels were permuted. A wild bootstrap that was not drawn is
    not needed if the joint test is by CR3; otherwise it is needed, and without it the difference is not established.
    """
    comparison, permuted, of = split.comparison, overall(split).permuted, cells_of_tests(results, split)
    over = len(results.group_family)
    joint, wild = (
        say(f"group_tests.{test}-holm", splits=over) if over > 1 else say(f"group_tests.{test}")
        for test in ("joint", "wild")
    )
    parts = [
        below_level("equal", joint, adjusted_p(split, results.group_family), cell=of["adjusted"]),
        _wild_part("wild", wild, adjusted_wild(split, results.groups), comparison.stacked, of["adjusted_wild"]),
    ]
    if permuted is not None and comparison.permuted is not None:
        parts.append(below_level("permuted", permuted_words(comparison.permuted), permuted, cell=of["permuted"]))
    return tuple(parts)


def _wild_part(key: str, test: str, p: float | None, by: FitResult, cell: Cell) -> Part:
    """Return the condition on the wild bootstrap. If it was needed but not drawn, the text says why it is needed."""
    needed = needs_wild(by)
    if p is None and needed:
        test = say("group_tests.needed-with", test=test, kind=by.kind)
    return replace(below_level(key, test, p, cell=cell), needed=needed)


def differ(results: StudyResults, split: GroupSplit) -> bool:
    """Return whether all conditions of `difference_parts` hold."""
    return bool(all_hold(difference_parts(results, split)))


def permuted_words(permuted: Permuted) -> str:
    """Return the name of the test by permuted labels, with whether it is exact."""
    return say("group_tests.exact" if permuted.exact else "group_tests.not-exact", unit=dimension_word(permuted.unit))


def joint_p(group: GroupFit, treatment: str) -> float | None:
    """Return the joint p of the treatment's terms in one group; None if they cannot be tested."""
    terms = [c.term for c in group.fit.coefficients if c.term in (treatment, f"{treatment}^2")]
    try:
        return joint_test(group.fit, terms).p_value if terms else None
    except IntegradeError:
        return None


def joint_wild_p(group: GroupFit, treatment: str) -> float | None:
    """Return the wild bootstrap's p of the null that `joint_p` tests; None if it was not drawn."""
    drawn = {w.null: w.p_value for w in group.fit.wild}
    return drawn.get(f"{treatment} + {treatment}^2", drawn.get(treatment))


def there(found: GroupComparison, group: str, labels: Labels, place: str = "") -> tuple[Part, ...]:
    """Return the conditions of "there is an effect in this group": the joint test of the terms, and its wild p.

    ``place`` is the place of the split's table.
    """
    of = next(g for g in found.groups if g.group == group)
    x, name = found.treatment, group_word(group, labels)
    drawn, wild = joint_wild_p(of, x), cell_of_wild(place, found, group)
    return (
        below_level("there", say("group_tests.there", group=name), joint_p(of, x)),
        _wild_part("there_wild", say("group_tests.there-wild", group=name), drawn, of.fit, wild),
    )


def stronger(found: GroupComparison, group: str, labels: Labels) -> bool | None:
    """Return whether the effect exists in this group and is steeper than in every other group.

    Returns None if the study has no comparison of steepness, or if a needed test was not made.
    """
    parts = stronger_parts(found, group, labels)
    return all_hold(parts) if parts else None


def stronger_parts(found: GroupComparison, group: str, labels: Labels, place: str = "") -> tuple[Part, ...]:
    """Return the conditions, in addition to a difference, of "the effect is stronger in this group".

    The effect must exist in the group (`there`), and its fitted curve must be steeper on average than the curve of
    every other group. The difference of steepness is tested two-sided for each pair, Holm-adjusted over all pairs of
    groups. ``place`` is the place of the split's table.
    """
    gaps = [d for d in found.stronger if group in (d.a, d.b)]
    if not gaps and apart(found):
        return (*there(found, group, labels, place), Part(not_compared(found), None, None, "steeper"))
    if not gaps:
        return ()
    parts = list(there(found, group, labels, place))
    steepness_of = _each_steepness(found, place)
    for gap in gaps:
        sign, other_group = (1, gap.b) if gap.a == group else (-1, gap.a)
        what = say(
            "group_tests.steeper",
            group=group_word(group, labels),
            other=group_word(other_group, labels),
            own=steepness_of[group],
            others=steepness_of[other_group],
            level=percent(LEVEL, 0),
            p=_p_of_gap(found, gap, place),
        )
        parts.append(Part(what, below(gap.p_holm, LEVEL) and sign * gap.estimate > 0, gap.p_holm, "steeper"))
    return tuple(parts)


def apart(found: GroupComparison) -> bool:
    """Return whether the groups share too little of the treatment's range to compare their strength."""
    return found.shared < SHARED


def not_compared(found: GroupComparison) -> str:
    """Return a clause with the smallest share of a group's rows in the shared range, and the share needed."""
    return say("group_tests.too-little-shared", share=percent(found.shared, 0), needed=percent(SHARED, 0))


def _each_steepness(found: GroupComparison, place: str) -> dict[str, str]:
    """Return the average steepness of each group, as text with its cell."""
    return {
        s.name: quoted(fixed(s.estimate, 4), cell_of_groups(place, found, "steepness", s.name)) for s in found.strengths
    }


def _p_of_gap(found: GroupComparison, gap: Difference, place: str) -> str:
    """Return the p of a difference in steepness, Holm-adjusted over the pairs, as text with its cell."""
    return quoted(p_equals(gap.p_holm), cell_of_groups(place, found, "steepness.p", gap.a, gap.b))


def not_compared_sentence(found: GroupComparison) -> list[str]:
    """Return a sentence with the reason if the strength of groups was not compared; the list is empty otherwise."""
    missing = not found.stronger and apart(found)
    return [say("group_tests.strength-not-compared", why=not_compared(found))] if missing else []


def which_steeper(found: GroupComparison, labels: Labels) -> str:
    """Return text that says, for each pair of groups, which group is established as steeper; or that none is.

    A group is called stronger only if the effect exists in it (`there`), because noise can make the curve of a group
    without an effect steep.
    """
    clear = [d for d in found.stronger if below(d.p_holm, LEVEL)]
    if not found.stronger:
        return say("group_tests.steepness-not-compared") if apart(found) else ""
    if not clear:
        return say("group_tests.none-steeper")
    clauses = []
    for d in clear:
        steeper, other = (d.a, d.b) if d.estimate > 0 else (d.b, d.a)
        what = "one-steeper" if all_hold(there(found, steeper, labels)) else "one-steeper-without-effect"
        clauses.append(say(f"group_tests.{what}", a=group_word(steeper, labels), b=group_word(other, labels)))
    return listed(clauses, "clauses")
