"""One error in a consistent table, of thirty-five kinds, with the cells it rests on and whether anyone can tell it."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from tables_drawn import Case, draw
from tables_feasible import (
    IN_USE,
    correlation_possible,
    estimates_tell,
    matrix_possible,
    product_possible,
    rank_possible,
    span,
    spread_possible,
    turning_possible,
)
from tables_set import LEVELS, Drawn, Key, Shown, digits_exchanged

from tablecheck.words import describes


@dataclass
class Planted:
    """A case with one error: the cells it rests on (by table), the checks that may find it, whether it can be told."""

    kind: str
    case: Case
    cells: list[tuple[int, Key]]
    checks: tuple[str, ...]
    detectable: bool
    said: str


TESTS = ("stars", "signs", "tests")
Plant = Callable[[Generator, Case], "Planted | None"]


def point_moved(text: str, rng: Generator) -> str:
    """The decimal point moved by one place."""
    value, decimals = float(text), len(text.partition(".")[2])
    up = rng.random() < 0.5 and decimals >= 2
    return f"{value * 10:.{decimals - 1}f}" if up else f"{value / 10:.{decimals + 1}f}"


def _spot(rng: Generator, table: Drawn, need: Callable[[dict[str, str]], bool]) -> tuple[int, int, int, str] | None:
    """A random estimate: panel, column, number among all columns, label."""
    spots = [
        (p, c, n, label)
        for n, (p, c, s) in enumerate(table.columns)
        for label, e in s.terms.items()
        if need(e) and "-" not in s.heads[-1].strip("-") and "(2)-(3)" not in " ".join(s.heads)
    ]
    return spots[int(rng.integers(len(spots)))] if spots else None


def _of(table: Drawn, spot: tuple[int, int, int, str]) -> dict[str, str]:
    return table.panels[spot[0]][1][spot[1]].terms[spot[3]]


def _planted(
    kind: str, case: Case, spots: Sequence[tuple[int, int, int, str]], kinds: Sequence[str], said: str
) -> Planted:
    cells: list[tuple[int, Key]] = [(0, (p, c, label, k)) for p, c, _, label in spots for k in kinds]
    first = [(n, label) for _, _, n, label in spots]
    return Planted(kind, case, cells, TESTS, estimates_tell(case.tables[0], first), said)


def _changed(kind: str, rng: Generator, case: Case, what: str, change: Callable[[str], str]) -> Planted | None:
    """One text of one estimate changed."""
    table = case.tables[0]
    if what != "b" and what not in (
        *table.style.errors,
        *(("low", "high") if "interval" in table.style.errors else ()),
    ):
        return None
    spot = _spot(rng, table, lambda e: bool(e.get(what)) and e[what][0] != "<" and change(e[what]) != e[what])
    if spot is None:
        return None
    texts = _of(table, spot)
    old = texts[what]
    texts[what] = change(old)
    if texts[what] == old or float(texts[what]) == float(old):
        return None
    shown = ("low", "high") if what in ("low", "high") else (what, "b")
    return _planted(kind, case, [spot], shown, f"{spot[3]}: {what} {old} -> {texts[what]}")


def _stars(kind: str, rng: Generator, case: Case, new: Callable[[str, list[str]], str | None]) -> Planted | None:
    table = case.tables[0]
    levels = LEVELS[table.style.levels]
    order = ["", *sorted(levels, key=lambda m: -levels[m])]
    spot = _spot(rng, table, lambda e: new(e.get("marks", ""), order) is not None)
    if spot is None:
        return None
    texts = _of(table, spot)
    old, changed = texts.get("marks", ""), new(texts.get("marks", ""), order)
    assert changed is not None
    texts["marks"] = changed
    return _planted(kind, case, [spot], ["b"], f"{spot[3]}: marks {old!r} -> {changed!r}")


def star_added(rng: Generator, case: Case) -> Planted | None:
    return _stars("star added", rng, case, lambda m, order: order[int(rng.integers(1, len(order)))] if not m else None)


def star_removed(rng: Generator, case: Case) -> Planted | None:
    return _stars("star removed", rng, case, lambda m, order: "" if m else None)  # noqa: ARG005


def star_level(rng: Generator, case: Case) -> Planted | None:
    def other(m: str, order: list[str]) -> str | None:
        rest = [x for x in order if x and x != m]
        return rest[int(rng.integers(len(rest)))] if m and rest else None

    return _stars("star of another level", rng, case, other)


def sign_of_t(rng: Generator, case: Case) -> Planted | None:
    return _changed("sign of t", rng, case, "t", lambda x: x[1:] if x[0] == "-" else f"-{x}" if float(x) else x)


def t_exchanged(rng: Generator, case: Case) -> Planted | None:
    """The t of two neighbours of a column exchanged."""
    table = case.tables[0]
    if "t" not in table.style.errors:
        return None
    p, c, shown = table.columns[int(rng.integers(len(table.columns)))]
    labels = list(shown.terms)
    if len(labels) < 2:
        return None
    i = int(rng.integers(len(labels) - 1))
    a, b = shown.terms[labels[i]], shown.terms[labels[i + 1]]
    if a["t"] == b["t"]:
        return None
    a["t"], b["t"] = b["t"], a["t"]
    n = next(k for k, x in enumerate(table.columns) if x[:2] == (p, c))
    spots = [(p, c, n, labels[i]), (p, c, n, labels[i + 1])]
    return _planted("t exchanged with a neighbour", case, spots, ["t", "b"], f"t of {labels[i]} and {labels[i + 1]}")


def _digit(what: str) -> Plant:
    def plant(rng: Generator, case: Case) -> Planted | None:
        return _changed(
            f"digit transposed in {what}", rng, case, what, lambda x: digits_exchanged(x, np.random.default_rng(len(x)))
        )

    return plant


def se_moved(rng: Generator, case: Case) -> Planted | None:
    return _changed(
        "point moved in s.e.", rng, case, "se", lambda x: point_moved(x, np.random.default_rng(len(x) + int(x[-1])))
    )


def _of_another_row(kind: str, what: str) -> Plant:
    def plant(rng: Generator, case: Case) -> Planted | None:
        table = case.tables[0]
        if what not in (*table.style.errors, *(("low", "high") if "interval" in table.style.errors else ())):
            return None
        spot = _spot(rng, table, lambda e: bool(e.get(what)))
        if spot is None:
            return None
        shown = table.panels[spot[0]][1][spot[1]]
        others = [
            x
            for x in shown.terms
            if x != spot[3] and shown.terms[x].get(what) not in ("", None, _of(table, spot)[what])
        ]
        if not others:
            return None
        other = str(rng.choice(others))
        texts = _of(table, spot)
        old, texts[what] = texts[what], shown.terms[other][what]
        if what == "high" and float(texts["high"]) <= float(texts["low"]):
            return None
        cells = ("low", "high") if what == "high" else (what, "b")
        return _planted(kind, case, [spot], cells, f"{spot[3]}: {what} {old} -> {texts[what]} of {other}")

    return plant


def note_wrong(rng: Generator, case: Case) -> Planted | None:  # noqa: ARG001
    """The note names another kind than the brackets hold: s.e. for t, t for s.e., p for s.e."""
    table = case.tables[0]
    style = table.style
    if (
        style.form not in ("below", "cell")
        or not style.brackets_stated
        or len(style.errors) != 1
        or table.style.words == "chinese"
    ):
        return None
    (kind,) = style.errors
    words = {"se": ("tandard errors", "t"), "t": ("t statistics", "se"), "p": ("p-values", "t")}
    if kind not in words:
        return None
    old, claimed = words[kind]
    new = {"t": "t statistics", "se": "Standard errors"}[claimed]
    changed = [re.sub(rf"(?:Robust |S)*s?{old}(?: clustered by \w+)?", new, n) for n in table.notes]
    if changed == table.notes:
        return None
    table.notes = changed
    every = [(n, label) for n, (_, _, s) in enumerate(table.columns) for label in s.terms]
    cells: list[tuple[int, Key]] = [
        (0, (p, c, label, k)) for p, c, s in table.columns for label in s.terms for k in (kind, "b")
    ]
    return Planted(
        "note with the wrong kind", case, cells, TESTS, estimates_tell(table, every, {kind: claimed}), f"{old} -> {new}"
    )


def _size(shown: Shown, key: str) -> str | None:
    return shown.sizes.get(shown.keys.get(key, ""))


def _sized(
    kind: str,
    case: Case,
    spots: Sequence[tuple[int, int, str]],
    checks: Sequence[str],
    detectable: bool,
    said: str,
    table: int = 0,
) -> Planted:
    shown = {(p, c): s for p, c, s in case.tables[table].columns}
    cells: list[tuple[int, Key]] = [(table, (p, c, shown[p, c].keys[key], "n")) for p, c, key in spots]
    return Planted(kind, case, cells, tuple(checks), detectable, said)


def _set(shown: Shown, key: str, text: str) -> None:
    shown.sizes[shown.keys[key]] = text


def part_too_large(rng: Generator, case: Case) -> Planted | None:
    columns = case.tables[0].panels[0][1]
    whole, part = _size(columns[0], "n"), int(rng.integers(1, 3))
    if whole is None:
        return None
    new = str(int(int(whole) * rng.uniform(1.05, 3)))
    old = _size(columns[part], "n")
    _set(columns[part], "n", new)
    return _sized(
        "N of a part above the whole", case, [(0, part, "n")], ["sums of N"], int(new) > int(whole), f"N {old} -> {new}"
    )


def parts_too_large(rng: Generator, case: Case) -> Planted | None:
    columns = case.tables[0].panels[0][1]
    sizes = [_size(c, "n") for c in columns[:3]]
    if None in sizes:
        return None
    whole, _, b = (int(x or 0) for x in sizes)
    new = int(whole - b + rng.uniform(0.02, 0.4) * whole) + 1
    if new >= whole:
        return None
    _set(columns[1], "n", str(new))
    said = f"{new} + {b} > {whole}"
    return _sized(
        "opposite groups above the whole", case, [(0, 1, "n"), (0, 2, "n")], ["sums of N"], new + b > whole, said
    )


def too_many_rows(rng: Generator, case: Case) -> Planted | None:
    shown = case.tables[0].columns[int(rng.integers(len(case.tables[0].columns)))]
    firms, years, n = (_size(shown[2], k) for k in ("firms", "years", "n"))
    if not firms or not years or not n:
        return None
    new = str(int(int(firms) * int(years) * rng.uniform(1.02, 2)) + 1)
    _set(shown[2], "n", new)
    said = f"{new} > {firms} x {years}"
    return _sized("N above firms x years", case, [(*shown[:2], "n")], ["N"], int(new) > int(firms) * int(years), said)


def clusters_too_many(rng: Generator, case: Case) -> Planted | None:
    shown = case.tables[0].columns[int(rng.integers(len(case.tables[0].columns)))]
    n, clusters = _size(shown[2], "n"), _size(shown[2], "clusters")
    if not n or not clusters:
        return None
    new = str(int(int(n) * rng.uniform(1.05, 4)) + 1)
    _set(shown[2], "clusters", new)
    return _sized("clusters above N", case, [(*shown[:2], "clusters")], ["N"], True, f"{new} clusters in {n}")


def adjusted_above(rng: Generator, case: Case) -> Planted | None:
    shown = case.tables[0].columns[int(rng.integers(len(case.tables[0].columns)))]
    r2, adjusted = _size(shown[2], "r2"), _size(shown[2], "r2_adjusted")
    if not r2 or not adjusted or float(r2) > 0.9 or not _has_no_effects(shown[2]):
        return None  # R2 may be that within groups, and the adjusted one that of the whole model
    new = f"{float(r2) + rng.uniform(0.002, 0.08):.{len(r2.partition('.')[2])}f}"
    _set(shown[2], "r2_adjusted", new)
    told = span(new)[0] > span(r2)[1]
    return _sized("adjusted R2 above R2", case, [(*shown[:2], "r2_adjusted")], ["R2"], told, f"adjusted {new}, R2 {r2}")


def _has_no_effects(shown: Shown) -> bool:
    """Whether rows say that a column has no effects of firms, nor of anything but controls."""
    named = {k: v for k, v in shown.effects.items() if "ontrol" not in k and "控制" not in k}
    return any("irm" in k or "企业" in k for k in named) and all(v in ("No", "否") for v in named.values())


def r2_above_one(rng: Generator, case: Case) -> Planted | None:
    shown = case.tables[0].columns[int(rng.integers(len(case.tables[0].columns)))]
    r2 = _size(shown[2], "r2")
    if not r2:
        return None
    decimals = len(r2.partition(".")[2])
    new = f"{1 + rng.uniform(0.02, 0.6):.{decimals}f}"
    _set(shown[2], "r2", new)
    return _sized("R2 above one", case, [(*shown[:2], "r2")], ["R2"], span(new)[0] > 1, f"R2 {r2} -> {new}")


def r2_falls(rng: Generator, case: Case) -> Planted | None:  # noqa: ARG001
    """The R2 of two nested columns exchanged."""
    table = case.tables[0]
    for p, (_, shown) in enumerate(table.panels):
        a, b = shown[0], shown[-1]
        one, two = _size(a, "r2"), _size(b, "r2")
        if one and two and one != two and _size(a, "n") == _size(b, "n") and set(a.terms) < set(b.terms):
            _set(a, "r2", two)
            _set(b, "r2", one)
            told = span(one)[1] < span(two)[0]
            spots = [(p, 0, "r2"), (p, len(shown) - 1, "r2")]
            return _sized("R2 falls in nested columns", case, spots, ["R2"], told, f"R2 {two} then {one}")
    return None


def f_too_small(rng: Generator, case: Case) -> Planted | None:
    """F of the slopes shown, a tenth or less of what it was, below the largest t squared over their number."""
    table = case.tables[0]
    p, c, shown = table.columns[int(rng.integers(len(table.columns)))]
    f = _size(shown, "f")
    if not f or any(v in ("Yes", "是") for v in shown.effects.values()) or shown.effects:
        return None
    new = f"{float(f) / rng.uniform(6, 15):.2f}"
    _set(shown, "f", new)
    constant = shown.names.get("const", "")
    terms = {k: e for k, e in shown.terms.items() if k != constant}
    least = 0.0
    for e in terms.values():
        if e.get("t"):
            least = max(least, min(abs(v) for v in span(e["t"])) if float(e["t"]) else 0.0)
        elif e.get("se") and table.style.brackets_stated | (table.style.form in ("beside", "stat")):
            least = max(least, max(abs(float(e["b"])) - (span(e["b"])[1] - float(e["b"])), 0) / span(e["se"])[1])
    told = span(new)[1] * len(terms) < least**2
    return _sized(
        "F below t squared over k", case, [(p, c, "f")], ["F"], told, f"F {f} -> {new}, t {least:.3g}, k {len(terms)}"
    )


def turning_wrong(rng: Generator, case: Case) -> Planted | None:
    at = len(case.tables) - 1
    table = case.tables[at]
    p, c, shown = table.columns[int(rng.integers(len(table.columns)))]
    old = _size(shown, "turning")
    if not old:
        return None
    new = digits_exchanged(old, rng)
    if new == old:
        return None
    _set(shown, "turning", new)
    linear, square = (shown.terms[shown.names[k]]["b"] for k in ("m", "m2"))
    told = not turning_possible(linear, square, new)
    said = f"{old} -> {new}; {linear}, {square}"
    return _sized("printed turning point", case, [(p, c, "turning")], ["printed turning point"], told, said, at)


def difference_wrong(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    shown = table.panels[0][1]
    if len(shown) < 4:
        return None
    label = str(rng.choice(list(shown[3].terms)))
    old = shown[3].terms[label]["b"]
    new = digits_exchanged(old, rng) if rng.random() < 0.7 else (old[1:] if old[0] == "-" else f"-{old}")
    if float(new) == float(old):
        return None
    shown[3].terms[label]["b"] = new
    a, b = span(shown[1].terms[label]["b"]), span(shown[2].terms[label]["b"])
    told = span(new)[0] > a[1] - b[0] or span(new)[1] < a[0] - b[1]
    cells: list[tuple[int, Key]] = [(0, (0, 3, label, "b"))]
    told = told or estimates_tell(table, [(3, label)])
    return Planted("printed difference", case, cells, ("printed differences", *TESTS), told, f"{label}: {old} -> {new}")


def _cell(table: Drawn, head: str, row: int) -> tuple[int, str] | None:
    at = next((j for j, h in enumerate(table.heads) if describes(h) == head), None)
    return None if at is None else (at, table.rows[row][1][at])


def _row_of(rng: Generator, table: Drawn, needs: Sequence[str]) -> tuple[int, dict[str, tuple[int, str]]] | None:
    row = int(rng.integers(len(table.rows)))
    found = {k: v for k in needs if (v := _cell(table, k, row)) is not None}
    return (row, found) if len(found) == len(needs) else None


def _summary(kind: str, case: Case, row: int, at: Sequence[int], told: bool, said: str) -> Planted:
    label = case.tables[0].rows[row][0]
    return Planted(kind, case, [(0, (0, j, label, "n")) for j in at], ("descriptives",), told, f"{label}: {said}")


def mean_outside(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    picked = _row_of(rng, table, ("mean", "min", "max"))
    if picked is None:
        return None
    row, found = picked
    (j, old), low, high = found["mean"], float(found["min"][1]), float(found["max"][1])
    decimals = len(old.partition(".")[2])
    gap = rng.uniform(0.02, 0.5) * (high - low)
    new = f"{(high + gap) if rng.random() < 0.5 else (low - gap):.{decimals}f}"
    table.rows[row][1][j] = new
    told = span(new)[0] > span(found["max"][1])[1] or span(new)[1] < span(found["min"][1])[0]
    return _summary("mean outside the range", case, row, [j], told, f"mean {old} -> {new}")


def spread_too_large(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    picked = _row_of(rng, table, ("n", "mean", "sd", "min", "max"))
    if picked is None:
        return None
    row, found = picked
    j, old = found["sd"]
    new = f"{float(old) * rng.uniform(2, 10):.{len(old.partition('.')[2])}f}"
    table.rows[row][1][j] = new
    n, mean, low, high = (found[k][1] for k in ("n", "mean", "min", "max"))
    told = not spread_possible(int(n), mean, new, low, high)
    return _summary("s.d. above its bound", case, row, [j], told, f"sd {old} -> {new} in [{low}, {high}], mean {mean}")


def quantiles_exchanged(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    order = [k for k in ("min", "p25", "median", "p75", "max") if any(describes(h) == k for h in table.heads)]
    if len(order) < 2:
        return None
    i = int(rng.integers(len(order) - 1))
    picked = _row_of(rng, table, order[i : i + 2])
    if picked is None:
        return None
    row, found = picked
    (j, a), (k, b) = found.values()
    if a == b:
        return None
    table.rows[row][1][j], table.rows[row][1][k] = b, a
    told = span(b)[0] > span(a)[1]
    return _summary("quantiles out of order", case, row, [j, k], told, f"{order[i]} {b}, {order[i + 1]} {a}")


def _bare(text: str) -> str:
    return text.rstrip("*+")


def asymmetric(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    n = len(table.rows)
    if not table.rows[0][1][-1] or n < 3:
        return None
    i = int(rng.integers(1, n))
    j = int(rng.integers(0, i))
    text = table.rows[j][1][i]
    new = digits_exchanged(_bare(text), rng)
    if new == _bare(text) or abs(float(new)) > 1:
        return None
    table.rows[j][1][i] = new + text[len(_bare(text)) :]
    a, b = span(new), span(_bare(table.rows[i][1][j]))
    cells: list[tuple[int, Key]] = [(0, (0, i, table.rows[j][0], "n")), (0, (0, j, table.rows[i][0], "n"))]
    return Planted(
        "correlations asymmetric", case, cells, ("correlations",), a[0] > b[1] or a[1] < b[0], f"{text} -> {new}"
    )


def not_semidefinite(rng: Generator, case: Case) -> Planted | None:
    """One correlation of a triangle replaced by a large one of either sign."""
    table = case.tables[0]
    n = len(table.rows)
    if n < 3 or table.rows[0][1][-1]:
        return None
    i = int(rng.integers(1, n))
    j = int(rng.integers(0, i))
    text = table.rows[i][1][j]
    decimals = len(_bare(text).partition(".")[2])
    old = float(_bare(text))
    table.rows[i][1][j] = f"{-math.copysign(rng.uniform(0.8, 0.99), old):.{decimals}f}" + text[len(_bare(text)) :]
    lower = upper = np.eye(n)
    lower, upper = lower.copy(), upper.copy()
    for a in range(n):
        for b in range(a):
            low, high = span(_bare(table.rows[a][1][b]))
            lower[a, b] = lower[b, a] = max(low, -1.0)
            upper[a, b] = upper[b, a] = min(high, 1.0)
    cells: list[tuple[int, Key]] = [(0, (0, j, table.rows[i][0], "n"))]
    told = not matrix_possible(lower, upper) or _star_tells(table, table.rows[i][1][j])
    return Planted(
        "correlations not semi-definite", case, cells, ("correlations",), told, f"{text} -> {table.rows[i][1][j]}"
    )


def _star_tells(table: Drawn, text: str) -> bool:
    """Whether the stars of a correlation are impossible, its N being in the note."""
    n = int(re.findall(r"N = (\d+)", " ".join(table.notes))[0])
    bare = _bare(text)
    marks = text[len(bare) :]
    every = {c[len(_bare(c)) :] for _, row in table.rows for c in row if c} - {""}
    if not every:
        return False
    ways = [LEVELS[table.style.levels]] if table.style.levels_stated else [lv for lv in IN_USE if every <= set(lv)]
    return bool(ways) and all(not correlation_possible(bare, marks, n, lv) for lv in ways)


def rank_wrong(rng: Generator, case: Case) -> Planted | None:
    """The ranks of two rows exchanged."""
    table = case.tables[0]
    i, k = (int(x) for x in rng.choice(len(table.rows), 2, replace=False))
    at = int(rng.choice([1, 3]))
    a, b = table.rows[i][1], table.rows[k][1]
    if a[at] == b[at]:
        return None
    a[at], b[at] = b[at], a[at]
    values, ranks = [r[1][at - 1] for r in table.rows], [r[1][at] for r in table.rows]
    cells: list[tuple[int, Key]] = [(0, (0, at, table.rows[x][0], "n")) for x in (i, k)]
    return Planted(
        "rank not that of the value", case, cells, ("ranks",), not rank_possible(values, ranks), f"{i} and {k}"
    )


def repeat_changed(rng: Generator, case: Case) -> Planted | None:
    """One digit of a benchmark changed where it stands again."""
    one, two = case.tables[0].panels[0][1][-1], case.tables[1].panels[0][1][0]
    label = str(rng.choice(list(two.terms)))
    kinds = [k for k in ("b", "se", "t") if two.terms[label].get(k)]
    what = str(rng.choice(kinds))
    old = two.terms[label][what]
    spots = [i for i, ch in enumerate(old) if ch.isdigit()]
    i = int(rng.choice(spots))
    new = old[:i] + str((int(old[i]) + int(rng.integers(1, 9))) % 10) + old[i + 1 :]
    two.terms[label][what] = new
    told = span(new)[0] > span(one.terms[label][what])[1] or span(new)[1] < span(one.terms[label][what])[0]
    told = told and len(two.terms) >= 4 and _size(one, "n") is not None
    cells: list[tuple[int, Key]] = [(1, (0, 0, label, what))]
    return Planted(
        "benchmark repeated with a slip", case, cells, ("repeats", *TESTS), told, f"{label}: {what} {old} -> {new}"
    )


def column_copied(rng: Generator, case: Case) -> Planted | None:  # noqa: ARG001
    """All estimates of a column of another outcome are those of the column before."""
    table = case.tables[1]
    a, b = table.panels[0][1]
    b.terms = copy.deepcopy(a.terms)
    cells: list[tuple[int, Key]] = [(1, (0, 1, label, "b")) for label in b.terms]
    return Planted("column copied", case, cells, ("copies",), len(set(a.names) - {"const"}) >= 3, "column 2 of table 2")


def text_slips(rng: Generator, case: Case) -> Planted | None:
    table = case.tables[0]
    spot = _spot(rng, table, lambda e: len(e["b"].partition(".")[2]) >= 3)
    if spot is None or table.style.form == "beside":
        return None
    b = _of(table, spot)["b"]
    new = digits_exchanged(b, rng)
    every = {e[k].lstrip("-") for _, _, s in table.columns for e in s.terms.values() for k in e if k != "marks"}
    if new == b or len(re.sub(r"\D", "", b).lstrip("0")) < 2:
        return None
    case.text = f"Table 1 shows the results. In Table 1 the coefficient of {spot[3]} is {new}."
    sizes = {x for _, _, s in table.columns for x in s.sizes.values()}
    told = new.lstrip("-") not in every | sizes
    cells: list[tuple[int, Key]] = [(0, (spot[0], spot[1], spot[3], "b"))]
    return Planted("text quotes with a slip", case, cells, ("claims",), told, f"{b} quoted as {new}")


def text_claims(rng: Generator, case: Case) -> Planted | None:
    """The text calls a variable significant at 1% that is so in no column: p of 0.1 and more in all."""
    table = case.tables[0]
    labels = list(dict.fromkeys(x for _, _, s in table.columns for x in s.terms))
    label = str(rng.choice(labels))
    found = [(s, s.terms[label]) for _, _, s in table.columns if label in s.terms]
    if table.style.words == "chinese" or not {"t", "se"} & set(table.style.errors) or any(s.ratio for s, _ in found):
        return None
    if not (table.style.brackets_stated or table.style.form in ("beside", "stat")):
        return None
    sizes = []
    for _, e in found:
        b = max(abs(v) for v in span(e["b"]))
        if e.get("t"):
            sizes.append(max(abs(v) for v in span(e["t"])))
        else:
            sizes.append(b / span(e["se"])[0] if span(e["se"])[0] > 0 else math.inf)
    if max(sizes) > 1.3:
        return None
    case.text = f"Table 1 gives the results. In Table 1, {label} is significant at the 1% level."
    cells: list[tuple[int, Key]] = [(0, (p, c, label, "b")) for p, c, s in table.columns if label in s.terms]
    return Planted("text claims 1%", case, cells, ("claims",), True, f"{label}: |t| at most {max(sizes):.2f}")


def text_inverts(rng: Generator, case: Case) -> Planted | None:  # noqa: ARG001
    """The text sees an inverted U where every square is positive, or no column has a square."""
    at = len(case.tables) - 1
    table = case.tables[at]
    if table.style.words == "chinese":
        return None
    squares = [s.terms[s.names["m2"]]["b"] for _, _, s in table.columns if "m2" in s.names]
    if any(span(b)[0] < 0 for b in squares):
        return None
    number = table.name.removeprefix("table")
    case.text = f"The results are in Table {number}. Table {number} shows an inverted U-shaped relation."
    cells: list[tuple[int, Key]] = [(at, (p, c, x, "b")) for p, c, s in table.columns for x in s.terms]
    return Planted("inverted U where there is none", case, cells, ("claims",), True, f"squares {squares}")


def mediation_broken(rng: Generator, case: Case) -> Planted | None:
    """The sign or a digit of the path to the mediator, where the three columns have the same rows and terms."""
    table = case.tables[0]
    total, path, direct = table.panels[0][1]
    label = total.names["m"]
    texts = path.terms[label]
    if len({_size(s, "n") for s in (total, path, direct)}) != 1 or _size(total, "n") is None:
        return None
    old = texts["b"]
    if rng.random() < 0.6:
        turned = {k: texts[k] for k in ("b", "t", "low", "high") if texts.get(k)}
        texts |= {k: (v[1:] if v[0] == "-" else f"-{v}") for k, v in turned.items()}
        if "low" in turned:
            texts["low"], texts["high"] = texts["high"], texts["low"]
    else:
        texts["b"] = digits_exchanged(old, rng)
    if float(texts["b"]) == float(old):
        return None
    mediator = direct.terms[direct.names["med"]]["b"]
    told = not product_possible(total.terms[label]["b"], texts["b"], direct.terms[label]["b"], mediator)
    told = told or estimates_tell(table, [(1, label)])
    cells: list[tuple[int, Key]] = [(0, (0, 1, label, "b"))]
    return Planted(
        "mediation identity", case, cells, ("mediation identity", *TESTS), told, f"a path {old} -> {texts['b']}"
    )


REGRESSIONS = ("ols", "groups", "mediation", "iv", "logit", "lags")
PLANTS: Mapping[str, tuple[Plant, tuple[str, ...], Mapping[str, object]]] = {
    "star added": (star_added, REGRESSIONS, {}),
    "star removed": (star_removed, REGRESSIONS, {}),
    "star of another level": (star_level, REGRESSIONS, {}),
    "sign of t": (sign_of_t, REGRESSIONS, {}),
    "t exchanged with a neighbour": (t_exchanged, REGRESSIONS, {}),
    "digit transposed in b": (_digit("b"), REGRESSIONS, {}),
    "digit transposed in se": (_digit("se"), REGRESSIONS, {}),
    "digit transposed in t": (_digit("t"), REGRESSIONS, {}),
    "digit transposed in p": (_digit("p"), REGRESSIONS, {}),
    "point moved in s.e.": (se_moved, REGRESSIONS, {}),
    "p of another row": (_of_another_row("p of another row", "p"), REGRESSIONS, {}),
    "end of an interval of another row": (
        _of_another_row("end of an interval of another row", "high"),
        REGRESSIONS,
        {},
    ),
    "note with the wrong kind": (note_wrong, REGRESSIONS, {}),
    "N of a part above the whole": (part_too_large, ("groups",), {}),
    "opposite groups above the whole": (parts_too_large, ("groups",), {}),
    "N above firms x years": (too_many_rows, ("ols", "groups", "lags"), {}),
    "clusters above N": (clusters_too_many, REGRESSIONS, {}),
    "adjusted R2 above R2": (adjusted_above, REGRESSIONS, {}),
    "R2 above one": (r2_above_one, REGRESSIONS, {}),
    "R2 falls in nested columns": (r2_falls, ("ols", "repeat"), {}),
    "F below t squared over k": (f_too_small, ("ols",), {}),
    "printed turning point": (turning_wrong, ("quadratic",), {}),
    "printed difference": (difference_wrong, ("groups",), {}),
    "mean outside the range": (mean_outside, ("descriptive",), {}),
    "s.d. above its bound": (spread_too_large, ("descriptive",), {}),
    "quantiles out of order": (quantiles_exchanged, ("descriptive",), {}),
    "correlations asymmetric": (asymmetric, ("correlation",), {}),
    "correlations not semi-definite": (not_semidefinite, ("correlation",), {}),
    "rank not that of the value": (rank_wrong, ("ranking",), {}),
    "benchmark repeated with a slip": (repeat_changed, ("repeat",), {}),
    "column copied": (column_copied, ("repeat",), {}),
    "text quotes with a slip": (text_slips, REGRESSIONS, {}),
    "text claims 1%": (text_claims, REGRESSIONS, {}),
    "inverted U where there is none": (text_inverts, ("quadratic", "ols"), {}),
    "mediation identity": (mediation_broken, ("mediation",), {}),
}


def plant(kind: str, seed: int, **fixed: object) -> tuple[Case, Planted]:
    """A consistent case and the same with one error of the kind."""
    make, kinds, more = PLANTS[kind]
    for attempt in range(400):
        rng = np.random.default_rng([seed, attempt, list(PLANTS).index(kind)])
        case = draw(int(rng.integers(2**31)), kind=str(rng.choice(kinds)), **{**more, **fixed})  # type: ignore[arg-type]
        case.text = ""
        made = make(rng, copy.deepcopy(case))
        if made is not None:
            return case, made
    raise AssertionError(f"no case for {kind}, seed {seed}")
