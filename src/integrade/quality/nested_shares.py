"""Compute market shares for the nested logit: a variety's share in its market and product, and the outside share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from integrade.errors import DuplicateKeys, MissingColumn, UsageError, did_you_mean, option
from integrade.quality.arranged import Arranged, blocks_of
from integrade.quality.coding import with_code
from integrade.quality.measured import STEP
from integrade.quality.segments import Groups, Levels, Places, Vector, runs, spread, sums
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
    markets = rows.sizes["m"] * rows.years

    def cell(at: slice) -> Places:
        return np.asarray((rows.by_product(grouping.codes, at) + 1) * markets + rows.market[at], dtype=np.int64)

    levels = Levels.of(map(cell, rows.pieces()), (grouping.levels.height + 1) * markets, rows.n)
    quantity, worth = np.zeros((2, len(levels.codes)))
    for at in rows.pieces():
        to = levels.position(cell(at))
        np.add.at(quantity, to, rows.quantity[at])
        np.add.at(worth, to, rows.value[at])
    market = levels.codes % markets
    codes = {"e": levels.codes // markets - 1, "m": market // rows.years, "t": market % rows.years}
    s0, notes = _outside(rows, codes, grouping, outside, worth)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(np.where((s0 > 0) & (s0 < 1), (1 - s0) / s0, np.nan))
    odds[codes["e"] < 0] = np.nan
    ln_total, nest = np.log(quantity), rows.numbers()

    def share(at: slice) -> Vector:
        here = levels.position(cell(at))
        return np.asarray(np.log(rows.quantity[at]) - ln_total[here] + odds[here])

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        starts, q = runs(rows.letter("h", at), rows.market[at]), rows.quantity[at]
        known = rows.by_product(grouping.codes, at) >= 0
        nest[at] = np.where(known, np.log(q) - np.log(spread(sums(q, starts), starts)), np.nan)

    rows.each(block)
    return Markets(rows.filled(share), nest), notes


def _outside(
    rows: Arranged, codes: Mapping[str, Places], grouping: Industries, given: Any, worth: Vector
) -> tuple[Vector, list[Entry]]:
    """Return s0, the share of goods that are not in these records, by industry and market.

    ``codes``: the industry e, destination m and year t of each market of an industry; ``worth``: its value.
    """
    number = number_of(given)
    if number is not None:
        if not 0 < number < 1:
            raise UsageError(
                f"outside={number:g} is not a share between 0 and 1",
                remedy=f"give one, such as {option('outside', 0.7)}",
            )
        note = Entry(STEP, "outside", "note", say("quality.outside-the-same"), 0)
        return np.full(len(worth), number), [note]
    import polars as pl

    table, kind, keys = _outside_table(given, rows, grouping)
    wanted = pl.DataFrame({key: codes[key] for key in keys})
    value = wanted.join(table, on=keys, how="left", maintain_order="left")["outside_value"]
    x = value.cast(float).fill_null(np.nan).to_numpy()
    if kind == "domestic_sales":
        return x / (x + worth), []
    return (1 - x if kind == "import_penetration" else np.array(x)), []


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

    def p(at: slice) -> Vector:
        return np.asarray(rows.value[at] / rows.quantity[at]) if price == "level" else rows.ln_price(at)

    columns = {"share": markets.share, "p": rows.filled(p), "nest": markets.nest}
    if size is not None:
        given = rows.carried[f"user_{size}"]
        columns["size"] = rows.filled(lambda at: np.log(np.where(given[at] > 0, given[at], np.nan)))
    for i, name in enumerate(instruments):
        if name == "other_price":
            columns[f"z{i}"] = _other_price(rows, columns["p"])
        elif name == "n_varieties":
            columns[f"z{i}"] = _ln_varieties(rows)
        elif name == "n_products":
            columns[f"z{i}"] = _ln_products(rows)
        else:
            columns[f"z{i}"] = rows.carried[f"user_{name}"]
    return columns


def _ln_varieties(rows: Arranged) -> Vector:
    """Return ln of the number of varieties of the row's product in its market."""
    out = rows.numbers()

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        starts = runs(rows.letter("h", at), rows.market[at])
        out[at] = np.log(spread(np.diff(starts), starts))

    rows.each(block)
    return out


def _ln_products(rows: Arranged) -> Vector:
    """Return ln of the number of products of the row's exporter in its market."""
    letter = "f" if "f" in rows.levels else "g"
    code, size, out = rows.codes[letter], rows.sizes[letter], rows.numbers()
    order = rows.sorted_by(code, size)
    counts = sum((np.bincount(code[at], minlength=size) for at in rows.pieces()), np.zeros(size, dtype=np.int64))
    starts = np.concatenate([[0], np.cumsum(counts)])
    for low, high in blocks_of(starts):  # of exporters
        here = order[starts[low] : starts[high]]
        by = Groups.of([code[here] - np.int32(low), rows.market[here]], [high - low, rows.sizes["m"] * rows.years])
        out[here] = np.log(by.counts())
    return out


def _other_price(rows: Arranged, p: Vector) -> Vector:
    """Return the mean p of the exporter's product in other destinations of the year; missing without any."""
    exporter, out = [letter for letter in ("f", "g", "t") if letter in rows.letters], rows.numbers()

    def block(low: int, high: int) -> None:
        at = rows.block(low, high)
        codes = [rows.letter("h", at) - np.int32(low), *(rows.letter(x, at) for x in (*exporter, "m"))]
        sizes = [high - low, *(rows.sizes[x] for x in (*exporter, "m"))]
        everywhere, here = Groups.of(codes[:-1], sizes[:-1]), Groups.of(codes, sizes)
        elsewhere = everywhere.counts() - here.counts()
        others = everywhere.sums(p[at]) - here.sums(p[at])
        out[at] = np.where(elsewhere > 0, others / np.maximum(elsewhere, 1), np.nan)

    rows.each(block)
    return out
