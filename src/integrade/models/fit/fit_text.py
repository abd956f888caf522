"""A fit as text for the terminal and as a small table for notebooks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from integrade.escaping import for_html
from integrade.models.fit.results import FitResult, Wild

_HEADINGS = ("", "estimate", "std. error", "t", "p", "95 % low", "95 % high")


def summary(result: FitResult) -> str:
    """Coefficients and everything needed to read them: effects, clusters, corrections, bootstrap, what was dropped."""
    rows = [_HEADINGS, *_rows(result)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADINGS))]
    table = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([result.formula, *table, *lines(result)])


def html(result: FitResult) -> str:
    """The same as an HTML table with the notes under it."""
    head = "".join(f"<th>{for_html(h)}</th>" for h in _HEADINGS)
    body = "".join("<tr>" + "".join(f"<td>{for_html(c)}</td>" for c in row) + "</tr>" for row in _rows(result))
    notes = "<br>".join(for_html(line) for line in lines(result))
    caption = f"<caption>{for_html(result.formula)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{notes}</p>"


def lines(result: FitResult) -> list[str]:
    """What stands under the table, one fact a line."""
    n_missing = f", {result.n_missing:,} with a missing value dropped" if result.n_missing else ""
    singles = f", {result.n_singletons:,} singletons dropped" if result.n_singletons else ""
    found = [f"n = {result.nobs:,}{n_missing}{singles}", _fit_line(result), _error_line(result)]
    for e in result.effects:
        redundant = f", {e.redundant:,} redundant" if e.redundant else ""
        nested = f", {'nested' if e.nested else 'not nested'} in the clusters" if result.clusters else ""
        moving = f" ({e.movers:,} movers)" if result.clusters and 0 < e.movers < e.levels else ""
        found.append(f"effect {e.name}: {e.levels:,} levels{redundant}{nested}{moving}")
    if result.constant is not None and result.effects:
        value, error = result.constant
        found.append(
            f"constant (mean of y less mean of x times b): {_number(value)}" + (f" ({_number(error)})" if error else "")
        )
    found += [line for w in result.wild for line in _wild_lines(w)]
    found += [f"dropped {term}: {why}" for term, why in result.dropped.items()]
    if result.iv is not None:
        found += _iv_lines(result.iv)
    return [*found, *result.notes]


def _wild_lines(w: Wild) -> list[str]:
    free = "" if w.null_imposed else ", null not imposed"
    tail = "" if w.p_equal_tail is None else f", equal tails {w.p_equal_tail:.6f}"
    how = f"{w.draws:,} {w.weights}, smallest p {w.smallest_p:.2g}, seed {w.seed}{free}"
    found = [f"wild bootstrap, {w.null} = 0: p = {w.p_value:.6f}{tail} ({how})"]
    if w.conf_set:
        pieces = " and ".join(_interval(low, high) for low, high in w.conf_set[:3])
        more = f" and {len(w.conf_set) - 3:,} more pieces" if len(w.conf_set) > 3 else ""
        bound = "; not bounded" if None in (w.conf_low, w.conf_high) else ""
        found.append(f"  {w.null}, 95 % by inverting the test: {pieces}{more}{bound}")
    return found


def _interval(low: float | None, high: float | None) -> str:
    left = "(-infinity" if low is None else f"[{_number(low)}"
    return f"{left}, infinity)" if high is None else f"{left}, {_number(high)}]"


def _rows(result: FitResult) -> list[tuple[str, ...]]:
    return [
        (
            c.term,
            *(_number(v) for v in (c.estimate, c.std_error)),
            f"{c.statistic:.3f}",
            f"{c.p_value:.4f}",
            _number(c.conf_low),
            _number(c.conf_high),
        )
        for c in result.coefficients
    ]


def _number(value: float) -> str:
    return "." if math.isnan(value) else f"{value:.6g}"


def _fit_line(result: FitResult) -> str:
    if result.model != "linear":
        shown = "; ".join(f"{c.term} {_number(c.estimate)} ({_number(c.std_error)})" for c in result.marginal)
        return f"average marginal effects: {shown or 'none, for products and logarithms'}"
    if not result.effects:
        return f"R2 {result.r2:.4f}, adjusted {result.r2_adjusted:.4f}, rmse {_number(result.rmse)}"
    return (
        f"R2 {result.r2:.4f}, adjusted {result.r2_adjusted:.4f}, within {result.r2_within:.4f} (effects absorbed), "
        f"{result.r2_within_xtreg:.4f} (xtreg: all effects but the first are regressors), rmse {_number(result.rmse)}"
    )


def _error_line(result: FitResult) -> str:
    clusters = ", ".join(f"{g:,} clusters of {name}" for name, g in result.clusters.items())
    df = f"t({result.df_t:,.0f})"
    if result.df_by_term:
        df = "Satterthwaite t: " + ", ".join(f"{t} {d:.1f}" for t, d in result.df_by_term.items())
    return (
        f"standard errors: {result.kind}"
        + (f", {clusters}" if clusters else "")
        + f"; {df}; corrections as {result.ssc}"
    )


def _iv_lines(iv: Mapping[str, object]) -> list[str]:
    first = iv["first_stage_f"]
    assert isinstance(first, Mapping)
    found = [f"estimator: {iv.get('estimator', '2SLS')}, endogenous {', '.join(first)}"]
    found += [f"first stage F (Sanderson-Windmeijer), {t}: {_number(f)}" for t, f in first.items()]
    effective, critical = iv["effective_f"], iv.get("effective_f_critical")
    if isinstance(effective, float):
        listed = ", ".join(f"{c:.2f} ({b})" for b, c in critical.items()) if isinstance(critical, Mapping) else ""
        found.append(
            f"effective F: {_number(effective)}" + (f"; critical by bias tolerated: {listed}" if listed else "")
        )
    named = (("kp_f", "Kleibergen-Paap F"), ("cragg_donald_f", "Cragg-Donald F"))
    shown = [f"{label} {_number(v)}" for key, label in named if isinstance(v := iv.get(key), float)]
    lm, lm_p = iv.get("kp_lm"), iv.get("kp_lm_p")
    if isinstance(lm, float) and isinstance(lm_p, float):
        shown.append(f"rank LM {_number(lm)}, p = {lm_p:.4f} of no identification")
    found.append("; ".join(shown))
    if isinstance(iv["ar_p"], float):
        found.append(f"Anderson-Rubin p: {_number(iv['ar_p'])}")
    j, p = iv["hansen_j"], iv["hansen_p"]
    if isinstance(j, float) and isinstance(p, float):
        found.append(f"{iv['hansen_kind']} test of overidentification: {_number(j)}, p = {p:.4f}")
    return found
