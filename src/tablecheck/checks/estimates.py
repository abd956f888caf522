"""Check the coefficient, standard error, t, p, interval and stars of each estimate against each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tablecheck.checks.causes import Cause, Judged, common_causes, is_established, with_minus
from tablecheck.checks.consistency import MOST_SKEWED, Case, Cells, case_of, cells_of, conflict, missing_stars, p_span
from tablecheck.checks.rules import Rule, rules
from tablecheck.checks.terms import critical, p_of, t_span
from tablecheck.findings import Finding
from tablecheck.printed import PublishedTable
from tablecheck.students import t_two_sided


def check_estimates(table: PublishedTable) -> Iterator[Finding]:
    """Check every estimate under every rule that the table may follow.

    An estimate is reported only if it contradicts all rules. Rules are tried in the order of their likelihood; the
    search stops at a rule under which all estimates are consistent. Contradictions with one cause are one doubt.
    """
    cells = cells_of(table)
    absolute = _prints_absolute(cells)
    tried: list[tuple[Rule, list[tuple[str, ...]]]] = []
    # Conflicts found so far, by the estimate, the p of its stars, and the meaning of its brackets: rules share them.
    known: dict[tuple[object, ...], tuple[str, ...]] = {}
    for rule in rules(table):
        conflicts = []
        for n, (cell, star) in enumerate(zip(cells, missing_stars(cells, rule), strict=True)):
            case = case_of(cell, rule, absolute=absolute, missing=star != "open")
            key = (n, case.stars, *(rule.loose.get(k) for k in sorted(cell.estimate.loose)))
            if key not in known:
                known[key] = conflict(case)
            conflicts.append(known[key])
        if not any(conflicts):
            return
        tried.append((rule, conflicts))
    counts = [sum(map(bool, conflicts)) for _, conflicts in tried]
    rule, conflicts = tried[counts.index(min(counts))]
    always = [all(bool(f[n]) for _, f in tried) for n in range(len(cells))]
    missing = missing_stars(cells, rule)
    cases = [case_of(c, rule, absolute=absolute, missing=m != "open") for c, m in zip(cells, missing, strict=True)]
    judged = [Judged(*one) for one in zip(cells, cases, conflicts, strict=True)]
    causes = common_causes(table, rule, judged, absolute=absolute)
    yield from (_common(table, cause, rule) for cause in causes)
    gathered = {id(one) for cause in causes for one in cause.members}
    may_be_absolute = _may_be_absolute(cells)
    for n, one in enumerate(judged):
        if not one.facts or id(one) in gathered:
            continue
        likely = missing[n] == "likely" and not one.cell.marks and "stars" in one.facts
        unsigned = may_be_absolute and not conflict(
            case_of(one.cell, rule, absolute=True, missing=missing[n] != "open")
        )
        minus = _may_have_a_minus(one, rule, absolute=absolute)
        profile = one.case.skewed > 0 and not conflict(replace(one.case, skewed=MOST_SKEWED))
        sure = always[n] and not table.doubts and not likely and not unsigned and not profile and not minus
        sure = sure and is_established(judged, one, is_drawn=table.grid.file.lower().endswith(".pdf"))
        yield _finding(table, one, rule, "contradiction" if sure else "doubt")


def _may_have_a_minus(one: Judged, rule: Rule, *, absolute: bool) -> bool:
    """Return whether an estimate is consistent if the 2 at its beginning is a minus sign."""
    cell = one.cell._replace(estimate=with_minus(one.cell.estimate))
    missing = one.case.stars is not None
    return cell.estimate is not one.cell.estimate and not conflict(
        case_of(cell, rule, absolute=absolute, missing=missing)
    )


def count_compared(table: PublishedTable) -> int:
    """Return the number of estimates with two facts that can contradict each other, under the likeliest rule."""
    rule, cells = rules(table)[0], cells_of(table)
    count = 0
    for cell, star in zip(cells, missing_stars(cells, rule), strict=True):
        case = case_of(cell, rule, absolute=False, missing=star != "open")
        count += len(case.kinds) + (case.stars is not None) + (case.estimate.interval is not None) > 1
    return count


def check_thresholds(table: PublishedTable) -> Iterator[Finding]:
    """Note each t that is so near a critical value of the table's distribution that its rounding decides the stars."""
    for rule in rules(table)[:1]:
        for cell in cells_of(table):
            column, estimate = cell.column, cell.estimate
            span = None if estimate.is_below else _about(case_of(cell, rule, absolute=False))
            if span is None or column.notes.adjusted or column.notes.resampled or not rule.levels:
                continue
            due = [sum(p_of(t, column) < level for level in rule.levels.values()) for t in span]
            if due[0] != due[1]:
                shown = sum(span) / 2
                p = p_of(shown, column)
                message = f"t = {shown:.2f} (p = {p:.4f}) is so near a threshold that rounding decides between "
                yield Finding(
                    "stars",
                    "note",
                    table.name,
                    f"{column.label}, {estimate.term}",
                    f"{message}{min(due)} and {max(due)} of the levels: print the p-value",
                    {"t_low": span[0], "t_high": span[1]},
                    cells=(estimate.place,) if estimate.place else (),
                )


def _prints_absolute(cells: Cells) -> bool:
    """Return whether all t are positive although two or more coefficients are negative."""
    estimates = (c.estimate for c in cells)
    both = [(e.b.value, e.t.value) for e in estimates if e.b is not None and e.t is not None and e.t.value]
    return sum(b < 0 for b, _ in both) >= 2 and all(t > 0 for _, t in both)


def _may_be_absolute(cells: Cells) -> bool:
    """Return whether no t is negative although a coefficient is negative.

    `_prints_absolute` needs two negative coefficients, because a single positive t may be a slip.
    """
    both = [(e.b.value, e.t.value) for _, e, *_ in cells if e.b is not None and e.t is not None]
    return any(b < 0 for b, _ in both) and all(t >= 0 for _, t in both)


def _finding(table: PublishedTable, one: Judged, rule: Rule, grade: str) -> Finding:
    """Describe a contradiction or doubt in the numbers of one estimate."""
    estimate, case, facts = one.cell.estimate, one.case, one.facts
    arithmetic = "; ".join(_description(case, name) for name in facts)
    numbers: dict[str, float] = {"b": estimate.b.value if estimate.b is not None else math.nan}
    numbers |= {k: v.value for k, v in case.kinds.items()}
    span = _about(case)
    if span:
        middle = sum(span) / 2
        numbers |= {"t_low": span[0], "t_high": span[1], "p": t_two_sided(middle, case.many)}
    shown = estimate.b.text if estimate.b is not None else estimate.label
    stated = "" if "stars" not in facts else f" (stars by {rule.name})"
    return Finding(
        _check(facts),
        grade,  # type: ignore[arg-type]
        table.name,
        f"{one.cell.column.label}, {estimate.term}",
        f"{shown}: {arithmetic}{stated}: no true values print all of this",
        numbers,
        arithmetic,
        _places(one),
        "an interval of the profile likelihood, or a misprint in one of the cells"
        if "interval" in facts and case.skewed
        else "a standard error or p-value from another method than the stars, or a misprint in one of the cells",
        "which of these cells is right, and which test the stars come from",
    )


SHOWN = 3
"""Number of estimates that a finding about many of them quotes."""
_FACTS = {
    "se": "standard errors",
    "t": "t statistics",
    "t2": "Wald statistics",
    "p": "p-values",
    "stars": "stars",
    "interval": "intervals",
}


def _common(table: PublishedTable, cause: Cause, rule: Rule) -> Finding:
    """Describe contradictions of many estimates with one cause."""
    count, first = len(cause.members), cause.members[:SHOWN]
    facts = " and ".join(_FACTS[fact] for fact in cause.facts)
    by = f" (stars by {rule.name})" if "stars" in cause.facts else ""
    likely = (
        f"they all agree with {cause.reading}"
        if cause.reading
        else "the numbers below this term may belong to something else"
        if cause.is_row
        else "no usual reading reconciles all of them"
    )
    quoted = [one.cell.estimate.b.text if one.cell.estimate.b is not None else one.cell.estimate.label for one in first]
    return Finding(
        _check(cause.facts),
        "doubt",
        table.name,
        cause.part,
        f"the {facts}{by} do not fit {count} of {cause.of} estimates, such as {', '.join(quoted)}; {likely}",
        {"conflicts": float(count), "estimates": float(cause.of)},
        "; ".join(_description(one.case, name) for one in first for name in one.facts),
        tuple(dict.fromkeys(place for one in cause.members for place in _places(one))),
        "the table was read in another way than it is meant, or its note describes other numbers",
        "what the numbers in brackets are, and which levels the stars have",
    )


def _check(facts: Sequence[str]) -> str:
    """Return the name of the check that finds these facts in contradiction."""
    return "stars" if "stars" in facts else "signs" if tuple(facts) == ("t",) else "tests"


def _places(one: Judged) -> tuple[str, ...]:
    """Return the positions of the cells of an estimate."""
    return tuple(dict.fromkeys(filter(None, (one.cell.estimate.place, *(v.place for v in one.case.kinds.values())))))


def _about(case: Case) -> tuple[float, float] | None:
    return t_span(case.estimate.b, case.kinds.get("se"), case.kinds.get("t"))


def _description(case: Case, name: str) -> str:
    """Describe one fact of a conflict in words."""
    b = case.estimate.b
    if name == "t":
        t = case.kinds["t"]
        if b is not None and b.low * b.high > 0 and t.low * t.high > 0 and b.value * t.value < 0 and not case.absolute:
            return f"t = {t.value:g} against the sign of {b.value:g}"
        return f"t = {t.value:g}, p = {_p(t.value, case)}"
    if name == "t2":
        square = case.kinds["t2"].value
        return f"Wald = {square:g} is (b / s.e.)^2 of |z| = {math.sqrt(square):.4g}, p = {_p(math.sqrt(square), case)}"
    if name == "se":
        se = case.kinds["se"]
        span = t_span(b, se, None)
        ratio = (
            f"{b.value:g} / {se.value:g} = {b.value / se.value:.4g}"
            if b is not None and se.value
            else f"s.e. {se.value:g}"
        )
        allowed = f" ({span[0]:.3g} to {span[1]:.3g} with rounding)" if span else ""
        return f"{ratio}{allowed}"
    if name == "p":
        low, high = p_span(case.kinds["p"])
        return (
            f"p = {case.kinds['p'].text} needs |t| from {critical(high, case.many):.2f} to "
            f"{critical(low, case.few):.2f}"
        )
    if name == "interval":
        lower, higher = case.estimate.interval or (None, None)
        assert lower is not None
        assert higher is not None
        ends = f"the interval {lower.value:g} to {higher.value:g}"
        if case.ratio and lower.value > 0 and higher.value > 0:
            return f"{ends} of a ratio has its middle, in logarithms, at {math.sqrt(lower.value * higher.value):.4g}"
        return f"{ends} has its middle at {(lower.value + higher.value) / 2:g}"
    assert case.stars is not None
    low, high = case.stars
    marks = case.estimate.marks
    least, most = critical(high, case.many), critical(low, case.few)
    if not marks:
        return f"no star needs |t| of {most:.2f} at most, at the most lenient" if low < 1 else "no star"
    upper = f" and at most {most:.2f}" if math.isfinite(most) else ""
    return f"{marks} needs |t| of at least {least:.2f}{upper}, at the most lenient"


def _p(statistic: float, case: Case) -> str:
    few, many = (max(t_two_sided(statistic, df), 0.001) for df in (case.few, case.many))
    least = "<0.001" if many <= 0.001 else f"{many:.3f}"
    return least if abs(few - many) < 0.0005 else f"{least} (normal) to {few:.3f} (t with {case.few:g} df)"
