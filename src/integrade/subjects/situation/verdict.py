"""Write the report's sentences on the index and quality over time, on single goods, and on effect sizes."""

from __future__ import annotations

import math

from integrade.regress.students import t_quantile
from integrade.subjects.robustness.verdict import placebos
from integrade.subjects.situation.break_date import BreakDate
from integrade.subjects.situation.trends import GroupChange, YearExtremes
from integrade.verdicts import cells, places
from integrade.verdicts.bundle import Index, StudyResults, of_quality, of_the_index
from integrade.verdicts.named_rules import noise_matters
from integrade.verdicts.naming import (
    dates_text,
    followed,
    good_word,
    member_word,
    number_of_table,
    place_word,
    prose_of,
    split_word,
)
from integrade.verdicts.parts import LEVEL
from integrade.wording.numerals import below, fixed, noise_text, p_equals, percent
from plainwords.texts import Cell, listed, quoted, say

# With fewer years the report adds that the data support a set of break dates, not one date. A convention.
SHORT = 20
NAMED = 3
"""Number of regions at each end of the ranking that a sentence names."""


def index(results: StudyResults) -> list[str]:
    """Describe the trend of the index, its break, and how far the order of regions persists."""
    result = results.situation
    if result is None:
        return []
    sentences = [_break(b, column) for column, b in enumerate(result.breaks, start=1)]
    if result.extremes:
        last = result.extremes[-1]
        ends = say(
            "situation.most-segmented" if results.index.by_prices else "situation.least-integrated",
            year=str(last.year),
            regions=listed([place_word(p.region) for p in last.most[:NAMED]], "and"),
        )
        sentences.append(listed([ends, *_within_intervals(results.index, last), *_stayed(results)], "sentences"))
    return [*sentences, *result.notes]


def jackknife_quantile(index: Index) -> float:
    """Return the factor of the jackknife interval: the 97.5% quantile of t with K - 1 degrees of freedom (K goods).

    For an index that is not made from prices it is the quantile of the normal distribution.
    """
    return t_quantile(0.975, max(index.n_goods - 1, 1) if index.by_prices else math.inf)


def _within_intervals(index: Index, year: YearExtremes) -> list[str]:
    """Return sentences on how many other regions lie within the interval of each named region.

    The list is empty if no region lies within another's interval.

    The wider the interval of a region's integration (Figure 3 draws it), the more uncertain is its rank.
    """
    points = [p for p in index.points if p.year == year.year and math.isfinite(p.integration)]
    half, inside = jackknife_quantile(index), dict[str, int]()
    for named in year.most[:NAMED]:
        p = next((p for p in points if p.region == named.region), None)
        if p is not None and p.se_integration is not None and math.isfinite(p.se_integration):
            low, high = p.integration - half * p.se_integration, p.integration + half * p.se_integration
            inside[p.region] = sum(low <= q.integration <= high for q in points if q is not p)
    if not any(inside.values()):
        return []
    each = [say("situation.within-interval", region=place_word(r), inside=str(n)) for r, n in inside.items()]
    return [say("situation.within-intervals", others=str(len(points) - 1), each=listed(each, "clauses"))]


def break_established(results: StudyResults) -> BreakDate | None:
    """Return the break of the national series that its test establishes, the better one by BIC if there are two.

    The test rejects with independent errors and with errors as persistent as estimated. Returns None if no break is
    established.
    """
    breaks = results.situation.breaks if results.situation else ()
    established = [b for b in breaks if below(b.p_value, LEVEL) and below(b.p_persistent, LEVEL)]
    return min(established, key=lambda b: b.bic_break, default=None)


def _break(found: BreakDate, column: int) -> str:
    """Describe the test for a break, the date of the break, and the reservations that apply."""
    p, persistent = (
        Cell(places.BREAKS, column, row) for row in ("p_independent_errors", "p_errors_as_persistent_as_found")
    )
    test = say(
        "situation.sup-f",
        p=quoted(p_equals(found.p_value), p),
        persistent=quoted(p_equals(found.p_persistent), persistent),
    )
    what = say("situation.level" if found.model == "level" else "situation.level-and-slope")
    if not below(found.p_value, LEVEL):
        return say("situation.break-not-established", what=what, test=test)
    whole = say(
        "situation.break" if below(found.p_persistent, LEVEL) else "situation.break-possible",
        what=what,
        before=str(found.last_before),
        after=str(found.last_before + 1),
        test=test,
        dates=say("situation.dates", dates=dates_text(found.dates)),
    )
    short = [say("situation.few-years", years=str(found.n))] if found.n < SHORT else []
    straight = found.model != "trend" and found.bic_line < found.bic_break
    line = [say("situation.straight-line")] if straight else []
    return listed([whole, *short, *line], "sentences")


def _stayed(results: StudyResults) -> list[str]:
    """Return a sentence on how far the order of the regions lasts from year to year; empty if it is unknown."""
    years = results.situation.extremes if results.situation else ()
    known = [y.rank_correlation for y in years if y.rank_correlation is not None]
    if not known:
        return []
    mean, table = sum(known) / len(known), number_of_table(results, places.EXTREMES)
    # Mean rank correlations of 0.3 and 0.7 separate the three wordings: conventions, not tests.
    if mean < 0.3:
        return [say("situation.order-hardly-lasts", correlation=fixed(mean, 2), table=table)]
    lasting = "situation.order-lasts-in-part" if mean < 0.7 else "situation.order-lasts"
    return [say(lasting, correlation=fixed(mean, 2), table=table)]


def quality(results: StudyResults) -> list[str]:
    """Describe how the outcome moved over time, in all firms and in groups, and the limits of that comparison."""
    trends = results.situation.trends if results.situation else None
    whole = next((c for c in trends.changes if not c.by), None) if trends else None
    if trends is None or whole is None:
        return []
    sentences = [_mean_change(whole, prose_of(trends.outcome, results.labels), followed(results.labels))]
    tested = [c for c in trends.changes if c.by and c.std_error]
    moved = [c for c in tested if abs(c.change) > critical(c) * (c.std_error or 0.0)]
    if tested:
        counted = {
            "groups": str(len(tested)),
            "chance": fixed(LEVEL * len(tested), 1),
            "table": number_of_table(results, places.OUTCOME_BY_GROUP),
        }
        each = [
            say("situation.group-change", group=member_word(c.by, c.group, results.labels), change=fixed(c.change))
            for c in moved[:6]
        ]
        sentences.append(
            say("situation.groups-moved", **counted, moved=str(len(moved)), listed=listed(each, "and"))
            if each
            else say("situation.no-group-moved", **counted)
        )
    if trends.outcome == "quality":
        sentences.append(say("situation.quality-is-relative"))
    return sentences


def critical(change: GroupChange) -> float:
    """Return the critical value for the t of a change at 5%.

    It is the quantile of t; the degrees of freedom are the group's number of regions minus one.
    """
    return t_quantile(1 - LEVEL / 2, (change.regions or 1) - 1)


def _mean_change(whole: GroupChange, name: str, units: str) -> str:
    """Return a sentence on the change of the mean over all firms, and over firms present in both years if known."""
    if whole.std_error is None:
        error = say("situation.no-error")
    else:
        error = say("situation.error", error=fixed(whole.std_error))
    change, first, last = fixed(whole.change), str(whole.first), str(whole.last)
    if whole.change_stayers is None:
        return say("situation.mean-change", units=units, name=name, change=change, first=first, last=last, error=error)
    return say(
        "situation.mean-change-and-stayers",
        units=units,
        name=name,
        change=change,
        first=first,
        last=last,
        error=error,
        stayers=whole.n_stayers,
        theirs=fixed(whole.change_stayers),
    )


def trust(results: StudyResults) -> list[str]:
    """Describe the influence of single goods, the noise by year, and the regions' own components of the index."""
    result, sentences = results.situation, list[str]()
    if result is None:
        return []
    known = [g for g in result.goods if g.mean_change is not None]
    if known:
        top = known[0]
        lowest = min((g for g in known if g.correlation is not None), key=lambda g: g.correlation or 0.0, default=top)
        sentences.append(
            say(
                "situation.one-good",
                table=number_of_table(results, places.GOODS),
                good=good_word(top.commodity, results.labels),
                region=place_word(top.region or ""),
                period=str(top.period),
                change=quoted(fixed(top.largest_change), cells.of_good(results, top.commodity, "largest_change")),
                other=good_word(lowest.commodity, results.labels),
                correlation=quoted(fixed(lowest.correlation), cells.of_good(results, lowest.commodity, "correlation")),
            )
        )
    shares = [(p.share, p.period) for p in result.noise if p.share is not None]
    if len(shares) > 1:
        (low, when), (high, then) = min(shares), max(shares)
        sentences.append(
            say(
                "situation.noise-by-year",
                table=number_of_table(results, places.NOISE_BY_YEAR),
                low=quoted(noise_text(low), Cell(places.NOISE_BY_YEAR, "noise_share", str(when))),
                low_year=str(when),
                high=quoted(noise_text(high), Cell(places.NOISE_BY_YEAR, "noise_share", str(then))),
                high_year=str(then),
            )
        )
    return sentences


def effects(results: StudyResults) -> list[str]:
    """Describe the sizes of the effects."""
    sizes_of_effects = results.effects
    moves = {e.move: e for e in sizes_of_effects.rows} if sizes_of_effects else {}
    if sizes_of_effects is None or "p10 to p50" not in moves:
        return []
    a, b = moves["p10 to p50"], moves["p50 to p90"]
    return [
        say(
            "situation.effects-uncorrected"
            if of_the_index(results) and noise_matters(results)
            else "situation.effects",
            outcome=prose_of(sizes_of_effects.outcome, results.labels),
            x=prose_of(a.variable, results.labels),
            table=number_of_table(results, places.EFFECTS),
            lower=quoted(fixed(a.in_sd), cells.of_move(results, a.move)),
            upper=quoted(fixed(b.in_sd), cells.of_move(results, b.move)),
        )
    ]


def limits(results: StudyResults) -> list[str]:
    """List the limits of the study's results.

    Results hold for the observed regions, goods, firms and range of the treatment. With many hypotheses, some are found
    by chance.
    """
    index, sentences = results.index, list[str]()
    if index.by_prices:
        sentences.append(say("situation.limits-of-the-index", goods=str(index.n_goods)))
    if results.benchmark and of_quality(results):
        sentences.append(say("situation.limits-of-the-firms"))
        fit = results.benchmark[-1].headline
        if fit.outcome == "quality":
            sentences.append(say("situation.errors-of-quantities"))
    if len(results.verdicts) > 1:
        sentences.append(_many(results))
    return sentences


def _many(results: StudyResults) -> str:
    """Return a sentence on how many hypotheses are judged, and that p-values of group differences are adjusted."""
    # a rule of the study's author may name another level
    key = "situation.many-hypotheses-by-rule" if results.hypotheses else "situation.many-hypotheses"
    judged = [say(key, level=percent(LEVEL, 0))]
    family = {a.name for a in results.group_family}
    splits = [split_word(s.how, s.title) for s in results.groups if s.title in family]
    if len(splits) > 1:
        judged.append(say("situation.many-and-holm", splits=str(len(splits)), listed=listed(splits, "and")))
    tables = list(dict.fromkeys(number_of_table(results, p.table) for p in placebos(results)))
    across = [say("situation.placebos-holm", tables=listed(tables, "and"))] if len(tables) > 1 else []
    return listed([*judged, *across, say("situation.holm-within-a-table")], "sentences")
