"""Average quality over the rows of a firm, industry, region, destination or firm-product in a year."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import narwhals as nw

from integrade.engine.exact import total, totals
from integrade.engine.frames import Frame, divided
from integrade.errors import UsageError, mapped_as, option
from integrade.quality.coding import Coded, joint, with_text
from integrade.quality.groups import GROUP, Grouped
from integrade.quality.scale import Scale

LEVELS: Mapping[str, tuple[str, ...]] = {
    "firm": ("f",),
    "firm_product": ("f", "h"),
    "industry": ("i",),
    "region": ("j",),
    "destination": ("m",),
    "ladder": ("h", "m"),
}
"""Level -> the key of a result in letters, without the year."""


def require_columns(names: list[str], scale: Scale) -> None:
    """Refuse a level by firm if customs has no firm. Raises `UsageError`."""
    if scale.level in ("firm", "firm_product") and "firm" not in names:
        raise UsageError(
            f"level={scale.level!r} requires a column 'firm', but the customs table has none",
            remedy=f"map it with {mapped_as('firm')}, or ask for {option('level', 'row')}",
        )


def needed(coded: Coded, scale: Scale) -> tuple[str, ...]:
    """Return the columns of coded rows that the level and the weights of a result need."""
    letters = set(LEVELS.get(scale.level, coded.letters)) | {"h", "t"}
    if scale.weights == "base_year":
        letters |= set(coded.letters)
    if scale.level in GROUP:
        letters |= {"f"}
    return (*[x for x in coded.letters if x in letters], *coded.carried)


def by_level(rows: Frame, coded: Coded, scale: Scale, group: Grouped | None = None) -> Frame:
    """Return quality by level and year, sorted by the key: sum w r / sum w over the rows with r, or the ladder.

    Counts and value are of all rows. Rows whose group is unknown are left out.
    """
    if group is not None:
        coded = dataclasses.replace(
            coded,
            levels={**coded.levels, group.letter: group.levels},
            sizes={**coded.sizes, group.letter: group.levels.height},
        )
        rows = rows.filter(~nw.col(group.letter).is_null())
    key = (*LEVELS[scale.level], "t")
    ladder = scale.level == "ladder"
    means = _ladders(rows, coded, key) if ladder else _means(_weighted(rows, coded, scale), coded, key)
    texts = [name for letter in key[:-1] for name in coded.levels[letter].columns]
    return with_text(means, coded, key).sort(*key).select(*texts, "year", "quality", "n_products", "n_rows", "value")


def _weighted(rows: Frame, coded: Coded, scale: Scale) -> Frame:
    """Add the column ``weight``.

    With base_year, the weight of a row is the value of its series in the first year of the series.
    """
    if scale.weights == "equal":
        return rows.with_columns(weight=nw.lit(1.0))
    if scale.weights == "value":
        return rows.with_columns(weight=nw.col("v"))
    series = [letter for letter in coded.letters if letter not in ("t", "j", "i")]
    first = rows.with_columns(start=nw.col("t").min().over(*series))
    first = first.with_columns(at_start=nw.when(nw.col("t") == nw.col("start")).then(nw.col("v")))
    return first.with_columns(weight=nw.col("at_start").max().over(*series))


def _means(rows: Frame, coded: Coded, key: tuple[str, ...]) -> Frame:
    """Average by products first and then by level, which counts distinct products without storing them."""
    fine = key if "h" in key else (*key, "h")
    rows = rows.select(
        k=joint(coded, fine),
        v=nw.col("v"),
        wr=nw.col("weight") * nw.col("r"),
        w=nw.when(~nw.col("r").is_null()).then(nw.col("weight")),
    )
    products = rows.group_by("k").agg(*totals(rows, "v", "wr", "w"), n=nw.len())
    coarse = products if fine == key else divided(products, "k", coded.sizes["h"])
    groups = coarse.group_by("k")
    totals_by_key = groups.agg(*totals(products, "v", "wr", "w"), nw.col("n").sum(), n_products=nw.len())
    return _split(totals_by_key, coded, key).select(
        *key,
        quality=nw.when(nw.col("w") > 0).then(nw.col("wr") / nw.col("w")),
        n_products=nw.col("n_products").cast(nw.Int64),
        n_rows=nw.col("n").cast(nw.Int64),
        value=nw.col("v"),
    )


def _ladders(rows: Frame, coded: Coded, key: tuple[str, ...]) -> Frame:
    """Return the ladder by key: max x - min x, if at least two rows have x."""
    x = nw.col("x")
    rows = rows.select(k=joint(coded, key), v=nw.col("v"), x=x)
    ends = rows.group_by("k").agg(
        low=x.min(), high=x.max(), known=x.count(), n=nw.len(), value=total(rows, nw.col("v"))
    )
    return _split(ends, coded, key).select(
        *key,
        "value",
        quality=nw.when(nw.col("known") > 1).then(nw.col("high") - nw.col("low")),
        n_products=nw.lit(1).cast(nw.Int64),
        n_rows=nw.col("n").cast(nw.Int64),
    )


def _split(rows: Frame, coded: Coded, letters: tuple[str, ...]) -> Frame:
    """Return the codes that `joint` combined in ``k``."""
    rest = rows
    for letter in reversed(letters[1:]):
        size = coded.sizes[letter]
        rest = divided(rest.with_columns((nw.col("k") % size).alias(letter)), "k", size)
    return rest.with_columns(nw.col("k").alias(letters[0]))
