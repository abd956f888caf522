"""Whether anything printed lets anyone tell an error: a search over true values, without the rules of the product.

Every function answers one question by trying values on grids and at random within the printed roundings, over the
degrees of freedom, levels of stars, kinds of brackets and levels of intervals that the table leaves open.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats
from tables_set import LEVELS, Drawn, Shown

IN_USE: tuple[Mapping[str, float], ...] = (
    {"*": 0.1, "**": 0.05, "***": 0.01},
    {"*": 0.05, "**": 0.01, "***": 0.001},
    {"+": 0.1, "*": 0.05, "**": 0.01, "***": 0.001},
    {"*": 0.1, "**": 0.05, "***": 0.01, "****": 0.001},
    {"*": 0.05, "**": 0.01},
    {"*": 0.1, "**": 0.05},
    {"*": 0.05},
    {"*": 0.01, "**": 0.05, "***": 0.1},
)
COVERS = (0.9, 0.95, 0.99)
NOISE = 1e-9


def span(text: str) -> tuple[float, float]:
    """The values that print like this."""
    if text.startswith("<"):
        return 0.0, float(text[1:])
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    value = float(text)
    return value - half, value + half


def _within(x: np.ndarray, text: str) -> np.ndarray:
    low, high = span(text)
    slack = NOISE * max(abs(low), abs(high), 1e-12)
    return (x >= low - slack) & (x <= high + slack)


def _grid(text: str, n: int, rng: np.random.Generator | None) -> np.ndarray:
    low, high = span(text)
    return np.linspace(low, high, n) if rng is None else rng.uniform(low, high, n)


def dfs_of(column: Shown) -> np.ndarray:
    """Degrees of freedom that the column leaves open."""
    n = float(column.sizes[column.keys["n"]]) if "n" in column.keys else math.inf
    least = min(4.0, max(n - len(column.terms) - 1, 0.5))
    for key, less in (("df", 0.0), ("clusters", 1.0)):
        if key in column.keys:
            least = max(float(column.sizes[column.keys[key]]) - less, 0.5)
            break
    return np.array([least, 1.3 * least, 2 * least, 4 * least, 10 * least, 40 * least, 1e7])


def star_range(marks: str, levels: Mapping[str, float], *, tells: bool) -> tuple[float, float]:
    """The p that marks allow."""
    if not levels or (not marks and not tells):
        return 0.0, 1.0
    ordered = sorted(levels.values())
    if not marks:
        return ordered[-1], 1.0
    top = levels[marks]
    below = [v for v in ordered if v < top]
    return (max(below) if below else 0.0), top


OFF = 0.45
"""How far ends of a profile-likelihood interval may be from those of Wald's, in half widths."""


def _wald_ends(low: np.ndarray, high: np.ndarray, df: np.ndarray, cover: np.ndarray) -> tuple[np.ndarray, ...]:
    """Ends b -+ q se of which these may be the ones of a profile likelihood."""
    half = (high - low) / 2
    off = np.linspace(-OFF, OFF, 5)
    ways = [(low + i * half, high + k * half, df, cover) for i in off for k in off]
    return tuple(np.concatenate(each) for each in zip(*ways, strict=True))


def possible(
    texts: Mapping[str, str],
    kinds: Mapping[str, str],
    p_range: tuple[float, float],
    dfs: np.ndarray,
    covers: Sequence[float],
    *,
    ratio: bool,
    absolute: bool,
    rng: np.random.Generator | None = None,
) -> bool:
    """Whether any true coefficient, error and distribution print all this; ``kinds`` gives texts by what they are."""
    n = 13 if rng is None else 16 if ratio else 40
    if rng is not None:
        dfs = np.concatenate([dfs, 1 / rng.uniform(1 / dfs.max(), 1 / dfs.min(), 12)])
    found = {k: v for k, v in kinds.items() if v}
    b_text = texts["b"]
    if "low" in found:
        low, high = (_grid(found[k], n, rng) for k in ("low", "high"))
        low, high, df, cover = (a.ravel() for a in np.meshgrid(low, high, dfs, np.array(covers), indexing="ij"))
        if ratio:
            keep = (low > 0) & (high > 0)
            low, high, df, cover = _wald_ends(np.log(low[keep]), np.log(high[keep]), df[keep], cover[keep])
        b, se = (low + high) / 2, (high - low) / 2 / stats.t.ppf(0.5 + cover / 2, df)
    elif "se" in found and not ratio:
        b, se, df = (
            a.ravel()
            for a in np.meshgrid(_grid(b_text, 3 * n, rng), _grid(found["se"], 3 * n, rng), dfs, indexing="ij")
        )
    else:
        b0 = _grid(b_text, n, rng)
        b0 = np.log(b0[b0 > 0]) if ratio else b0
        if "t" in found:
            t0 = _grid(found["t"], 3 * n, rng)
            t0 = np.concatenate([t0, -t0]) if absolute else t0
        else:
            p0 = np.linspace(*span(found["p"]), 201) if "p" in found else np.linspace(p_range[0], p_range[1], 201)
            size = [stats.t.isf(np.clip(p0, 1e-300, 1) / 2, d) for d in dfs]
            t0 = np.unique(np.concatenate([*size, *(-s for s in size)]))
        b, t0, df = (a.ravel() for a in np.meshgrid(b0, t0, dfs, indexing="ij"))
        with np.errstate(all="ignore"):
            se = np.where((b == 0) & (t0 == 0), 1.0, b / t0)
    ok = (se > 0) & np.isfinite(se)
    b, se, df = b[ok], se[ok], df[ok]
    t = b / se
    good = _within(np.exp(b) if ratio else b, b_text)
    if "se" in found and not ratio:
        good &= _within(se, found["se"])
    if "t" in found:
        good &= (
            (_within(np.abs(t), found["t"]) | _within(-np.abs(t), found["t"])) if absolute else _within(t, found["t"])
        )
    b, se, df, t = b[good], se[good], df[good], t[good]
    p = 2 * stats.t.sf(np.abs(t), df)
    good = (p >= p_range[0] * (1 - 1e-9)) & (p <= p_range[1] * (1 + 1e-9))
    if "p" in found:
        good &= _within(p, found["p"])
    return bool(good.any())


def _absolute(table: Drawn) -> bool:
    ts = [(e.get("t"), e["b"]) for _, _, s in table.columns for e in s.terms.values()]
    return all(t and not t.startswith("-") for t, _ in ts) and any(b.startswith("-") for _, b in ts)


def _rules(table: Drawn) -> list[tuple[Mapping[str, float], Mapping[str, str]]]:
    style = table.style
    marks = {e["marks"] for _, _, s in table.columns for e in s.terms.values() if e.get("marks")}
    levels = [LEVELS[style.levels]] if style.levels_stated else [lv for lv in IN_USE if marks <= set(lv)] or [{}]
    names = [k for k in style.errors if k != "interval"]
    told = style.brackets_stated or style.form in ("beside", "stat")
    ways = [dict(zip(names, names, strict=True))]
    if not told:
        ways = [dict(zip(names, way, strict=True)) for way in itertools.permutations(("se", "t", "p"), len(names))]
    return [(lv, way) for lv in levels for way in ways]


def _estimate_possible(
    table: Drawn,
    column: Shown,
    label: str,
    levels: Mapping[str, float],
    way: Mapping[str, str],
    absolute: bool,
    claimed: Mapping[str, str],
) -> bool:
    found = column.terms[label]
    kinds = {claimed.get(way[k], way[k]): found[k] for k in way if found.get(k)}
    kinds |= {k: found[k] for k in ("low", "high") if found.get(k)}
    if "p" in kinds and not (max(span(kinds["p"])[1], 0) >= 0 and span(kinds["p"])[0] <= 1):
        return False
    tells = any(e.get("marks") for _, _, s in table.columns for e in s.terms.values())
    p_range = star_range(found.get("marks", ""), levels, tells=tells)
    covers = (0.95,) if table.style.brackets_stated and table.style.form in ("below", "cell") else COVERS
    args = (found, kinds, p_range, dfs_of(column), covers)
    if possible(*args, ratio=column.ratio, absolute=absolute):
        return True
    rng = np.random.default_rng(1)
    return any(possible(*args, ratio=column.ratio, absolute=absolute, rng=rng) for _ in range(4))


def estimates_tell(table: Drawn, first: Sequence[tuple[int, str]], claimed: Mapping[str, str] | None = None) -> bool:
    """Whether under every rule that the table leaves open some estimate is impossible; ``first`` are tried first."""
    absolute = "t" in table.style.errors and _absolute(table)
    every = [(c, label) for c, (_, _, s) in enumerate(table.columns) for label in s.terms]
    ordered = [*first, *(x for x in every if x not in first)]
    true = LEVELS[table.style.levels], {k: k for k in table.style.errors if k != "interval"}
    if not claimed and all(_estimate_possible(table, table.columns[c][2], x, *true, absolute, {}) for c, x in first):
        return False  # all others are possible under the rule that the table was made by
    for levels, way in _rules(table):
        if all(
            _estimate_possible(table, table.columns[c][2], label, levels, way, absolute, claimed or {})
            for c, label in ordered
        ):
            return False
    return True


def spread_possible(n: int, mean: str, sd: str, low: str, high: str) -> bool:
    """Whether n values with this range have such a mean and such a spread, by the largest of many two-point sets."""
    least, most = span(low)[0], span(high)[1]
    at = np.arange(0, n)  # values at the largest; the rest but one at the smallest, one where the mean needs it
    best = 0.0
    for m in np.linspace(*span(mean), 41):
        middle = n * m - at * most - (n - 1 - at) * least
        ok = (middle >= least - NOISE) & (middle <= most + NOISE)
        if ok.any():
            square = at * (most - m) ** 2 + (n - 1 - at) * (least - m) ** 2 + (middle - m) ** 2
            best = max(best, float(np.sqrt(square[ok].max() / (n - 1))))
    return span(sd)[0] <= best * (1 + 1e-6)


def matrix_possible(lower: np.ndarray, upper: np.ndarray, steps: int = 4000) -> bool:
    """Whether a positive semi-definite matrix with ones on its diagonal lies within bounds: alternating projections."""
    x = (lower + upper) / 2
    correction = np.zeros_like(x)
    for _ in range(steps):
        y = x - correction
        values, vectors = np.linalg.eigh((y + y.T) / 2)
        psd = (vectors * np.clip(values, 0, None)) @ vectors.T
        correction = psd - y
        x = np.clip(psd, lower, upper)
        np.fill_diagonal(x, 1.0)
        if np.abs(x - psd).max() < 1e-7:
            return True
    return False


def rank_possible(values: Sequence[str], ranks: Sequence[str]) -> bool:
    """Whether true values within the roundings have these ranks, the largest first or last, by going through them."""
    for sign in (1, -1):
        order = sorted(range(len(values)), key=lambda i: int(ranks[i]))
        ceiling, ok = math.inf, True
        for i in order:
            low, high = sorted(sign * v for v in span(values[i]))
            ceiling = min(ceiling, high)
            ok = ok and ceiling > low + NOISE
        if ok:
            return True
    return False


def product_possible(total: str, path: str, direct: str, mediator: str, draws: int = 200_000) -> bool:
    """Whether total = direct + path x mediator within the roundings."""
    rng = np.random.default_rng(2)
    c, a, d, b = (rng.uniform(*span(x), draws) for x in (total, path, direct, mediator))
    gap = c - d - a * b
    return bool(gap.min() <= 0 <= gap.max())


def turning_possible(linear: str, square: str, printed: str, draws: int = 200_000) -> bool:
    """Whether -b1 / (2 b2) prints like this, of the variable, or of its logarithm."""
    rng = np.random.default_rng(3)
    b1, b2 = rng.uniform(*span(linear), draws), rng.uniform(*span(square), draws)
    with np.errstate(all="ignore"):
        point = -b1 / (2 * b2)
        if b2.min() <= 0 <= b2.max():
            return True
        ways = [point, np.exp(np.clip(point, -700, 700)), 10 ** np.clip(point, -300, 300)]
    low, high = span(printed)
    return any(bool(w.min() <= high and w.max() >= low) for w in ways)


def correlation_possible(text: str, marks: str, n: int, levels: Mapping[str, float]) -> bool:
    """Whether a correlation of n rows that prints like this has these stars."""
    r = np.clip(np.linspace(*span(text), 101), -1 + 1e-9, 1 - 1e-9)
    p = 2 * stats.t.sf(np.abs(r) * np.sqrt((n - 2) / (1 - r**2)), n - 2)
    low, high = star_range(marks, levels, tells=True)
    return bool(((p >= low) & (p <= high)).any())
