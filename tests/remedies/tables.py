"""Small tables that cases share."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import polars as pl

FOLDER = Path(mkdtemp(prefix="remedies"))
_DRAW = np.random.default_rng(1)


def _panel() -> pl.DataFrame:
    """24 firms in 8 regions over 6 years; m is by region and year; two firms move."""
    firms, years = np.repeat(np.arange(24), 6), np.tile(np.arange(2000, 2006), 24)
    home = np.where((firms < 2) & (years > 2002), (firms + 1) % 8, firms % 8)
    market = _DRAW.normal(4, 0.5, (8, 6))
    n = len(firms)
    m, z = market[home, years - 2000], _DRAW.normal(size=n)
    x = z + _DRAW.normal(size=n)
    return pl.DataFrame(
        {
            "firm": [f"F{i:02}" for i in firms],
            "year": years,
            "region": [f"R{i}" for i in home],
            "industry": [f"{13 + i % 3}" for i in firms],
            "kind": ["state" if i % 2 else "private" for i in firms],
            "m": m,
            "x": x,
            "z": z,
            "z2": _DRAW.normal(size=n),
            "w": _DRAW.uniform(1, 2, n),
            "y": 0.5 * x + 0.8 * m - 0.1 * m**2 + _DRAW.normal(size=n),
        }
    )


PANEL = _panel()
F = "y ~ x | firm + year"


def csv(frame: pl.DataFrame, name: str) -> str:
    """The frame as a csv file."""
    frame.write_csv(FOLDER / name)
    return str(FOLDER / name)


def text(content: str, name: str) -> str:
    """A file of text."""
    (FOLDER / name).write_text(content, encoding="utf-8")
    return str(FOLDER / name)


def _prices() -> pl.DataFrame:
    """Link indices of six goods in the regions and years of the panel."""
    draw = np.random.default_rng(2)
    cells = [(f"R{i}", year, f"k{k}") for i in range(8) for year in range(2000, 2006) for k in range(6)]
    rows = pl.DataFrame(cells, schema=["region", "year", "commodity"], orient="row")
    return rows.with_columns(index=pl.Series(100 * np.exp(draw.normal(0.02, 0.03, len(cells)))))


PRICES = _prices()
