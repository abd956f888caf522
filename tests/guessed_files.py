"""Simulated files under headings of every quality, whose right columns are known: what certainties are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from integrade.sources.meaning.synonyms import COLUMNS, vocabulary

Draw = np.random.Generator
NOTHING = ("var1", "x3", "col_7", "field", "data", "info", "misc", "obs", "q12", "series", "_1", "flag")
"""Headings that tell nothing."""
FURTHER = ("remarks", "source", "version", "quality flag", "batch", "port", "vessel", "page", "auditor", "status")
"""Headings of columns that no table has."""
COUNTRIES = (
    "USA",
    "CHN",
    "JPN",
    "DEU",
    "FRA",
    "GBR",
    "IND",
    "BRA",
    "MEX",
    "ITA",
    "KOR",
    "ESP",
    "CAN",
    "THA",
    "VNM",
    "IDN",
)
NAMES = ("Alta", "Bora", "Cima", "Dora", "Esta", "Fina", "Gora", "Hila", "Iva", "Jura", "Kova", "Lima", "Mora", "Nova")
GOODS = ("Food", "Clothing", "Housing", "Transport", "Health", "Education", "Other goods", "Recreation")
HS = ("010121", "080390", "151190", "400122", "610910", "854231", "940360", "870899", "220421", "300490", "720839")


def simulated(seed: int) -> tuple[str, pl.DataFrame, Mapping[str, str]]:
    """A table's name, a file, and which heading is which column (``""`` for further ones)."""
    draw = np.random.default_rng(seed)
    table = ("prices", "customs", "firms")[seed % 3]
    cells = MAKERS[table](draw)
    headings: dict[str, str] = {}
    for role in cells:
        heading = _heading(draw, table, role)
        while heading in headings.values():
            heading += str(draw.integers(2, 9))
        headings[role] = heading
    columns = {headings[role]: values for role, values in cells.items()}
    right = {headings[role]: "" if role.startswith("?") else role for role in cells}
    order = draw.permutation(list(columns))
    return table, pl.DataFrame({str(name): columns[str(name)] for name in order}), right


def _heading(draw: Draw, table: str, role: str) -> str:
    """A known heading, one that was changed, one of nothing; of a further column any."""
    kind = draw.random()
    if role.startswith("?"):
        return str(draw.choice(FURTHER if kind < 0.6 else NOTHING))
    words = [w for tier in COLUMNS[table][role] for key in tier for w in vocabulary().get(key, ())] or [role]
    word = str(draw.choice(words))
    if kind < 0.4:
        return word
    if kind < 0.8:
        return _changed(draw, word)
    return str(draw.choice(NOTHING))


def _changed(draw: Draw, word: str) -> str:
    """A word more, a word cut short, a letter lost, a number behind it."""
    match int(draw.integers(0, 5)):
        case 0:
            return f"{word} ({draw.choice(('final', 'revised', 'main', 'a', 'total'))})"
        case 1:
            return " ".join(part[: max(3, len(part) - 3)] for part in word.split(" "))
        case 2:
            at = int(draw.integers(0, max(1, len(word))))
            return word[:at] + word[at + 1 :] or word
        case 3:
            return f"{draw.choice(('the', 'reported', 'main', 'own'))} {word}"
        case _:
            return f"{word}_{draw.integers(1, 30)}"


def _prices(draw: Draw) -> dict[str, Any]:
    regions, goods = list(draw.choice(NAMES, 8, replace=False)), list(draw.choice(GOODS, 5, replace=False))
    rows = [(r, y, g) for r in regions for y in range(2008, 2014) for g in goods]
    cells: dict[str, Any] = {
        "region": [r for r, _, _ in rows],
        "year": [y for _, y, _ in rows],
        "commodity": [g for _, _, g in rows],
        "index": draw.normal(102, 3, len(rows)).round(2),
    }
    if draw.random() < 0.5:
        cells["?weight"] = draw.uniform(0, 60, len(rows)).round(1)
    if draw.random() < 0.5:
        cells["?code"] = [f"R{regions.index(r):02d}" for r, _, _ in rows]
    if draw.random() < 0.3:
        cells["?source"] = ["survey"] * len(rows)
    return cells


def _customs(draw: Draw) -> dict[str, Any]:
    n = 600
    quantity = np.exp(draw.normal(5, 1.5, n))
    cells: dict[str, Any] = {
        "firm": [f"E{k:04d}" for k in draw.integers(0, 80, n)],
        "product": draw.choice(HS, n),
        "destination": draw.choice(COUNTRIES, n),
        "year": draw.integers(2010, 2016, n),
        "value": (quantity * np.exp(draw.normal(2, 0.5, n))).round(0),
        "quantity": quantity.round(1),
    }
    if draw.random() < 0.5:
        cells["unit"] = draw.choice(("kg", "pcs", "l"), n)
    if draw.random() < 0.5:
        cells["?port"] = draw.choice(NAMES, n)
    if draw.random() < 0.3:
        cells["month"] = draw.integers(1, 13, n)
    if draw.random() < 0.3:
        cells["?line"] = np.arange(1, n + 1)
    return cells


def _firms(draw: Draw) -> dict[str, Any]:
    years, firms = range(2009, 2014), range(60)
    rows = [(f, y) for f in firms for y in years]
    n = len(rows)
    assets = np.exp(draw.normal(9, 1.2, n))
    cells: dict[str, Any] = {
        "firm": [f"{70000 + 3 * f}" for f, _ in rows],
        "year": [y for _, y in rows],
        "region": [NAMES[f % 9] for f, _ in rows],
        "industry": [f"{10 + f % 15}" for f, _ in rows],
        "assets": assets.round(1),
        "liabilities": (assets * draw.uniform(0.1, 0.9, n)).round(1),
        "net_profit": (assets * draw.normal(0.03, 0.08, n)).round(1),
    }
    if draw.random() < 0.5:
        cells["founded"] = [1950 + 7 * f % 55 for f, _ in rows]
    if draw.random() < 0.5:
        cells["employees"] = np.exp(draw.normal(4, 1, n)).round(0).astype(int)
    if draw.random() < 0.5:
        cells["name"] = [f"Works {NAMES[f % 14]} {f}" for f, _ in rows]
    if draw.random() < 0.5:
        cells["?status"] = draw.choice(("active", "closed"), n)
    if draw.random() < 0.3:
        cells["?growth"] = draw.normal(0, 0.2, n).round(3)
    return cells


MAKERS: Mapping[str, Callable[[Draw], dict[str, Any]]] = {"prices": _prices, "customs": _customs, "firms": _firms}
