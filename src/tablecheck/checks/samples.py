"""Check related columns: whether split samples add up, and whether groups differ in more than their stars."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from tablecheck.checks.terms import is_difference, p_range, places, squares, standard_error, t_range
from tablecheck.findings import Finding
from tablecheck.printed import Column, Estimate
from tablecheck.words import is_number_of_column

_WHOLE = re.compile(
    r"(?:the )?(?:all|full|whole|total|entire|pooled|overall)"
    r"(?: (?:samples?|firms|enterprises|companies|observations))?|(?:全样本|全部)(?:样本|企业)?",
    re.IGNORECASE,
)
"""Pattern of a heading that names the whole sample, but not of `Total factor productivity`."""
_NUMBER = re.compile(r"^\(?\w?\d{1,2}\)?[_ .]+|\s*\(\d{1,2}\)$")
_SAME_ROWS = re.compile(r"match|psm|weigh|winsor|trimm|adjust|control|匹配|加权|缩尾|调整|控制")
"""Words for a treatment of rows: groups named "before" and "after" such a treatment may have the same rows."""
_MAYBE = r"\b(?:pooled|baseline|overall)\b"
"""Names that may not mean the whole sample: a part with more rows is then a doubt, not a contradiction."""
_OPPOSITES = (
    (r"\bnon[- _]?|\bnot[ _-]|\bno[ _-]|非", ""),
    (r"\blow(?:er)?\b|低", r"\bhigh(?:er)?\b|高"),
    (r"\bbelow\b", r"\babove\b"),
    (r"\bsmall(?:er)?\b|小", r"\blarge(?:r)?\b|\bbig\b|大"),
    (r"\bfemale|女", r"\bmale|男"),
    (r"\bbefore\b|\bpre\b|前", r"\bafter\b|\bpost\b|后"),
    (r"\brural\b|农村", r"\burban\b|城市"),
    (r"\byoung(?:er)?\b", r"\bold(?:er)?\b"),
    (r"\bprivate\b", r"\bpublic\b"),
    (r"\beast(?:ern)?\b|东部", r"\bwest(?:ern)?\b|西部"),
    (r"\bnorth(?:ern)?\b|北方", r"\bsouth(?:ern)?\b|南方"),
)


def is_split(columns: Sequence[Column], total: float | None) -> bool:
    """Return whether columns are one regression on parts of the sample.

    They have the same terms, and their sizes sum to about the total.
    """
    sizes = [c.nobs.value for c in columns if c.nobs is not None]
    if len(columns) < 2 or len(sizes) < len(columns) or not total:
        return False
    same = all(set(c.estimates) == set(columns[0].estimates) for c in columns)
    # "About" is from half of the total to a tenth more than it; the limits are a convention.
    return same and len(set(sizes)) > 1 and 0.5 * total < sum(sizes) <= 1.1 * total


def are_opposite(one: str, other: str) -> bool:
    """Return whether two labels name groups without common rows: ``SOE`` and ``Non-SOE``, ``low`` and ``high``."""
    a, b = (_NUMBER.sub("", x.lower()) for x in (one, other))
    for first, second in _OPPOSITES:
        for x, y in ((a, b), (b, a)):
            if not re.search(first, x) or ("before" in first and _SAME_ROWS.search(x)):
                continue
            remainder = re.sub(first, "", x).strip(" _-")
            if (not second and remainder and remainder == y.strip(" _-")) or (
                second and re.search(second, y) and remainder == re.sub(second, "", y).strip(" _-")
            ):
                return True
    return False


def check_whole(columns: Sequence[Column]) -> Iterator[Finding]:
    """Check that no part of a sample, and no two disjoint groups together, are larger than the whole.

    The whole is a column under a heading that names only the whole sample. A part has the same terms, panel and
    headings, except for the heading that names the whole sample.
    """
    wholes = [c for c in columns if c.nobs is not None and any(map(_WHOLE.fullmatch, _headings(c)))]
    for whole in wholes:
        parts = [c for c in columns if _is_part(c, whole)]
        assert whole.nobs is not None
        for part in parts:
            if part.nobs is not None and part.nobs.value > whole.nobs.value:
                message = (
                    f"{part.label} has {part.nobs.value:,.0f} rows, more than the "
                    f"{whole.nobs.value:,.0f} of {whole.label}"
                )
                yield _too_many(part, message, part.nobs.value, whole, places(part.nobs, whole.nobs))
        for a, b in itertools.combinations(parts, 2):
            if a.nobs is None or b.nobs is None or not are_opposite(a.label, b.label):
                continue
            both = a.nobs.value + b.nobs.value
            if both > whole.nobs.value:
                message = (
                    f"{a.label} and {b.label} share no row and have {both:,.0f}, more than the "
                    f"{whole.nobs.value:,.0f} of {whole.label}"
                )
                yield _too_many(a, message, both, whole, places(a.nobs, b.nobs, whole.nobs))


def _headings(column: Column) -> tuple[str, ...]:
    """Return the headings over a column, without the column's number."""
    words = (_NUMBER.sub("", h).strip() for h in column.heads)
    return tuple(w for w in words if w and not is_number_of_column(w))


def _is_part(column: Column, whole: Column) -> bool:
    """Return whether a column has the terms, panel and headings of the whole, except the heading that names it."""
    same = set(column.estimates) == set(whole.estimates) and column.panel == whole.panel
    # Other effects drop other singletons.
    same = same and column.effects == whole.effects
    headings, whole_headings = _headings(column), _headings(whole)
    apart = [h for g, h in zip(headings, whole_headings, strict=False) if g != h]
    return same and len(headings) == len(whole_headings) and len(apart) == 1 and bool(_WHOLE.fullmatch(apart[0]))


def _too_many(column: Column, message: str, part: float, whole: Column, cells: tuple[str, ...]) -> Finding:
    assert whole.nobs is not None
    total = whole.nobs.value
    is_maybe = re.search(_MAYBE, whole.label, re.IGNORECASE)
    return Finding(
        "sums of N",
        "doubt" if is_maybe else "contradiction",
        column.table,
        column.label,
        message,
        {"sum": part, "total": total},
        f"{part:,.0f} > {total:,.0f}",
        cells,
        "the column named as the whole uses fewer rows for a reason that the table does not give",
        "which rows each column uses",
    )


def check_sums(columns: Sequence[Column], total: float) -> Iterator[Finding]:
    """Note whether the sizes of the parts add up to the whole, and what an exact sum implies about singletons."""
    table, parts = columns[0].table, [c.nobs.value for c in columns if c.nobs is not None]
    cells = places(*(c.nobs for c in columns))
    listed = " + ".join(f"{n:,.0f}" for n in parts)
    numbers = {"sum": sum(parts), "total": total}
    if sum(parts) == total:
        message = (
            f"{listed} = {total:,.0f} exactly: no row was lost by splitting, which makes new singletons where effects "
            "are absorbed; the usual reason is an estimator that keeps them (xtreg, areg, and not reghdfe), another "
            "that every group has several rows in one part"
        )
        yield Finding("sums of N", "note", table, "", message, numbers, cells=cells)
    else:
        more = "missing" if sum(parts) < total else "counted twice"
        message = (
            f"{listed} = {sum(parts):,.0f}, not {total:,.0f}: {abs(total - sum(parts)):,.0f} rows are {more} and the "
            "table does not say which"
        )
        innocent = "singletons of each part were dropped" if sum(parts) < total else "groups that overlap"
        yield Finding("sums of N", "note", table, "", message, numbers, cells=cells, innocent=innocent)


def check_differences(columns: Sequence[Column]) -> Iterator[Finding]:
    """Report z of the difference of each squared variable's coefficients between every two columns, as independent."""
    names = list(dict.fromkeys(name for c in columns for s in squares(c) for name in (s, f"{s}^2")))
    for first, second in itertools.combinations(columns, 2):
        for name in names:
            if name not in first.estimates or name not in second.estimates:
                continue
            a, b = first.estimates[name], second.estimates[name]
            sa, sb = standard_error(a), standard_error(b)
            if sa is None or sb is None or a.b is None or b.b is None or not math.hypot(sa, sb):
                continue
            z = (a.b.value - b.b.value) / math.hypot(sa, sb)
            p = math.erfc(abs(z) / math.sqrt(2))
            starred = [_is_significant(e, c) for e, c in ((a, first), (b, second))]
            # 0.05 is the conventional level of significance.
            misread = p >= 0.05 and None not in starred and starred[0] != starred[1]
            verdict = "a difference" if p < 0.05 else "no difference"
            claim = ", although one of the two is significant and the other is not" if misread else ""
            p_shown = f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"
            yield Finding(
                "group differences",
                "doubt" if misread else "note",
                first.table,
                f"{first.label} and {second.label}",
                f"{name} differs by {a.b.value - b.b.value:+.4f}, z = {z:.2f}, p = {p_shown} (independent samples "
                f"assumed): {verdict}{claim}",
                {"difference": a.b.value - b.b.value, "z": z, "p": p},
                f"({a.b.value:g} - {b.b.value:g}) / sqrt({sa:.4g}^2 + {sb:.4g}^2) = {z:.2f}",
                places(a.b, b.b),
                ask="a test of equal effects across the groups, in one regression",
            )


def _is_significant(estimate: Estimate, column: Column) -> bool | None:
    """Return whether an estimate is significant at 10 per cent; None if this depends on the distribution."""
    span = t_range(estimate, column)
    if span is None:
        return None
    # 10 per cent, the weakest of the usual levels.
    surely, hardly = p_range(span[0], column)[1] < 0.1, p_range(span[1], column)[0] >= 0.1
    return True if surely else False if hardly else None


def check_printed_differences(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt a printed difference of two columns of a panel if it is not the difference of their coefficients.

    The difference may be estimated with controls of its own. If a note names such controls (``column 3 controls for
    strata``), nothing is checked.
    """
    for column in columns:
        pair = is_difference(column)
        if pair is None or column.notes.conditional:
            continue
        near = [c for c in columns if c.panel == column.panel]
        sides = [next((c for c in near if any(re.match(rf"\(?{n}\)", h) for h in c.heads)), None) for n in pair]
        if sides[0] is None or sides[1] is None:
            continue
        for term, estimate in column.estimates.items():
            a, b = (s.estimates.get(term) for s in sides if s is not None)
            if a is None or b is None or a.b is None or b.b is None or estimate.b is None or not estimate.has_company:
                continue
            low, high = a.b.low - b.b.high, a.b.high - b.b.low
            if estimate.b.low > high or estimate.b.high < low:
                message = (
                    f"the difference of {term}, {estimate.b.value:g}, is not {a.b.value:g} - {b.b.value:g}: an error, "
                    "or an adjusted difference"
                )
                yield Finding(
                    "printed differences",
                    "doubt",
                    column.table,
                    f"{column.label}, {term}",
                    message,
                    {"printed": estimate.b.value, "low": low, "high": high},
                    f"{a.b.value:g} - {b.b.value:g} = {a.b.value - b.b.value:g}",
                    places(estimate.b, a.b, b.b),
                    "the difference comes from a regression with controls, effects or weights that no note names, or "
                    "in which some terms are not split",
                    "how the difference was estimated",
                )


def check_fit(columns: Sequence[Column]) -> Iterator[Finding]:
    """Doubt R2 that differ by a factor of 5 or more between parts of a sample.

    This may mean that the outcome is measured in different ways. The factor is a convention.
    """
    printed = [(c.sizes["r2"].value, c) for c in columns if "r2" in c.sizes and c.sizes["r2"].value > 0]
    if len(printed) < 2:
        return
    (low, worst), (high, best) = min(printed, key=lambda x: x[0]), max(printed, key=lambda x: x[0])
    if high / low >= 5:
        yield Finding(
            "fit by group",
            "doubt",
            columns[0].table,
            f"{best.label} and {worst.label}",
            f"R2 is {high:g} in one part and {low:g} in the other: common year shifts, or a break in how the outcome "
            "is measured; look at the outcome by year",
            {"high": high, "low": low},
            cells=places(best.sizes["r2"], worst.sizes["r2"]),
            ask="the outcome by year in both parts",
        )
