"""Compute market shares for the nested logit: a variety's share in its market and product, and the outside share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from integrade.errors import DuplicateKeys, MissingColumn, UsageError, did_you_mean, option
from integrade.quality.arranged import Arranged
from integrade.quality.coding import with_code
from integrade.quality.measured import STEP
from integrade.quality.segments import Groups, Places, Vector, runs
from integrade.quality.side_tables import by_code, number_of, numbers, read_side_table, require, text
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.numbers import whole_number

if TYPE_CHECKING:
    import polars as pl

KINDS = ("outside_share", "import_penetration", "domestic_sales")
BUILT_IN = ("other_price", "n_varieties", "n_products")


@dataclass(frozen=True)
class Industries:
    """Industries of products.

    ``codes`` (H,): the code e of industry x unit of each product, -1 without an industry; ``levels`` has industry and
    unit of each e.
    """

    codes: Places
    levels: pl.DataFrame


def industries(rows: Arranged, given: Any) -> Industries:
    """Return the industry of every product, which is the first digits of its code or is looked up in a table.

    Products of different units are in different industries, because their quantities cannot be added. Raises
    `DuplicateKeys` and `MissingColumn` for a given table.
    """
    import polars as pl

    products = rows.levels["h"]
    if isinstance(given, int | str) and (digits := whole_number(str(given))) is not None:
        industry = products["product"].str.head(digits).alias("industry")
    else:
        table = read_side_table(given, "industry")
        require(table, ["product", "industry"], "industry")
        table = text(table, ["product", "industry"]).select("product", "industry").drop_nulls().unique()
        twice = table.filter(pl.col("product").is_duplicated()).sort("product", "industry")
        if twice.height:
            raise DuplicateKeys(
                "the table given as industry has several industries of a product",
                example=str(twice.row(0)),
                remedy="keep one row per product",
            )
        industry = by_code(products["product"], table, "industry")
    unit = products["unit"] if "unit" in products.columns else pl.repeat("", products.height, eager=True)
    named = pl.DataFrame({"industry": industry, "unit": unit})
    levels = named.drop_nulls().unique().sort("industry", "unit")
    codes = named.join(with_code(levels, "e"), on=["industry", "unit"], how="left", maintain_order="left")["e"]
    return Industries(codes.fill_null(-1).to_numpy(), levels)


class Markets(NamedTuple):
    """Of each row (n,): ln s - ln s0 and ln ns; missing if industry or outside share is unknown."""

    share: Vector
    nest: Vector


def shares(rows: Arranged, grouping: Industries, outside: Any) -> tuple[Markets, list[Entry]]:
    """Return the shares of varieties in their markets and nests, and account entries."""
    industry = rows.by_product(grouping.codes)
    market = Groups.of([industry + 1, rows.market], [grouping.levels.height + 1, rows.sizes["m"] * rows.years])
    nest = Groups(np.arange(rows.n), runs(rows.letter("h"), rows.market))
    s0, notes = _outside(rows, industry, grouping, outside, market.sums(rows.value))
    ln_q = np.log(rows.quantity)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(np.where((s0 > 0) & (s0 < 1), (1 - s0) / s0, np.nan))
    share = ln_q - np.log(market.sums(rows.quantity)) + odds
    in_nest = ln_q - np.log(nest.sums(rows.quantity))
    known = industry >= 0
    return Markets(np.where(known, share, np.nan), np.where(known, in_nest, np.nan)), notes


def _outside(
    rows: Arranged, industry: Places, grouping: Industries, given: Any, worth: Vector
) -> tuple[Vector, list[Entry]]:
    """Return s0 (n,), the share of goods that are not in these records. ``worth`` (n,): the value of the market."""
    number = number_of(given)
    if number is not None:
        if not 0 < number < 1:
            raise UsageError(
                f"outside={number:g} is not a share between 0 and 1",
                remedy=f"give one, such as {option('outside', 0.7)}",
            )
        note = Entry(STEP, "outside", "note", say("quality.outside-the-same"), 0)
        return np.full(rows.n, number), [note]
    import polars as pl

    table, kind, keys = _outside_table(given, rows, grouping)
    codes = {"e": industry, "m": rows.letter("m"), "t": rows.letter("t")}
    wanted = pl.DataFrame({key: codes[key].astype(np.int64) for key in keys})
    value = wanted.join(table, on=keys, how="left", maintain_order="left")["outside_value"]
    x = value.cast(float).fill_null(np.nan).to_numpy()
    if kind == "domestic_sales":
        return x / (x + worth), []
    return (1 - x if kind == "import_penetration" else x), []


def _outside_table(given: Any, rows: Arranged, grouping: Industries) -> tuple[pl.DataFrame, str, list[str]]:
    import polars as pl

    table = read_side_table(given, "outside")
    kinds = [kind for kind in KINDS if kind in table.columns]
    if len(kinds) != 1:
        raise MissingColumn(
            f"the table given as outside needs one of the columns {', '.join(KINDS)}",
            remedy="give one of them with industry, destination or year, or several of these; "
            + did_you_mean(KINDS[0], table.columns),
        )
    texts = [name for name in ("industry", "destination") if name in table.columns]
    table = numbers(text(table, texts), [*kinds, *(["year"] if "year" in table.columns else [])], "outside")
    keys: list[str] = []
    if "industry" in texts:
        table = table.join(grouping.levels.with_row_index("e").cast({"e": pl.Int64}), on="industry")
        keys.append("e")
    if "destination" in texts:
        markets = rows.levels["m"].with_row_index("m").cast({"m": pl.Int64})
        table, keys = table.join(markets, on="destination"), [*keys, "m"]
    if "year" in table.columns:
        table, keys = table.with_columns(t=pl.col("year").cast(pl.Int64) - rows.first_year), [*keys, "t"]
    if not keys:
        raise MissingColumn(
            "the table given as outside has none of industry, destination and year",
            remedy="add the columns by which the outside share differs, or give one number",
        )
    table = table.select(*keys, outside_value=kinds[0]).drop_nulls()
    if table.select(keys).is_duplicated().any():
        raise DuplicateKeys("the table given as outside has several rows for the same key", remedy="keep one row each")
    return table, kinds[0], keys


def regressors(
    rows: Arranged, markets: Markets, price: str, instruments: Sequence[str], size: str | None
) -> dict[str, Vector]:
    """Return share, p (value per unit, or its log), nest, size (its log), and the instruments z0, z1, ..., by row."""
    p = rows.value / rows.quantity if price == "level" else np.log(rows.value) - np.log(rows.quantity)
    columns = {"share": markets.share, "p": p, "nest": markets.nest}
    if size is not None:
        given = rows.carried[f"user_{size}"]
        columns["size"] = np.log(np.where(given > 0, given, np.nan))
    exporter = "f" if "f" in rows.levels else "g"
    counts = {"n_varieties": ("h", "m", "t"), "n_products": (exporter, "m", "t")}
    for i, name in enumerate(instruments):
        if name == "other_price":
            columns[f"z{i}"] = _other_price(rows, p)
        elif name in counts:
            columns[f"z{i}"] = np.log(_grouped(rows, counts[name]).counts())
        else:
            columns[f"z{i}"] = rows.carried[f"user_{name}"]
    return columns


def _grouped(rows: Arranged, letters: Sequence[str]) -> Groups:
    return Groups.of([rows.letter(x) for x in letters], [rows.sizes[x] for x in letters])


def _other_price(rows: Arranged, p: Vector) -> Vector:
    """Return the mean p of the exporter's product in other destinations of the year; missing without any."""
    exporter = [letter for letter in ("f", "g", "h", "t") if letter in rows.letters]
    everywhere, here = _grouped(rows, exporter), _grouped(rows, [*exporter, "m"])
    elsewhere = everywhere.counts() - here.counts()
    return np.where(elsewhere > 0, (everywhere.sums(p) - here.sums(p)) / np.maximum(elsewhere, 1), np.nan)
