"""Build tables and the figure of a study of quality only: distributions by year, product and destination; checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.report.style import BLUE, ORANGE, Chart, data, dressed, tip
from integrade.subjects.quality_alone.model import QualityGroup, QualitySummary
from integrade.verdicts import places
from integrade.verdicts.naming import Labels, followed, step_word
from integrade.wording.numerals import fixed, percent
from plainwords.texts import say, slug

RESTS = ("quality",)
"""The step of a study that computes the numbers of these tables."""


def quality_tables(found: QualitySummary | None, labels: Labels | None = None) -> list[PrintedTable]:
    """Return the tables of quality that have rows."""
    if found is None:
        return []
    tables = [
        years_table(found),
        groups_table(places.QUALITY_BY_PRODUCT, "product", found.by_product),
        groups_table(places.QUALITY_BY_DESTINATION, "destination", found.by_destination),
        checks_table(found, labels or {}),
    ]
    return [t for t in tables if t.rows]


def _origin() -> Origin:
    return Origin(say("quality_tables.from-the-rows"), rests=RESTS)


def years_table(found: QualitySummary) -> PrintedTable:
    """Build Table 2d: the distribution of quality in each year."""
    rows = [
        Row(
            "text",
            (
                str(y.year),
                f"{y.n:,}",
                fixed(y.mean),
                fixed(y.std_dev),
                *(fixed(v) for v in (y.p10, y.median, y.p90, y.weighted)),
            ),
            str(y.year),
        )
        for y in found.years
    ]
    names = ("rows", "mean", "sd", "p10", "median", "p90", "weighted")
    columns = (say("printed.year"), *(say(f"quality_tables.{n}") for n in names))
    notes = (say("quality_tables.years-note", measure=step_word(found.measure)),)
    title = say("quality_tables.by-year")
    return PrintedTable(places.QUALITY_BY_YEAR, title, columns, tuple(rows), notes, (), (_origin(),), column_keys=names)


def groups_table(number: str, by: str, groups: Sequence[QualityGroup]) -> PrintedTable:
    """Build a table of quality in the largest products or destinations."""
    rows = [
        Row("text", (g.name, f"{g.n:,}", percent(g.share), fixed(g.mean), fixed(g.p10), fixed(g.p90)), slug(g.name))
        for g in groups
    ]
    names = ("rows", "share", "mean", "p10", "p90")
    columns = (say(f"quality_tables.{by}"), *(say(f"quality_tables.{n}") for n in names))
    title = say(f"quality_tables.by-{by}", n=len(groups))
    return PrintedTable(number, title, columns, tuple(rows), (), (), (_origin(),), column_keys=names)


def checks_table(found: QualitySummary, labels: Labels) -> PrintedTable:
    """Build Table A1d: counts, rows without quality, the elasticities, and rank correlations with other choices."""
    lines: list[tuple[str, str, str, str]] = [
        ("measure", say("quality_tables.measure"), step_word(found.measure), ""),
        ("rows", say("quality_alone.rows"), f"{found.rows:,}", ""),
        ("firms", followed(labels, heading=True), f"{found.firms:,}" if found.firms else "", ""),
        ("products", say("quality_alone.products"), f"{found.products:,}", ""),
        ("destinations", say("quality_alone.destinations"), f"{found.destinations:,}", ""),
        ("missing", say("quality_tables.missing"), percent(found.missing), say("quality_tables.missing-how")),
        ("missing_value", say("quality_tables.missing-value"), percent(found.missing_value), ""),
    ]
    if found.sigma is not None:
        low, middle, high = (fixed(s, 2) for s in found.sigma)
        used = middle if low == high else say("quality_tables.sigma-spread", low=low, middle=middle, high=high)
        lines.append(("sigma", say("quality_tables.sigma"), used, say("quality_tables.sigma-how")))
    for check in found.checks:
        name = say("quality_tables.check", choice=check.choice)
        how = say("quality_tables.check-how", n=check.n)
        lines.append((slug(check.choice), name, fixed(check.correlation, 2), how))
    rows = tuple(
        Row("text", (name, value, how), key, (Origin(how, rests=RESTS),)) for key, name, value, how in lines if value
    )
    columns = (say("tables.figure"), say("tables.value"), say("printed.how-to-read-it"))
    title, keys = say("quality_tables.trust"), ("value", "how_to_read_it")
    return PrintedTable(places.TRUST_IN_QUALITY, title, columns, rows, (), (2,), column_keys=keys)


def quality_figure(found: QualitySummary | None) -> Chart:
    """Draw the median of quality by year with a band of the middle 80%, and the mean weighted by value.

    Raises `EmptyTable` without quality by year.
    """
    if found is None or not found.years:
        raise EmptyTable("the study has no quality by year to draw")
    rows: list[Mapping[str, object]] = [
        {"year": y.year, "median": y.median, "low": y.p10, "high": y.p90, "weighted": y.weighted} for y in found.years
    ]
    years = [y.year for y in found.years]
    x = alt.X("year:Q", axis=alt.Axis(format="d", values=years, title=say("figures.year")), scale=alt.Scale(zero=False))
    base = alt.Chart(data(rows))
    tips = [tip("year:Q", "d"), *(tip(f"{n}:Q", ".3f") for n in ("median", "low", "high", "weighted"))]
    title = say("quality_tables.axis", measure=step_word(found.measure))
    layers = [
        base.mark_area(opacity=0.18, color=BLUE).encode(x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q")),
        base.mark_line(color=BLUE, strokeWidth=2.4).encode(x=x, y=alt.Y("median:Q")),
        base.mark_circle(color=BLUE, size=30, opacity=1).encode(x=x, y=alt.Y("median:Q"), tooltip=tips),
        base.mark_line(color=ORANGE, strokeWidth=1.6).encode(x=x, y=alt.Y("weighted:Q")),
    ]
    return dressed(
        alt.layer(*layers),
        say("quality_tables.figure", first=str(years[0]), last=str(years[-1])),
        subtitle=say("quality_tables.figure-marks"),
        description=say("quality_tables.figure-described", first=str(years[0]), last=str(years[-1])),
        height=300,
    )
