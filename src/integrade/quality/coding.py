"""Code customs keys as integers, so that every later step groups and joins on one number.

Columns are named by the letters of the paper: f firm, h product (HS code x unit), g variety, m destination, c customs
regime, t year.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from integrade.engine.exact import totals
from integrade.engine.frames import Frame, as_ranks, collect, held, place

if TYPE_CHECKING:
    import polars as pl

    from integrade.quality.arranged import Arranged

TEXT: Mapping[str, tuple[str, ...]] = {
    "f": ("firm",),
    "h": ("product", "unit"),
    "g": ("variety",),
    "m": ("destination",),
    "c": ("regime",),
}
LETTER: Mapping[str, str] = {"product": "h", "destination": "m", "year": "t"}
OPTIONAL = ("unit", "variety", "regime")  # may be missing: missing is a level
ORDER = "fhgmtc"  # letters of the key of a row, in the order by which results are sorted
_CANONICAL = {name for names in TEXT.values() for name in names} | {"year", "value", "quantity"}
_MOST = 2**62


def in_key_order(names: Collection[str]) -> list[str]:
    """Return the columns that belong to the key of a row, in the order by which results are sorted.

    Example:
        >>> in_key_order(["year", "industry", "product", "firm"])
        ['firm', 'product', 'year']
    """
    order = (name for letter in ORDER for name in (("year",) if letter == "t" else TEXT[letter]))
    return [name for name in order if name in names]


@dataclass(frozen=True)
class Coded:
    """Rows with integer keys: letters, v (value), q (quantity).

    ``levels`` has, by letter, a table with the text of every code; code i is in row i. ``sizes`` counts the levels by
    letter, with the years from ``first_year`` on. ``carried`` names further columns of the rows: name -> number or text
    (the type). ``arranged``: the same rows for compiled loops, if the table is large.
    """

    frame: Frame
    levels: Mapping[str, pl.DataFrame]
    sizes: Mapping[str, int]
    first_year: int
    carried: Mapping[str, str] = field(default_factory=dict)
    arranged: Arranged | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the key of a row."""
        return tuple(self.sizes)


def code_keys(frame: Frame, kept: ExitStack, carried: Mapping[str, str] | None = None) -> Coded:
    """Code the text columns of customs rows by sorted value; the coded rows are held until ``kept`` is closed.

    ``carried`` columns (name -> type: number or text) keep their own names, which must be longer than a letter.
    """
    carried = carried or {}
    frame = frame.select(*[n for n in frame.collect_schema().names() if n in _CANONICAL or n in carried])
    names = frame.collect_schema().names()
    frame = frame.with_columns(nw.col("product"), *[nw.col(n).fill_null("") for n in OPTIONAL if n in names])
    groups = {letter: here for letter, texts in TEXT.items() if (here := [n for n in texts if n in names])}
    ranked = _ranked(frame, groups)
    if ranked is None:
        levels = {letter: collect(frame.select(*here).unique()).sort(here) for letter, here in groups.items()}
        wide = frame
        for letter, here in groups.items():
            wide = wide.join(place(with_code(levels[letter], letter), frame), on=here, how="inner")
    else:
        wide, levels = ranked
    low, high = collect(wide.select(low=nw.col("year").min(), high=nw.col("year").max())).row(0)
    text = [nw.col(n).cast(nw.String) for n, kind in carried.items() if kind == "text"]
    extra = [*text, *[nw.col(n) for n, kind in carried.items() if kind == "number"]]
    rows = wide.select(*levels, *extra, t=nw.col("year") - low, v=nw.col("value"), q=nw.col("quantity"))
    sizes = {letter: texts.height for letter, texts in levels.items()} | {"t": high - low + 1}
    return Coded(kept.enter_context(held(rows)), levels, sizes, low, carried)


def _ranked(frame: Frame, groups: Mapping[str, list[str]]) -> tuple[Frame, dict[str, pl.DataFrame]] | None:
    """Return rows with their codes, and the levels, without a join on text.

    Return None if the engine does not store text as dictionaries.
    """
    ranked = as_ranks(frame, [name for here in groups.values() for name in here])
    if ranked is None:
        return None
    wide, values = ranked
    levels: dict[str, pl.DataFrame] = {}
    for letter, here in groups.items():
        if len(here) == 1:
            levels[letter] = values[here[0]].to_frame()
            wide = wide.with_columns(nw.col(here[0]).alias(letter))
            continue
        pairs = collect(wide.select(*here).unique()).sort(here)
        wide = wide.join(place(with_code(pairs, letter), wide), on=here, how="inner")
        levels[letter] = pairs.with_columns(values[name].gather(pairs[name]).alias(name) for name in here)
    return wide, levels


def sum_repeated(coded: Coded, kept: ExitStack) -> tuple[Coded, int]:
    """Sum value and quantity of rows with the same key; return the rows and how many were summed into others.

    Carried numbers are averaged, weighted by value, over the rows that have them. Of carried texts, the first in sort
    order is kept.
    """
    rows = count_rows(coded.frame)
    if math.prod(coded.sizes.values()) < _MOST:
        distinct = int(collect(coded.frame.select(n=joint(coded, coded.letters).n_unique())).item())
    else:
        distinct = count_rows(coded.frame.group_by(*coded.letters).agg(n=nw.len()))
    if distinct == rows:
        return coded, 0
    numbers = [n for n, kind in coded.carried.items() if kind == "number"]
    texts = [n for n, kind in coded.carried.items() if kind == "text"]
    there = {f"{n} there": nw.when(~nw.col(n).is_null()).then(nw.col("v")) for n in numbers}
    weighted = coded.frame.with_columns(nw.col("v"), *[nw.col(n) * nw.col("v") for n in numbers], **there)
    sums = ["v", "q", *numbers, *there]
    summed = weighted.group_by(*coded.letters).agg(*totals(weighted, *sums), *[nw.col(n).min() for n in texts])
    means = [nw.when(nw.col(f"{n} there") > 0).then(nw.col(n) / nw.col(f"{n} there")).alias(n) for n in numbers]
    summed = summed.with_columns(nw.col("v"), *means).select(*coded.letters, "v", "q", *coded.carried)
    return dataclasses.replace(coded, frame=kept.enter_context(held(summed))), rows - distinct


def count_rows(frame: Frame) -> int:
    """Return the number of rows of a frame."""
    return int(collect(frame.select(n=nw.len())).item())


def joint(coded: Coded, letters: Sequence[str]) -> nw.Expr:
    """Return an expression for several codes as one number, in which the first letter is the most significant digit."""
    code = nw.col(letters[0])
    for letter in letters[1:]:
        code = code * coded.sizes[letter] + nw.col(letter)
    return code


def split(coded: Coded, letters: Sequence[str], code: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Return, by letter, the codes that `joint` combined into ``code``."""
    parts: dict[str, NDArray[np.int64]] = {}
    for letter in reversed(letters[1:]):
        parts[letter] = code % coded.sizes[letter]
        code = code // coded.sizes[letter]
    return {letters[0]: code} | parts


def with_text(frame: Frame, coded: Coded, letters: Sequence[str]) -> Frame:
    """Replace ``letters`` by columns of text; t is always replaced by year."""
    for letter in letters:
        if letter in coded.levels:
            frame = frame.join(place(with_code(coded.levels[letter], letter), frame), on=letter, how="inner")
    blank = [n for n in OPTIONAL if n in frame.collect_schema().names()]
    frame = frame.with_columns(year=nw.col("t") + coded.first_year)
    return frame.with_columns(nw.col("year"), *[nw.when(nw.col(n) != "").then(nw.col(n)).alias(n) for n in blank])


def with_code(levels: pl.DataFrame, letter: str) -> pl.DataFrame:
    """Number the levels by their row, in the column ``letter``."""
    import polars as pl

    return levels.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(letter))
