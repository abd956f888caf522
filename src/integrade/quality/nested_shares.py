"""Compute market shares for the nested logit: a variety's share in its market and product, and the outside share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from integrade.engine.exact import total
from integrade.engine.frames import Frame, place
from integrade.errors import DuplicateKeys, MissingColumn, UsageError, did_you_mean, option
from integrade.quality.coding import Coded, joint
from integrade.quality.measured import STEP
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

    ``table`` has, for every product h with an industry, the code e of industry x unit; ``levels`` has industry and unit
    of each e.
    """

    table: pl.DataFrame
    levels: pl.DataFrame


def industries(coded: Coded, given: Any) -> Industries:
    """Return the industry of every product, which is the first digits of its code or is looked up in a table.

    Products of different units are in different industries, because their quantities cannot be added. Raises
    `DuplicateKeys` and `MissingColumn` for a given table.
    """
    import polars as pl

    products = coded.levels["h"]
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
    named = pl.DataFrame({"industry": industry, "unit": unit}).with_row_index("h").cast({"h": pl.Int64}).drop_nulls()
    levels = named.select("industry", "unit").unique().sort("industry", "unit")
    numbered = levels.with_row_index("e").cast({"e": pl.Int64})
    return Industries(named.join(numbered, on=["industry", "unit"]).select("h", "e"), levels)


def with_shares(coded: Coded, grouping: Industries, outside: Any) -> tuple[Frame, list[Entry]]:
    """Return rows with e, share (ln s - ln s0) and nest (ln ns), missing if industry or outside share is unknown."""
    rows = coded.frame.join(place(grouping.table, coded.frame), on="h", how="left")
    market = ["e", "m", "t"]
    rows = rows.with_columns(
        in_market=total(rows, nw.col("q"), market),
        worth=total(rows, nw.col("v"), market),
        in_nest=total(rows, nw.col("q"), ("h", "m", "t")),
    )
    rows, notes = _with_outside(rows, coded, grouping, outside)
    inside = nw.when((nw.col("s0") > 0) & (nw.col("s0") < 1)).then(1 - nw.col("s0"))
    odds = inside / nw.when(nw.col("s0") > 0).then(nw.col("s0"))
    known = nw.when(~nw.col("e").is_null())
    return rows.with_columns(
        share=known.then(nw.col("q").log() - nw.col("in_market").log() + odds.log()),
        nest=known.then(nw.col("q").log() - nw.col("in_nest").log()),
    ), notes


def _with_outside(rows: Frame, coded: Coded, grouping: Industries, given: Any) -> tuple[Frame, list[Entry]]:
    """Add s0, the share of goods that are not in these records."""
    number = number_of(given)
    if number is not None:
        if not 0 < number < 1:
            raise UsageError(
                f"outside={number:g} is not a share between 0 and 1",
                remedy=f"give one, such as {option('outside', 0.7)}",
            )
        note = Entry(STEP, "outside", "note", say("quality.outside-the-same"), 0)
        return rows.with_columns(s0=nw.lit(number)), [note]
    table, kind, keys = _outside_table(given, coded, grouping)
    rows = rows.join(place(table, rows), on=keys, how="left")
    value = nw.col("outside_value")
    share = {
        "outside_share": value,
        "import_penetration": 1 - value,
        "domestic_sales": value / (value + nw.col("worth")),
    }[kind]
    return rows.with_columns(s0=share), []


def _outside_table(given: Any, coded: Coded, grouping: Industries) -> tuple[pl.DataFrame, str, list[str]]:
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
        markets = coded.levels["m"].with_row_index("m").cast({"m": pl.Int64})
        table, keys = table.join(markets, on="destination"), [*keys, "m"]
    if "year" in table.columns:
        table, keys = table.with_columns(t=pl.col("year").cast(pl.Int64) - coded.first_year), [*keys, "t"]
    if not keys:
        raise MissingColumn(
            "the table given as outside has none of industry, destination and year",
            remedy="add the columns by which the outside share differs, or give one number",
        )
    table = table.select(*keys, outside_value=kinds[0]).drop_nulls()
    if table.select(keys).is_duplicated().any():
        raise DuplicateKeys("the table given as outside has several rows for the same key", remedy="keep one row each")
    return table, kinds[0], keys


def with_regressors(rows: Frame, coded: Coded, price: str, instruments: Sequence[str], size: str | None) -> Frame:
    """Add p (value per unit, or its log), the instruments z0, z1, ..., and g (ln size)."""
    unit_value = nw.col("v") / nw.col("q")
    rows = rows.with_columns(p=unit_value if price == "level" else nw.col("v").log() - nw.col("q").log())
    rows = rows.with_columns(w=nw.lit(1.0))
    if "other_price" in instruments:
        rows = _with_other_price(rows, coded)
    exporter = "f" if "f" in coded.levels else "g"
    counts = {"n_varieties": ("h", "m", "t"), "n_products": (exporter, "m", "t")}
    for name in instruments:
        if name in counts:
            rows = rows.with_columns(nw.col("w").sum().over(*counts[name]).log().alias(name))
    regressors = [
        nw.col(name if name in BUILT_IN else f"user_{name}").alias(f"z{i}") for i, name in enumerate(instruments)
    ]
    if size is not None:
        positive = nw.when(nw.col(f"user_{size}") > 0).then(nw.col(f"user_{size}"))
        regressors.append(positive.log().alias("g"))
    return rows.with_columns(nw.col("p"), *regressors)


def _with_other_price(rows: Frame, coded: Coded) -> Frame:
    """Add the mean p of the exporter's product in other destinations of the year.

    The result is missing without other destinations.
    """
    exporter = [letter for letter in ("f", "g", "h", "t") if letter in coded.letters]
    everywhere, here = (total(rows, nw.col("p"), over) for over in (exporter, [*exporter, "m"]))
    n_all, n_here = nw.col("w").sum().over(*exporter), nw.col("w").sum().over(*exporter, "m")
    rows = rows.with_columns(_p=everywhere, _h=here, _n=n_all, _m=n_here)
    elsewhere = nw.col("_n") - nw.col("_m")
    return rows.with_columns(other_price=nw.when(elsewhere > 0).then((nw.col("_p") - nw.col("_h")) / elsewhere))


def market_code(coded: Coded, effects: str) -> nw.Expr:
    """Return the code of the effects lambda2: destination-year, or year."""
    return joint(coded, ("m", "t")) if effects == "destination:year" else nw.col("t")
