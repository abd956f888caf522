"""Convert quality by customs firm to quality by firm of the accounts, using links between them."""

from __future__ import annotations

from typing import Any

import polars as pl

from integrade.engine.exact import total_of
from integrade.engine.frames import Table, bring
from integrade.errors import Coverage
from integrade.records.schema import conform
from plainwords.account import Entry
from plainwords.texts import say


def link_quality(quality: Any, links: Any) -> Table:
    """Assign quality of customs firms to the linked firms of the accounts.

    Formula: quality of a firm-year = mean over its customs firms, weighted by their value if the table has it; value,
        n_products and n_rows are summed (products that two customs firms share count twice).

    Missing values: a customs firm-year without a link is dropped and counted. Other columns come from the customs firm
        with the largest value.

    Args:
        quality: export quality by customs firm (``firm``) and year.
        links: customs_firm, firm, year (`match_firms`), one firm for each customs firm and year.

    Returns: a `Table` named ``quality``, one row per firm and year.

    Raises: `Coverage` if links and quality have no customs firm and year in common, or if a customs firm has two firms
        in a year.

    Example:
        >>> links = pl.DataFrame({"customs_firm": ["c", "d"], "firm": ["f", "f"], "year": [2004, 2004]})
        >>> quality = pl.DataFrame({"firm": ["c", "d"], "year": [2004, 2004], "quality": [0.2, 0.8],
        ...                         "value": [3.0, 1.0]})
        >>> link_quality(quality, links).polars().with_columns(pl.col("quality").round(6)).rows()
        [('f', 2004, 0.35, 4.0)]
    """
    measured, linked = conform(quality, "quality"), conform(links, "links")
    rows, pairs = bring(measured.frame, "quality"), bring(linked.frame.select("customs_firm", "firm", "year"), "links")
    pairs = pairs.unique(maintain_order=True)
    twice = pairs.filter(pairs.select("customs_firm", "year").is_duplicated()).sort("customs_firm", "year")
    if twice.height:
        example = ", ".join(f"{c}={twice[c][0]}" for c in ("customs_firm", "year", "firm"))
        remedy = "leave one link for each customs_firm and year"
        raise Coverage("a customs firm is linked to two firms in a year", example=example, remedy=remedy)
    kept = rows.rename({"firm": "customs_firm"}).join(pairs, on=["customs_firm", "year"], how="left")
    lost = kept.filter(pl.col("firm").is_null()).sort("customs_firm", "year")
    kept = kept.filter(pl.col("firm").is_not_null())
    if not kept.height:
        raise Coverage(
            "no customs firm and year of the links is in quality",
            example=f"quality: {rows['firm'].sort()[0]}; links: {pairs['customs_firm'].sort()[0]}",
            remedy="write customs firms in the links as in the customs records (column customs_firm)",
        )
    result = _by_firm(kept)
    log = measured.account + linked.account
    if lost.height:
        first = f"customs_firm={lost['customs_firm'][0]}, year={lost['year'][0]}"
        log += [Entry("assemble", "quality", "dropped", say("panel.no-link"), lost.height, first)]
    if kept.height > result.height:
        text = say("panel.averaged-by-value")
        log += [Entry("assemble", "quality", "merged", text, kept.height - result.height)]
    return Table("quality", result, log, conformed="quality")


def _by_firm(rows: pl.DataFrame) -> pl.DataFrame:
    """Average quality over the customs firms of each firm and year, weighted by value, and sum the counts.

    A firm with one customs firm keeps its quality unchanged, without rounding.
    """
    value = pl.col("value") if "value" in rows.columns else pl.lit(1.0)
    rows = rows.with_columns(_value=pl.when(pl.col("quality").is_not_null()).then(value).fill_null(0.0))
    rows = rows.sort("firm", "year", "_value", "customs_firm", descending=[False, False, True, False])
    weighted = total_of(pl.col("quality") * pl.col("_value")) / total_of(pl.col("_value"))
    single = pl.len() == 1
    summed = [c for c in ("value", "n_products", "n_rows") if c in rows.columns]
    carried = [c for c in rows.columns if c not in ("firm", "year", "customs_firm", "quality", "_value", *summed)]
    firms = rows.group_by("firm", "year", maintain_order=True).agg(
        pl.when(single).then(pl.col("quality").first()).otherwise(weighted.fill_nan(None)).alias("quality"),
        *[(total_of(pl.col(c)) if c == "value" else pl.col(c).sum()).alias(c) for c in summed],
        *[pl.col(c).first() for c in carried],
    )
    order = [c for c in rows.columns if c not in ("customs_firm", "_value")]
    return firms.select(*("firm", "year"), *[c for c in order if c not in ("firm", "year")])
