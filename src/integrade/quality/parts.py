"""Bring customs rows on Spark into files of whole products, on which workers compute what one machine computes.

The source is read once. The rows of each product are brought together and written where all workers see them
(`integrade.engine.frames.files_by`). Each file is a table in memory, made by `arranged`. The driver gets only tables by
product or by destination-year of a product.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw

from integrade.engine.frames import Files, Frame, collect, engine_of, enter, files_by, workers_know
from integrade.quality.coding import OPTIONAL, TEXT
from integrade.quality.segments import runs

if TYPE_CHECKING:
    import polars as pl

    from integrade.quality.arranged import Arranged

MODULE = "integrade.quality.on_workers"
WIDTH = 1 << 20  # approximate rows of a file: a worker needs 100 bytes for each while it sorts them


@dataclass(frozen=True)
class Parts:
    """Customs rows in files of whole products.

    ``texts``: the text columns of the rows. ``products``: product (, unit) and n_rows, with h as the row number.
    ``merged``: how many rows were summed into others of the same key. ``cells``: the number of destination-years of
    products.
    """

    files: Files
    texts: tuple[str, ...]
    products: pl.DataFrame
    merged: int
    cells: int

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the key of a row."""
        return (*(letter for letter, names in TEXT.items() if set(names) & set(self.texts)), "t")

    @property
    def levels(self) -> Mapping[str, pl.DataFrame]:
        """The texts of every product: product h is row h."""
        return {"h": self.products.select(name for name in TEXT["h"] if name in self.texts)}

    def rows_by_product(self) -> pl.DataFrame:
        """Return a table with the number of rows ``n_rows`` of each product ``h``."""
        import polars as pl

        return self.products.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("h"), "n_rows")


def parts_of(frame: Frame, n: int, kept: ExitStack) -> Parts | None:
    """Return customs rows (at most ``n``) in files of whole products; the files last until ``kept`` is closed.

    Return None if the engine is not Spark, if workers share no folder or lack integrade, or if some rows need
    `conform`.
    """
    if engine_of(frame) != "spark" or not workers_know(frame, MODULE):
        return None
    names = frame.collect_schema().names()
    texts = tuple(name for here in TEXT.values() for name in here if name in names)
    blank = [nw.col(name).fill_null("") for name in texts if name in OPTIONAL]
    rows = frame.select(*texts, "year", "value", "quantity").with_columns(nw.col("year"), *blank)
    keys = texts_of("h", texts)
    kinds = keys | dict.fromkeys(("n_rows", "merged", "cells", "refused"), int)
    written = files_by(rows, "product", max(4, -(-n // WIDTH)), _first_look, kinds, kept)
    if written is None:
        return None
    files, by_file = written
    # an engine that splits a product between files would give wrong results
    if by_file["refused"].sum() or by_file.select(*keys).is_duplicated().any():
        return None
    products, merged, cells = (
        by_file.sort(*keys).select(*keys, "n_rows"),
        by_file["merged"].sum(),
        by_file["cells"].sum(),
    )
    return Parts(files, texts, products, int(merged), int(cells))


def texts_of(letter: str, texts: tuple[str, ...]) -> dict[str, type]:
    """Return the columns of text of a letter, with their type."""
    return {name: str for name in TEXT[letter] if name in texts}


def _first_look(rows: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    from integrade.quality.arranged import arranged

    part = arranged(enter(rows), rows.height)
    if part is None:
        blank = {name: [""] for name in TEXT["h"] if name in rows.columns}
        return pl.DataFrame({**blank, "n_rows": [0], "merged": [0], "cells": [0], "refused": [1]})
    products = part.levels["h"].with_columns(n_rows=part.rows_by_product()["n_rows"], refused=0)
    cells = len(runs(part.letter("h"), part.market)) - 1
    return products.with_columns(merged=in_first_row(part.merged), cells=in_first_row(cells))


def in_first_row(x: float) -> pl.Expr:
    """Return a number of the whole file as a column: the number in the first row, 0 in all other rows."""
    import polars as pl

    return pl.when(pl.int_range(pl.len()) == 0).then(x).otherwise(0 if isinstance(x, int) else 0.0)


def part_of(rows: pl.DataFrame) -> Arranged:
    """Return the rows of a file, arranged by product."""
    from integrade.quality.arranged import arranged_rows

    return arranged_rows(enter(rows))


def cross_products_of_files(parts: Parts, identity: str, no_instrument: str) -> pl.DataFrame:
    """Return the table of `cross_products`, computed by the workers."""
    import polars as pl

    names = ("pp", "pq", "qq", "pz", "qz", "zz") if identity else ("pp", "pq", "qq")
    keys = texts_of("h", parts.texts)
    kinds = keys | dict.fromkeys((*names, "share"), float) | dict.fromkeys(("n_used", "n_rows", "lone"), int)
    table = collect(parts.files.mapped(partial(_cross_products, identity, no_instrument), kinds)).sort(list(keys))
    return table.drop(list(keys)).with_columns(h=pl.int_range(pl.len(), dtype=pl.Int64))


def _cross_products(identity: str, no_instrument: str, _: int, rows: pl.DataFrame) -> pl.DataFrame:
    from integrade.quality.cross_products import cross_products

    part = part_of(rows)
    table = cross_products(part, identity, None, no_instrument)
    return table.with_columns(part.levels["h"].get_columns())
