"""Read elasticities of substitution by product from a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from integrade.engine.frames import Table, enter
from integrade.errors import (
    CodesReadAsNumbers,
    EmptyTable,
    MissingColumn,
    NotANumber,
    OutOfRange,
    counted,
    did_you_mean,
    mapped_as,
    option,
    padding,
)
from integrade.records.catalogue import choose, keywords
from integrade.records.cells import MISSING_WORDS, check_codes
from integrade.sources.files.readers import read_raw
from integrade.sources.files.reading import Reading
from integrade.sources.files.selection import Paths
from integrade.sources.meaning.recipe import looks_like
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    import polars as pl

MOST = 1e6
"""A larger elasticity is refused: quality would equal price, because rounding removes the contribution of demand."""
_LEVEL = re.compile(r"(?:(?<!\d)|_)(\d{1,2})_?d(?:igits?)?$|^hs_?(2|3|4|6|8|10)$", re.IGNORECASE)


@keywords(Reading)
def read_sigma(paths: Paths, *, options: Reading | None = None, **changes: Any) -> Table:
    """Read elasticities: product (text, HS code of any level) and sigma; one row per product, sorted.

    The product is in the column of that name (or a known synonym, or a column mapped with ``columns``). Without such a
    column, the product is in the column whose heading names the finest level (``HS0_3d``, ``hs_3digit``). If the
    heading or ``pad`` gives the length of the codes, leading zeros are restored: 10.0 under ``hs_3digit`` is ``010``.
    If a product has several rows, for example one per importing country, it gets their median. The files of Broda and
    Weinstein, of Soderbery, and of Fontagné, Guimbard and Orefice are recognised by their headings (`sigma_source`).
    Such a file is read with the convention of its source, and a note says so: a tariff elasticity of values net of
    tariffs is minus sigma.

    Missing values: rows without product or sigma, and rows with a sigma of 1 or less, are dropped and counted. No
    demand system here allows such a sigma. Returns a `Table` with its account.
    Raises `MissingColumn`, `NotANumber`, `CodesReadAsNumbers`, `EmptyTable` and what `read_raw` raises. Raises
    `OutOfRange` for a sigma that is infinite or above a million.

    Example:
        >>> sigma = read_sigma("sigma.csv", where='iso3c == "CHN"')  # doctest: +SKIP
    """
    import polars as pl

    chosen = choose(Reading, options, changes)
    if chosen.source is None and not chosen.columns:
        chosen = replace(chosen, source=sigma_source(paths, chosen))
    raw = read_raw(paths, options=chosen, table="sigma")
    rows = raw.polars()
    product = _product_column(rows.columns)
    old = {new: old for old, new in chosen.columns.items()}.get(product, product)
    width = chosen.pad.get("product") or _level(old)
    codes, padded = _codes(rows[product], width)
    numbers = _numbers(rows)
    refuse_large(codes, numbers, str(paths))
    pairs = rows.select(codes.alias("product"), numbers.alias("sigma"))
    complete = pairs.drop_nulls()
    usable = complete.filter(pl.col("sigma") > 1)
    if usable.is_empty():
        raise EmptyTable("no usable sigma is left", remedy=f"sigma must exceed 1; check the file and {option('where')}")
    medians = usable.group_by("product").agg(pl.col("sigma").median(), n=pl.len()).sort("product")
    renamed = say("sources.product-column", column=repr(old))
    notes = [Entry("read", "sigma", "note", renamed, 0)] if product != "product" else []
    if padded:
        reason = say("sources.zeros-restored", digits=str(width))
        notes.append(Entry("read", "sigma", "note", reason, padded, min(codes.drop_nulls())))
    missing, too_small = rows.height - complete.height, complete.height - usable.height
    repeated = int((medians["n"] - 1).sum())
    changes_of_rows = [
        Entry("read", "sigma", "dropped", say("sources.sigma-missing"), missing),
        Entry("read", "sigma", "dropped", say("sources.sigma-not-above-one"), too_small),
        Entry("read", "sigma", "merged", say("sources.median-of-product"), repeated),
    ]
    entries = [
        Entry("read", "sigma", "in", say("account.rows"), rows.height),
        *(entry for entry in changes_of_rows if entry.rows),
        Entry("read", "sigma", "out", say("account.products"), medians.height),
    ]
    return Table("sigma", medians.drop("n"), Account((*raw.account, *notes, *entries)))


def refuse_large(products: pl.Series, sigma: pl.Series, where: str = "") -> None:
    """Refuse elasticities by product that are infinite or beyond `MOST`.

    Raises `OutOfRange` with the first such row.
    """
    wrong = (sigma.is_infinite() | (sigma > MOST)).fill_null(False).arg_true()
    if len(wrong):
        row = int(wrong[0])
        raise OutOfRange(
            f"sigma is above {MOST:,.0f} in {counted(len(wrong), 'row')}, which makes quality equal to the price",
            where=where,
            example=f"data row {row + 1}: product {products[row]}, sigma {sigma[row]:g}",
            remedy="correct the cells, or leave those rows out of the table",
        )


def sigma_source(paths: Paths, options: Reading | None = None) -> str | None:
    """Return the published source of a file of elasticities, found from its headings; None if it is not known."""
    names = read_raw(paths, options=options or Reading(), table="headings").columns
    sources = [] if "product" in names else looks_like("sigma", names)
    return sources[0] if len(sources) == 1 else None


def _product_column(names: Sequence[str]) -> str:
    """Return the column of products: ``product``, or the heading that gives the most digits (SITC codes excepted)."""
    levels = {name: level for name in names if (level := _level(name)) and not name.lower().startswith("sitc")}
    missing = [name for name in ("product", "sigma") if name not in names and not (name == "product" and levels)]
    if missing:
        raise MissingColumn(
            f"column {missing[0]!r} is missing from the sigma file",
            remedy=f"map it with {mapped_as(missing[0])}; " + did_you_mean(missing[0], names),
        )
    return "product" if "product" in names else max(levels, key=lambda name: levels[name])


def _level(heading: str) -> int:
    """Return the number of digits of codes that a heading gives; 0 if it gives none."""
    match = _LEVEL.search(heading)
    return int(match[1] or match[2]) if match else 0


def _codes(column: pl.Series, width: int) -> tuple[pl.Series, int]:
    """Return codes as text, and how many of them got their leading zeros back."""
    import polars as pl

    if column.dtype.is_numeric():
        if not width:
            raise CodesReadAsNumbers(
                "'product' of the sigma file holds numbers, so leading zeros may be gone (010 would be 10)",
                remedy=f"store codes as text, or state their length: {padding('product', 3)}",
            )
        check_codes(enter(column.rename("product").to_frame()), {"product": "product"}, "the sigma file")
        column = column.cast(pl.Int64).cast(pl.String)
    text = column.cast(pl.String).str.strip_chars().replace("", None)
    full = text.str.zfill(width) if width else text
    return full, int((full != text).sum())


def _numbers(rows: pl.DataFrame) -> pl.Series:
    """Return the elasticities as real numbers. Raises `NotANumber` for a text that is neither one nor missing."""
    import polars as pl

    column = rows["sigma"]
    if column.dtype != pl.String:
        return column.cast(pl.Float64).fill_nan(None)
    clean = column.replace(list(MISSING_WORDS), [None] * len(MISSING_WORDS))
    numbers = clean.cast(pl.Float64, strict=False)
    wrong = clean.filter(clean.is_not_null() & numbers.is_null())
    if len(wrong):
        raise NotANumber(
            f"text in the number column 'sigma': {len(wrong):,} cells",
            example=str(wrong[0]),
            remedy="correct the cells",
        )
    return numbers
