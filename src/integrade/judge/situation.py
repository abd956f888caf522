"""What the report says in words of the index and of quality over time, of single goods, and of effect sizes."""

from __future__ import annotations

from integrade.judge.bundle import StudyResults
from integrade.judge.naming import bai_text, dates_text, good_word, group_word, label_of
from integrade.judge.verdicts import LEVEL
from integrade.models.descriptive.break_date import BreakDate
from integrade.models.descriptive.trends import GroupChange
from integrade.numerals import fixed, p_equals, percent

SHORT = 20


def index(results: StudyResults) -> list[str]:
    """The trend, its break, and how the order of regions moves."""
    found = results.situation
    if found is None:
        return []
    said = [_break(b) for b in found.breaks]
    if found.extremes:
        last = found.extremes[-1]
        ends = ("most", "segmented") if results.index.by_prices else ("least", "integrated")
        said.append(
            f"In {last.year} {_listed([p.region for p in last.most[:3]])} were {ends[0]} {ends[1]}. {_stayed(results)}"
        )
    return [*said, *found.notes]


def _break(found: BreakDate) -> str:
    """One sentence on the test, one on the date, and the reservation that belongs to it."""
    what = "level" if found.model == "level" else "level and slope"
    there = found.p_value < LEVEL and found.p_persistent < LEVEL
    size = "level_and_slope" if found.model == "trend" else "level"
    test = (
        f"sup F = {fixed(found.sup_f, 1)}, {p_equals(found.p_value)}; {p_equals(found.p_persistent)} with errors as "
        "persistent as those found"
    )
    verdict = "changes" if there else "no change is established" if found.p_value >= LEVEL else "may change"
    opening = {
        "changes": f"The {what} of the national series changes between {found.last_before} and {found.last_before + 1}",
        "may change": f"The {what} of the national series may change between {found.last_before} and "
        f"{found.last_before + 1}",
        "no change is established": f"No break in the {what} of the national series is established; the most likely "
        f"date would be between {found.last_before} and {found.last_before + 1}",
    }[verdict]
    bai = bai_text(found)
    dates = f"dates not rejected at 5 %: last year before it {dates_text(found.dates)}" + (
        f" (Bai's interval {bai}, too short in few years)" if bai else ""
    )
    short = f" {found.n} years are few: the set of dates is what they can say." if found.n < SHORT else ""
    line = ""
    if size == "level" and found.bic_line < found.bic_break:
        line = " A straight line describes the series better than two levels do: the break is the middle of a trend."
    return f"{opening} ({test}); {dates}.{short}{line}"


def _stayed(results: StudyResults) -> str:
    years = results.situation.extremes if results.situation else ()
    known = [y.rank_correlation for y in years if y.rank_correlation is not None]
    if not known:
        return ""
    mean = sum(known) / len(known)
    reading = "hardly lasts" if mean < 0.3 else "lasts in part" if mean < 0.7 else "lasts"
    return f"The order of regions {reading} from year to year: rank correlation {fixed(mean, 2)} on average (Table 1b)."


def quality(results: StudyResults) -> list[str]:
    """How the outcome moved, in all firms and in groups, and what that cannot say."""
    trends = results.situation.trends if results.situation else None
    whole = next((c for c in trends.changes if not c.by), None) if trends else None
    if trends is None or whole is None:
        return []
    name = label_of(trends.outcome, results.labels)
    said = [
        f"Mean {name} of firms changed by {fixed(whole.change)} from {whole.first} to {whole.last} "
        f"({_error(whole)}){_stayers(whole)}."
    ]
    moved = [c for c in trends.changes if c.by and c.std_error and abs(c.change) > 1.96 * c.std_error]
    many = sum(1 for c in trends.changes if c.by)
    if many:
        listed = _listed([f"{group_word(c.group, results.labels)} ({fixed(c.change)})" for c in moved[:6]])
        said.append(
            f"Of {many} groups in Table 2c, {len(moved)} changed by more than 1.96 standard errors"
            f"{': ' + listed if moved else ''}; by chance alone about {fixed(0.05 * many, 1)} would."
        )
    if trends.outcome == "quality":
        said.append(
            "Quality is relative: effects of destination and year take out what all exporters to a market have in "
            "common, so a rise that all firms share is not in these lines. They compare groups, not decades."
        )
    return said


def _error(change: GroupChange) -> str:
    return f"s.e. {fixed(change.std_error)}" if change.std_error is not None else "no s.e. without regions"


def _stayers(change: GroupChange) -> str:
    if change.change_stayers is None:
        return ""
    return f"; that of the {change.n_stayers:,} firms there in both years by {fixed(change.change_stayers)}"


def trust(results: StudyResults) -> list[str]:
    """What single goods and the other regions do to the index."""
    found, said = results.situation, list[str]()
    if found is None:
        return []
    known = [g for g in found.goods if g.mean_change is not None]
    if known:
        top = known[0]
        lowest = min((g for g in known if g.correlation is not None), key=lambda g: g.correlation or 0.0, default=top)
        first, second = (good_word(g.commodity, results.labels) for g in (top, lowest))
        said.append(
            f"One good can move the index of a region far: without {first}, {top.region} in {top.period} "
            f"changes by {fixed(top.largest_change, 2)}. The order of regions depends most on {second}, "
            f"without which the index correlates with itself at {fixed(lowest.correlation, 2)} within years (Table "
            "A2b)."
        )
    shares = [(p.share, p.period) for p in found.noise if p.share is not None]
    if len(shares) > 1:
        (low, when), (high, then) = min(shares), max(shares)
        said.append(
            f"The share of sampling error in the variance between regions runs from {percent(low, 0)} in {when} to "
            f"{percent(high, 0)} in {then} (Table A2c)."
        )
    if found.pure is not None:
        said.append(
            "A region's own component, which leaves the other regions out, varies "
            f"{fixed(1 / found.pure.compression, 1)} times as much between regions as the index does."
        )
    return said


def effects(results: StudyResults) -> list[str]:
    """The size of the effects in words."""
    found = results.effects
    moves = {e.move: e for e in found.rows} if found else {}
    if found is None or "p10 to p50" not in moves:
        return []
    a, b = moves["p10 to p50"], moves["p50 to p90"]
    x, name = label_of(a.variable, results.labels), label_of(found.outcome, results.labels)
    said = (
        f"In standard deviations of {name} ({fixed(found.sd)}): {x} from its 10th percentile to its median goes with "
        f"{fixed(a.in_sd, 2)}, from its median to its 90th percentile with {fixed(b.in_sd, 2)}"
    )
    rise, fall = moves.get("lowest to turning point"), moves.get("turning point to highest")
    if rise is not None and fall is not None:
        said += (
            f"; over the whole range {fixed(rise.in_sd, 2)} up to the turning point and {fixed(fall.in_sd, 2)} "
            "beyond it"
        )
    return [said + " (Table 4b)."]


def limits(results: StudyResults) -> list[str]:
    """What no regression of such a study can show: places, firms, ranges, and how many claims were tried."""
    index, said = results.index, list[str]()
    if index.by_prices:
        said.append(
            f"The index is of {index.n_regions} regions and {index.n_goods} goods: barriers inside a region, and "
            "barriers that do not move the prices of these goods, it cannot see."
        )
    if results.benchmark:
        said.append(
            "Firms are those that export and whose customs records have accounts: nothing is said of firms that do not "
            "export. A firm belongs to the region of its accounts, which need not be where its goods leave the country."
        )
        fit = results.benchmark[-1].headline
        if fit.outcome == "quality":
            said.append(
                "An error in a recorded quantity is an error of quality, one for one; unit values carry it with the "
                "opposite sign."
            )
    test = next((c.u_test for c in reversed(results.benchmark) if c.u_test), None)
    if test is not None:
        said.append(
            f"The curve is known between {fixed(test.low)} and {fixed(test.high)} of "
            f"{label_of(test.variable, results.labels)}: beyond that it is an extrapolation."
        )
    if len(results.verdicts) > 1:
        said.append(
            f"{len(results.verdicts)} hypotheses are judged, each at {percent(LEVEL, 0)}, without adjustment between "
            "them."
        )
    return said


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
