"""Check sizes and fit: N, groups, R2 and F of a column, and of columns that add terms to another column."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from tablecheck.checks.terms import is_difference, lag_of, places, t_range
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.notes import OTHER_FIT
from tablecheck.printed import Column

R2S = ("r2", "r2_within", "r2_adjusted", "r2_pseudo", "r2_other")


def is_least_squares(column: Column) -> bool:
    """Return whether a column is estimated by least squares, as far as headings and notes show.

    The headings over the column must not name another method. If they do not name least squares, the title and the
    notes must not name another method either.
    """
    over = " ".join((*column.heads, column.panel))
    if re.search(OTHER_FIT, over, re.IGNORECASE):
        return False
    return not column.notes.other_fit or bool(re.search(r"\bols\b|least squares|最小二乘", over, re.IGNORECASE))


def prints_per_cent(columns: Sequence[Column]) -> bool:
    """Return whether R2 are in per cent: the columns print at least two R2, and at least half of them are 2 or more."""
    printed = [c.sizes[k].value for c in columns for k in R2S if k in c.sizes]
    return len(printed) > 1 and sum(v >= 2 for v in printed) >= len(printed) / 2


def check_bounds(column: Column, *, per_cent: bool = False) -> Iterator[Finding]:
    """Check that R2 is between 0 and 1 (or 100 in per cent), and adjusted R2 not above R2.

    Also check that there are not more groups, clusters or periods than N, and that N is at most groups times periods.
    """
    for key in R2S:
        r2 = column.sizes.get(key)
        if r2 is None:
            continue
        # Values from 1 to 2 with three decimals or more cannot be per cent of a usual fit; the limits are a convention.
        if r2.low > 100 or (r2.low > 1 and r2.decimals >= 3 and r2.value < 2):
            yield _contradiction(column, "R2", f"R2 of {r2.value:g} is above one", r2)
        elif r2.low > 1 and not per_cent:
            message = f"R2 of {r2.value:g} is above one, unless it is in per cent"
            yield Finding("R2", "doubt", column.table, column.label, message, {"r2": r2.value}, cells=places(r2))
        elif r2.high < 0 and key in ("r2", "r2_within") and is_least_squares(column) and not column.notes.instrumented:
            message = f"R2 of {r2.value:g} is negative: not that of least squares with a constant"
            yield Finding("R2", "doubt", column.table, column.label, message, {"r2": r2.value}, cells=places(r2))
    r2, adjusted = column.sizes.get("r2"), column.sizes.get("r2_adjusted")
    if r2 is not None and adjusted is not None and adjusted.low > r2.high:
        yield _of_two_kinds(column, f"adjusted R2 {adjusted.value:g} is above R2 {r2.value:g}", r2, adjusted)
    elif r2 is not None and adjusted is not None and column.nobs is not None and not _hides(column) and not per_cent:
        yield from _adjusted(column, r2, adjusted, column.nobs)
    n = column.nobs
    for key, name in (("firms", "groups"), ("clusters", "clusters"), ("years", "periods")):
        count = column.sizes.get(key)
        if n is not None and count is not None and count.low > n.high:
            yield _contradiction(column, "N", f"{count.value:,.0f} {name} in {n.value:,.0f} observations", n, count)
    firms, years = column.sizes.get("firms"), column.sizes.get("years")
    # Rows that may be finer (products of a firm in a year) have no such limit.
    if n is None or firms is None or years is None or column.notes.finer:
        return
    most = firms.value * years.value
    if n.value > most:
        yield Finding(
            "N",
            "doubt",
            column.table,
            column.label,
            f"{n.value:,.0f} observations of {firms.value:,.0f} groups in {years.value:,.0f} periods, which have at "
            f"most {most:,.0f}",
            {"n": n.value, "most": most},
            f"{firms.value:,.0f} x {years.value:,.0f} = {most:,.0f} < {n.value:,.0f}",
            places(n, firms, years),
            "several rows for a group in a period (products, destinations)",
            "what a row is",
        )


_OF_TIME = r"year|time|month|quarter|period|年|时间|月|季"


def has_no_effects(column: Column) -> bool:
    """Return whether the table states that a column has no effects.

    All its rows of effects say "no", at least one of them is for effects other than time, and no note names effects. A
    column without such rows may still have effects, even if it has a constant (xtreg prints one).
    """
    named = [label for label in column.effects if not re.search(r"control|控制变量", label, re.IGNORECASE)]
    named_other_than_time = any(not re.search(_OF_TIME, label, re.IGNORECASE) for label in named)
    return (
        named_other_than_time
        and not any(column.effects[n] is not False for n in named)
        and not column.notes.conditional
    )


def _of_two_kinds(column: Column, message: str, r2: Printed, adjusted: Printed, arithmetic: str = "") -> Finding:
    """Report an adjusted R2 that R2 does not allow: a contradiction for least squares without effects, else a doubt.

    With effects, the printed R2 may be the one within groups, and the adjusted R2 that of the whole model.
    """
    if has_no_effects(column) and is_least_squares(column):
        return _contradiction(column, "R2", message, r2, adjusted, arithmetic=arithmetic)
    return Finding(
        "kinds of R2",
        "doubt",
        column.table,
        column.label,
        f"{message}: they are not of one kind, as when one is within groups and the other of the whole model",
        {"r2": r2.value, "adjusted": adjusted.value},
        arithmetic,
        places(r2, adjusted),
        "R2 within groups beside the adjusted R2 of the whole model with its effects (areg, reghdfe, xtreg print both "
        "pairs), or statistics of two programs",
        "which R2 each of the two is",
    )


def _hides(column: Column) -> bool:
    """Return whether the regression may have terms that the table omits: effects, or controls named in a row."""
    return any(v is not False for v in column.effects.values())


IDLE = 0.001
"""A smaller distance of adjusted R2 from its largest value is ignored: programs count absorbed terms differently."""


def _adjusted(column: Column, r2: Printed, adjusted: Printed, n: Printed) -> Iterator[Finding]:
    """Check adjusted R2 against its largest value 1 - (1 - R2)(N - 1) / (N - k - 1), for the k terms that are shown.

    Without a constant, which the table may not print, the largest value is 1 - (1 - R2) N / (N - k).
    """
    k = sum(t != "constant" and e.has_company and not e.is_below for t, e in column.estimates.items())
    if n.value - k - 1 <= 0 or not is_least_squares(column):
        return
    factor = (n.value - 1) / (n.value - k - 1) if "constant" in column.estimates else n.value / (n.value - k)
    most = 1 - (1 - r2.high) * factor
    if adjusted.low > most + IDLE:
        formula = f"1 - (1 - {r2.value:g}) ({n.value:g} - 1) / ({n.value:g} - {k} - 1) = "
        exact = 1 - (1 - r2.value) * (n.value - 1) / (n.value - k - 1)
        message = (
            f"adjusted R2 {adjusted.value:g} is above what R2 {r2.value:g}, N and the {k} terms "
            f"shown allow ({most:.4g})"
        )
        yield _of_two_kinds(column, message, r2, adjusted, f"{formula}{exact:.4g}")


def check_f(column: Column) -> Iterator[Finding]:
    """Check that F of all k slopes is at least the largest t^2 / k, and a Wald statistic at least the largest t^2."""
    f, n = column.sizes.get("f"), column.nobs
    terms = {t: e for t, e in column.estimates.items() if t != "constant"}
    spans = [s for e in terms.values() if (s := t_range(e, column)) is not None]
    if not spans or _hides(column) or not is_least_squares(column):
        return
    k, largest = len(terms), max(s[0] for s in spans)
    wald = column.sizes.get("wald")
    # Here and below, 1e-9 absorbs floating-point error at equality; a convention.
    if wald is not None and wald.high < largest**2 * (1 - 1e-9):
        yield Finding(
            "F",
            "doubt",
            column.table,
            column.label,
            f"the Wald statistic {wald.value:g} is below the largest t squared, {largest**2:.4g}",
            {"wald": wald.value, "least": largest**2},
            f"{largest:.4g}^2 = {largest**2:.4g}",
            places(wald),
            "a test of other terms, or another covariance than that of t",
            "what the statistic tests",
        )
    if f is not None and f.high * k < largest**2 * (1 - 1e-9):
        message = (
            f"F = {f.value:g} of {k} slopes is below the largest t squared over their number, {largest**2 / k:.4g}"
        )
        yield Finding(
            "F",
            "doubt",
            column.table,
            column.label,
            message,
            {"f": f.value, "least": largest**2 / k},
            f"{largest:.4g}^2 / {k} = {largest**2 / k:.4g}",
            places(f, n),
            "F and t from different covariances (robust t, classical F), or regressors that are not shown",
            "which covariance F uses",
        )


def check_nested(columns: Sequence[Column]) -> Iterator[Finding]:
    """Check that R2 does not fall when regressors are added on the same rows (same outcome, N and effects)."""
    for small, large in itertools.permutations(columns, 2):
        if not _is_nested(small, large):
            continue
        for key in ("r2", "r2_within"):
            a, b = small.sizes.get(key), large.sizes.get(key)
            if a is not None and b is not None and b.high < a.low:
                assert small.nobs is not None
                extra = ", ".join(sorted(set(large.estimates) - set(small.estimates))[:3]) or "effects"
                yield Finding(
                    "R2",
                    "contradiction",
                    small.table,
                    f"{small.label} and {large.label}",
                    f"R2 falls from {a.value:g} to {b.value:g} where {extra} are added on the same "
                    f"{small.nobs.value:,.0f} rows",
                    {"small": a.value, "large": b.value},
                    f"{b.value:g} < {a.value:g}",
                    places(a, b),
                    "another sample of the same size, weights, or an R2 of another kind",
                    "whether both columns use the same rows",
                )


def _is_nested(small: Column, large: Column) -> bool:
    """Return whether one column adds terms to another: least squares on the same outcome, N and effects."""
    if is_difference(small) or is_difference(large) or not (is_least_squares(small) and is_least_squares(large)):
        return False
    same = small.outcome == large.outcome and small.panel == large.panel and bool(small.outcome)
    sizes = small.nobs is not None and large.nobs is not None and small.nobs.value == large.nobs.value
    on = {k for k, v in small.effects.items() if v}, {k for k, v in large.effects.items() if v}
    alike = ("constant" in small.estimates) == ("constant" in large.estimates)  # no constant: there are effects
    # An F in one column alone may be that of a first stage.
    alike = alike and ("f" in small.sizes) == ("f" in large.sizes)
    return same and sizes and alike and on[0] == on[1] and set(small.estimates) < set(large.estimates)


def check_lags(columns: Sequence[Column]) -> Iterator[Finding]:
    """Check that columns with longer lags do not have more rows than columns with shorter lags of the same terms."""
    deepest = [(_lag(c), c) for c in columns if c.nobs is not None and _lag(c) > 0]
    for (short, a), (long, b) in itertools.permutations(deepest, 2):
        if _without_lags(a) == _without_lags(b) and (
            short < long
            and a.outcome == b.outcome
            and a.nobs is not None
            and b.nobs is not None
            and b.nobs.low > a.nobs.high
        ):
            yield Finding(
                "N",
                "doubt",
                a.table,
                f"{a.label} and {b.label}",
                f"{long} lags have {b.nobs.value:,.0f} rows, more than the {a.nobs.value:,.0f} with {short}",
                {"short": a.nobs.value, "long": b.nobs.value},
                cells=places(a.nobs, b.nobs),
                innocent="a panel with gaps, or lags taken from another source than the rows",
                ask="where the lagged values come from",
            )


def _without_lags(column: Column) -> set[tuple[bool, str]]:
    return {(lag_of(t)[0] > 0, lag_of(t)[1]) for t in column.estimates}


def _lag(column: Column) -> int:
    return max((lag_of(t)[0] for t in column.estimates), default=0)


def _contradiction(column: Column, check: str, message: str, *numbers: Printed, arithmetic: str = "") -> Finding:
    values = {f"number_{i + 1}": n.value for i, n in enumerate(numbers) if math.isfinite(n.value)}
    return Finding(check, "contradiction", column.table, column.label, message, values, arithmetic, places(*numbers))
