"""Describe index, noise and quality over time before any estimation, from the tables of a study's steps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from integrade.engine.exact import average_of
from integrade.engine.frames import Table
from integrade.errors import DataError
from integrade.geography import MUNICIPALITIES, Geography, province_of
from integrade.integration.given import known_geography
from integrade.integration.influence import GoodInfluence
from integrade.integration.trust import PeriodNoise, PureRegion
from integrade.records.question import question
from integrade.study.asked import Asked, panel_in
from integrade.study.data.index_trust import trend_in, trust_in
from integrade.study.setting import Folders
from integrade.subjects.groups.question import Groups, grouped
from integrade.subjects.groups.splits import group_column
from integrade.subjects.situation.break_date import MODELS, BreakDate, break_date
from integrade.subjects.situation.distributions import Distributions, distributions
from integrade.subjects.situation.model import PurePoint, Situation
from integrade.subjects.situation.trends import extremes, group_trends
from plainwords.texts import say
from rawcells import doors

if TYPE_CHECKING:
    from integrade.study.config import Study

SPLITS = ("ownership", "intensity", "area", "municipality")
"""Splits of the firms, in order of preference.

Distributions are shown by the first of them that a study has.
"""
MANY = 60
"""A column with more groups does not split the trends (a convention that keeps the table readable)."""


def situation(study: Study, done: Folders, where: Geography | None = None) -> Situation:
    """Return the description of a study's data.

    Parts without data are left out. ``notes`` say why a break could not be dated. ``where`` is the study's geography.
    """
    trends, spread = None, tuple[Distributions, ...]()
    if "panel" in done:
        rows, by = _groups(study, panel_in(done), where)
        trends = group_trends(rows, study.regression.outcome, by)
        splits = [name for name in SPLITS if name in by]
        spread = tuple(distributions(rows, study.regression.outcome, split) for split in (None, *splits[:1]))
    if "integration" not in done:
        return Situation(trends=trends, distributions=spread)
    folder, notes = done["integration"], list[str]()
    index = pl.read_parquet(doors.regular(folder / "integration.parquet"))
    trust = trust_in(done)
    pure = trust.get("pure")
    return Situation(
        extremes(index) if index["region"].n_unique() > 3 else (),  # three regions have no extremes
        _breaks(trend_in(done), notes),
        trends,
        tuple(GoodInfluence(**good) for good in trust.get("goods", ())),
        PureRegion(**pure) if pure else None,
        _pure_points(index, done.get("index_trust", folder) / "pure_regions.parquet"),
        tuple(PeriodNoise(**period) for period in trust.get("periods", ())),
        tuple(notes),
        spread,
    )


def _breaks(trend: pl.DataFrame, notes: list[str]) -> tuple[BreakDate, ...]:
    """Return two breaks of the national series of integration: one of its level, and one of its level and slope."""
    series = trend.filter(pl.col("series") == trend["series"][0]).drop_nulls("integration")
    yearly = series.group_by("year").agg(integration=average_of(pl.col("integration"))).sort("year")
    breaks = []
    for model in MODELS:
        try:
            breaks.append(
                break_date(
                    yearly["year"].to_list(),
                    yearly["integration"].to_numpy(),
                    model=model,
                    series=str(trend["series"][0]),
                )
            )
        except DataError as problem:
            notes.append(say(f"left_out.break-{model}", why=problem.what))
    return tuple(breaks)


def _pure_points(index: pl.DataFrame, file: Path) -> tuple[PurePoint, ...]:
    """Return each region's mean integration and the mean of its own component; empty if the file does not exist."""
    if not file.exists():
        return ()
    keys = [k for k in ("region", "year", "month") if k in index.columns]
    pure = pl.read_parquet(doors.regular(file)).select(*keys, pl.col("integration").alias("pure"))
    both = index.select(*keys, "integration").join(pure, on=keys).drop_nulls(["integration", "pure"])
    average = {name: average_of(pl.col(name)) for name in ("integration", "pure")}
    means = both.group_by("region").agg(**average).sort("region")
    return tuple(PurePoint(*row) for row in means.select("region", "integration", "pure").iter_rows())


def _groups(study: Study, panel: pl.DataFrame, where: Geography | None) -> tuple[pl.DataFrame, list[str]]:
    """Return the panel with columns for splits (area, municipality, ownership, ...), and the names of these columns.

    Of the study's groups, the first by ownership and the first by intensity are used.
    """
    rows, by = panel, list[str]()

    def add(name: str, table: pl.DataFrame, column: str) -> None:
        nonlocal rows
        rows = table.with_columns(pl.col(column).cast(pl.String).alias(name)) if name != column else table
        if 1 < rows[name].n_unique() <= MANY:
            by.append(name)

    names = rows["region"].unique().drop_nulls().to_list() if "region" in rows.columns else []
    known = known_geography(names, where)
    areas = {region.area for n in names if known is not None and (region := known.region(n)) is not None}
    if known is not None and known.covers(names) and len(areas) > 1:
        by_area: Table = group_column(Table("panel", rows), "area", geography=known)
        add("area", by_area.polars(), "area")
    if names and all(province_of(r) for r in names):
        city = {r: province.english in MUNICIPALITIES for r in names if (province := province_of(r))}
        words = {r: "municipalities" if inside else "other provinces" for r, inside in city.items()}
        add(
            "municipality",
            rows.with_columns(pl.col("region").replace_strict(words).alias("municipality")),
            "municipality",
        )
    for how in ("ownership", "intensity"):
        section: Groups | None = next((g for g in study.section("groups") if g.how == how), None)
        if section is None:
            continue
        try:
            with_groups, column = grouped(rows, section, where=where, edition=study.report.industries)
        except DataError:
            continue
        add(how, with_groups.polars(), column)
    if "industry" in rows.columns:
        add(
            "two_digit",
            rows.with_columns(pl.col("industry").cast(pl.String).str.slice(0, 2).alias("two_digit")),
            "two_digit",
        )
    return rows, by


@question(
    "situation",
    place=150,
    result=Situation,
    steps=("index_trust", "integration", "panel"),
    reads=("groups",),
    part="data",
    functions=("break_date", "extremes", "group_trends"),
    seconds=0.5,
    alone=True,
)
def how_things_stand(asked: Asked, _: Any) -> Situation:
    """How do the index and quality change over time and differ between regions?"""
    return situation(asked.study, asked.done, asked.geography)
