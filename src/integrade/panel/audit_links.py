"""Report the share of exporters (by number and by value) that each step matched, and audit the links by province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from integrade.engine.exact import total
from integrade.engine.frames import collect, enter
from integrade.geography import PROVINCES, province_of
from integrade.panel.keys import by_runs
from integrade.records.schema import conform
from integrade.wording.sheet import Sheet, shown

_CODES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
PROVINCE_CODE = {str(code): p.english for code, p in zip(_CODES, PROVINCES, strict=True)}
"""First two digits of a ten-digit customs code -> province (GB/T 2260)."""


@dataclass(frozen=True)
class StepRate:
    """The links of one rule, and how often provinces contradict them.

    ``share`` is the share of exporter-years, ``share_value`` the share of export value (None without values).
    ``compared`` is the number of links with a province on both sides, and ``disagree`` how many of them have different
    provinces. ``share_false`` is the implied share of false links if the provinces of false links are independent (None
    if nothing can be compared).
    """

    rule: str
    rows: int
    exporters: int
    share: float
    value: float | None
    share_value: float | None
    compared: int
    disagree: int
    share_false: float | None


@shown
@dataclass(frozen=True)
class LinkReport:
    """Match rates by step; the last entry of ``steps`` is for all steps together.

    ``by_chance`` is the share of random pairs of an exporter and a firm whose provinces differ.
    ``province_from`` names the source of the exporter's province.
    """

    n_exporter_years: int
    n_exporters: int
    value: float | None
    by_chance: float | None
    province_from: str
    steps: tuple[StepRate, ...]

    def sheet(self) -> Sheet:
        """Return a printable table with one row per step."""
        head = ("rule", "exporter-years", "exporters", "share", "share of value", "other province", "of", "false, est.")
        rows = tuple(
            (
                s.rule,
                f"{s.rows:,}",
                f"{s.exporters:,}",
                _percent(s.share),
                _percent(s.share_value),
                f"{s.disagree:,}",
                f"{s.compared:,}",
                _percent(s.share_false),
            )
            for s in self.steps
        )
        lines = [f"{self.n_exporter_years:,} exporter-years of {self.n_exporters:,} exporters"]
        if self.by_chance is not None:
            lines.append(
                f"provinces of exporters from {self.province_from}; two firms at random differ in "
                f"{self.by_chance:.1%}; false, est. = share in another province / that share (movers count as false)"
            )
        else:
            lines.append("provinces are not known on both sides: give exporters a column region")
        return Sheet("Exporters matched to accounts", head, rows, tuple(lines))


def link_report(
    links: pl.DataFrame, exporters: pl.DataFrame, firms: pl.DataFrame, *, customs: Any = None, steps: Sequence[str]
) -> LinkReport:
    """Compute match rates, and audit links by province.

    ``left`` and ``right`` of ``links`` are row numbers of ``exporters`` and ``firms``.

    ``exporters`` (customs_firm, year, region, optionally value) and ``firms`` (firm, year, region) are both sides of
    the match. Values come from ``customs`` if it is given (customs records, or a table of firm, year and value).
    """
    at = ["customs_firm", "year"]
    worth = _worth(exporters, customs)
    rows, source = province_of_exporters(exporters)
    home = provinces(firms["region"]).alias("home")
    both = rows["province"].gather(links["left"]), home.gather(links["right"])
    known = worth.with_columns(pl.col("customs_firm").cast(exporters.schema["customs_firm"], strict=False))
    linked = links.select("customs_firm", "year", "rule", *both).join(known, on=at, how="left").sort(at)
    total = float(worth["value"].sum()) if worth.height else None
    chance = _by_chance(rows["province"], home)
    base = exporters.height, total, chance
    rates = [_rate(rule, linked.filter(pl.col("rule") == rule), base) for rule in steps]
    return LinkReport(
        exporters.height,
        exporters["customs_firm"].n_unique(),
        total,
        chance,
        source,
        (*rates, _rate("all", linked, base)),
    )


def _rate(rule: str, linked: pl.DataFrame, base: tuple[int, float | None, float | None]) -> StepRate:
    """Compute the match rate of one rule; ``base`` holds all exporter-years, their value, and the share by chance."""
    n, total, chance = base
    known = linked.drop_nulls(["province", "home"])
    disagree = known.filter(pl.col("province") != pl.col("home")).height
    value = float(linked["value"].sum()) if total is not None else None
    return StepRate(
        rule,
        linked.height,
        linked["customs_firm"].n_unique(),
        linked.height / n if n else 0.0,
        value,
        value / total if value is not None and total else None,
        known.height,
        disagree,
        min(1.0, disagree / known.height / chance) if known.height and chance else None,
    )


def _worth(exporters: pl.DataFrame, customs: Any) -> pl.DataFrame:
    """Return export value by customs firm and year; empty if no values are known."""
    at = ["customs_firm", "year"]
    if customs is not None:
        recorded = "product" in enter(customs).collect_schema().names()
        conformed = conform(customs, "customs" if recorded else "exporters")
        if "firm" in conformed.columns:
            sums = conformed.frame.group_by("firm", "year").agg(value=total(conformed.frame, nw.col("value")))
            return collect(sums).rename({"firm": "customs_firm"}).sort(at)
    if "value" in exporters.columns:
        return exporters.select(*at, "value").drop_nulls().sort(at)
    return exporters.clear().select(*at, value=pl.lit(0.0))


def province_of_exporters(exporters: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return the province of exporter-years from the column region, else from customs codes; also return the source."""
    named = provinces(exporters["region"])
    if named.null_count() < exporters.height:
        return exporters.select("customs_firm", "year", province=named), "the column region"
    province = by_runs(exporters["customs_firm"], _province_of_code)
    return exporters.select("customs_firm", "year", province=province), "the first two digits of the customs code"


def _province_of_code(codes: pl.Series) -> pl.Series:
    text = codes.cast(pl.String)
    digits = text.str.head(2).set(~text.str.contains(r"^\d{10}$"), None)
    return digits.replace_strict(PROVINCE_CODE, default=None, return_dtype=pl.String)


def provinces(names: pl.Series) -> pl.Series:
    """Convert names of provinces in any spelling to English names; missing for other names."""
    return by_runs(names, _provinces)


def _provinces(names: pl.Series) -> pl.Series:
    different = names.drop_nulls().unique().to_list()
    known = {name: province.english for name in different if (province := province_of(name))}
    return names.replace_strict(known, default=None, return_dtype=pl.String)


def _by_chance(theirs: pl.Series, ours: pl.Series) -> float | None:
    """Return the share of random pairs, one of each side, whose provinces differ."""
    shares = [s.drop_nulls().value_counts(normalize=True, name="share") for s in (theirs, ours)]
    if not all(s.height for s in shares):
        return None
    both = shares[0].join(shares[1], left_on=theirs.name, right_on=ours.name)
    return 1 - float((both["share"] * both["share_right"]).sort().sum())


def _percent(share: float | None) -> str:
    return "." if share is None else f"{share:.1%}"
