"""The chapter on the index and on quality over time: what its tables, figures and sentences say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import report_example as example
import situation_example
from integrade.errors import Coverage, EmptyTable
from integrade.estimate.multiple import Adjusted
from integrade.report.contents import all_figures
from integrade.report.style import Chart, title_of
from integrade.study.printed import compose
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.lags.figures import lag_band_figure
from integrade.subjects.shape.figures import effects_figure
from integrade.subjects.situation import verdict as words
from integrade.subjects.situation.figures import break_figure, industries_figure, past_map_figure, trends_figure
from integrade.subjects.situation.figures_trust import goods_figure, noise_figure, pure_figure
from integrade.subjects.situation.tables import situation_tables
from integrade.subjects.situation.trends import GroupChange, GroupYear, Trends
from integrade.subjects.situation.verdict import break_established
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from integrade.verdicts.headline import limits
from integrade.verdicts.naming import dates_text
from panels import panel


@pytest.fixture(scope="module")
def study() -> StudyResults:
    return situation_example.study()


def values(chart: Chart, layer: int) -> list[dict[str, Any]]:
    spec = chart.to_dict()
    data = spec["layer"][layer].get("data") or spec["data"]
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


def test_the_document_holds_every_table_and_figure_in_its_section(study: StudyResults) -> None:
    made = compose(study)
    numbers = {t.number for t in made.tables()}
    assert {"1b", "1c", "1d", "2b", "2c", "A1b", "A1c", "4b", "4c", "4d", "4e"} <= numbers
    drawn = {"goods", "noise", "pure", "quality_area", "quality_ownership", "industries", "effects"}
    assert drawn | {"share_map", "versions", "distribution", "distribution_groups"} <= set(made.drawings())
    assert [d.number for d in made.drawings().values()] == list(range(1, len(made.drawings()) + 1))
    sections = {s.key for part in made.parts for s in part.sections}
    assert {"quality", "versions"} <= sections
    bare = example.composed()
    assert not {"1b", "2c", "A1c"} & {t.number for t in bare.tables()}
    assert "quality" not in {s.key for part in bare.parts for s in part.sections}


def test_a_report_shows_how_the_outcome_is_distributed(study: StudyResults) -> None:
    """By year, and by group and year: the quantiles of the record, with the words of the split."""
    assert study.situation is not None
    whole, by_owner = study.situation.distributions
    drawings = compose(study).drawings()
    spread, groups = (drawings[name].spec for name in ("distribution", "distribution_groups"))
    assert spread["title"]["text"] == "Distribution of export quality by year"
    assert groups["title"]["text"] == "Distribution of export quality by ownership and year"
    rows = [row for d in groups["datasets"].values() for row in d if "p50" in row]
    assert {row["group"] for row in rows} == {"State-owned", "Not state-owned"}
    assert sorted(row["p50"] for row in rows) == sorted(p.p50 for p in by_owner.points)
    assert f"{sum(p.n for p in whole.points):,} rows" in " ".join(spread["title"]["subtitle"])


def test_tables_print_the_records(study: StudyResults) -> None:
    assert study.situation is not None
    tables = {t.number: t for t in situation_tables(study.situation, study.index, {})}
    last, year = tables["1b"].rows[-1].cells, study.situation.extremes[-1]
    assert last[0] == "2013"
    assert last[1].split(", ")[0] == f"{year.most[0].region} ({year.most[0].rank_before})"
    assert last[2].split(", ")[0] == f"{year.least[-1].region} ({year.least[-1].rank_before})"
    assert len(last[1].split(", ")) == 5
    lines = {row.cells[0]: row.cells[1:] for row in tables["1c"].rows}
    level = study.situation.breaks[0]
    assert lines["Last year before the break"][0] == str(level.last_before)
    assert lines["95% set of dates (likelihood ratio)"][0] == dates_text(level.dates)
    assert lines["95% interval (Bai)"][1] == ""
    assert [row.cells[0] for row in tables["1d"].rows] == [str(y) for y in example.YEARS]
    assert tables["A1c"].rows[0].cells == ("2004", "31", "0.141", "0.110", "60%")  # sqrt(.02), sqrt(.012), .012/.02
    assert tables["A1b"].rows[0].cells == ("Food", "0.030", "0.710", "Tibet, 2009", "0.880")
    panels = [row.cells[0] for row in tables["2c"].rows if row.kind == "panel"]
    assert panels == ["Area", "Ownership", "Industry, two digits"]


def test_runs_of_years() -> None:
    assert dates_text((2005, 2006, 2007, 2009, 2011, 2012)) == "2005-2007, 2009, 2011-2012"
    assert dates_text(()) == ""


def test_break_figure_shades_the_dates_that_are_not_rejected(study: StudyResults) -> None:
    assert study.situation is not None
    level = study.situation.breaks[0]
    chart = break_figure(level, study.index)
    assert [(r["a"], r["b"]) for r in values(chart, 0)] == [(d, d + 1) for d in level.dates]
    assert values(chart, 1)[0]["at"] == level.last_before + 0.5
    assert {r["regime"] for r in values(chart, 3)} == {0, 1}
    assert "level of national integration, 2004-2013" in title_of(chart)[0]


def test_a_break_is_drawn_if_its_test_rejects_with_persistent_errors_too(study: StudyResults) -> None:
    assert study.situation is not None
    level, other = study.situation.breaks[0], study.situation.breaks[-1]
    assert break_established(study) is None
    for p, persistent in ((0.01, 0.2), (0.2, 0.01)):
        doubted = replace(level, p_value=p, p_persistent=persistent)
        assert break_established(replace(study, situation=replace(study.situation, breaks=(doubted,)))) is None
    clear = replace(level, p_value=0.01, p_persistent=0.03, bic_break=99.0)
    there = replace(study, situation=replace(study.situation, breaks=(clear, other)))
    assert break_established(there) == clear  # a better fit without a test is not taken
    assert "break" in all_figures(there)
    assert "break" not in all_figures(study)


def test_trends_have_one_panel_per_group_and_refuse_too_many(study: StudyResults) -> None:
    assert study.situation is not None
    trends = study.situation.trends
    assert trends is not None
    chart = trends_figure(trends, "ownership")
    every = [row for rows in chart.to_dict()["datasets"].values() for row in rows]
    assert {r["series"] for r in every if "series" in r} == {"All firms", "State-owned", "Not state-owned"}
    assert [r["text"] for r in every if "text" in r] == ["All firms", "Not state-owned", "State-owned"]
    assert title_of(chart) == (
        "Export quality by year and ownership, 2004-2013",
        "Blue: the series named above the panel. Grey: All firms. "
        "Bands: 95% intervals, clustered by region, with critical values of t(number of regions − 1). "
        "A line of fewer than three regions has no band.",
    )
    with pytest.raises(EmptyTable, match="too many"):
        trends_figure(trends, "two_digit")
    with pytest.raises(EmptyTable, match="no trend"):
        trends_figure(trends, "intensity")
    rows = values(industries_figure(trends), 1)
    assert [r["change"] for r in rows] == sorted((r["change"] for r in rows), reverse=True)
    with pytest.raises(EmptyTable):
        industries_figure(Trends("quality", None, trends.points, ()))


def test_map_of_who_is_past_has_every_province_once(study: StudyResults) -> None:
    test = study.benchmark[-1].u_test
    assert test is not None
    chart = past_map_figure(test)
    rows, missing = values(chart, 0), values(chart, 3)
    assert len({(r["row"], r["column"]) for r in (*rows, *missing)}) == 31
    assert [r["region"] for r in missing] == ["Tibet"]  # no observation there: grey
    assert next(r for r in rows if r["code"] == "HE")["share"] == test.share_past_by_region["Hebei"]
    with pytest.raises(Coverage):
        past_map_figure(replace(test, share_past_by_region={"Bavaria": 0.5}))


def test_figures_of_noise_draw_the_records(study: StudyResults) -> None:
    found = study.situation
    assert found is not None
    assert [r["good"] for r in values(goods_figure(found, study.index, {}), 0)] == ["Food", "Clothing", "Fuel"]
    labelled = values(goods_figure(found, study.index, {"衣着": "Dress"}), 0)
    assert [r["good"] for r in labelled] == ["Food", "Dress", "Fuel"]
    bars = values(noise_figure(found, study.index), 0)
    assert bars[0]["text"] == "60%"
    assert all(r["noise"] <= r["variance"] for r in bars)
    assert values(pure_figure(found, study.index), 0)[0]["region"] == "Xinjiang"  # the most integrated first
    empty = replace(found, goods=(), noise=(), pure=None)
    with pytest.raises(EmptyTable):
        goods_figure(empty, study.index, {})
    for make in (noise_figure, pure_figure):
        with pytest.raises(EmptyTable):
            make(empty, study.index)
    assert not {"goods", "noise", "pure"} & set(all_figures(replace(study, situation=empty)))


def test_effects_and_lags_are_drawn_with_their_intervals(study: StudyResults) -> None:
    assert study.effects is not None
    rows = values(effects_figure(study.effects), 1)
    first = study.effects.rows[0]
    assert rows[0]["low"] == pytest.approx(first.conf_low / study.effects.sd)
    assert rows[0]["name"] == "Market, p25 to p75"


def test_lags_figure_has_the_slope_at_the_mean_of_each_year() -> None:
    import numpy as np
    import polars as pl

    from integrade.estimate.fit import fit
    from integrade.subjects.lags.model import Lags, lag_table
    from panels import panel

    rows = panel(5, firms=150, years=9)
    found = lag_table(
        rows, "y ~ market + market^2 + scale | firm + year", Lags(variable="market", lags=(1, 2), leads=(1,))
    )
    chart = lag_band_figure(found)
    assert "anticipate" in str(chart.to_dict())
    past = replace(found, placebo=None, columns=tuple(c for c in found.columns if c.shift >= 0))
    assert "anticipate" not in str(lag_band_figure(past).to_dict())
    drawn = {r["when"]: r for r in values(chart, 0)}
    assert list(drawn) == ["2 earlier", "1 earlier", "Same year", "1 later"]
    assert found.placebo is not None
    own = found.placebo.fit
    at = own.means["market_l1"]
    slope = own["market_l1"].estimate + 2 * at * own["market_l1^2"].estimate
    assert drawn["1 earlier"]["slope"] == pytest.approx(slope)
    # the interval of that slope is the one of the linear term when the regressors are centred at the mean
    series = rows.group_by("region", "year").agg(pl.col("market").first())
    wide = rows
    for name, k in (("market_l1", 1), ("market_l2", 2), ("market_f1", -1)):
        moved = series.select("region", pl.col("year") + k, pl.col("market").alias(name))
        wide = wide.join(moved, on=["region", "year"], how="left", maintain_order="left")
    wide = wide.drop_nulls(["market_l1", "market_l2", "market_f1"])
    wide = wide.with_columns(c=pl.col("market_l1") - at)
    again = fit(
        wide,
        "y ~ c + c^2 + market + market^2 + market_l2 + market_l2^2 + market_f1 + market_f1^2 + scale | firm + year",
    )
    assert again.nobs == own.nobs
    assert drawn["1 earlier"]["low"] == pytest.approx(again["c"].conf_low, rel=1e-6)
    assert np.isfinite(drawn["1 later"]["high"])


def test_sentences_say_what_the_records_say(study: StudyResults) -> None:
    said = " ".join([*words.index(study), *words.quality(study), *words.trust(study), *words.effects(study)])
    assert "With only 10 years of data, the date of a break cannot be located more precisely." in said
    assert "The largest change from leaving out one good is 0.71" in said
    assert "the index of Tibet in 2009 without Food" in said
    assert "from 32% in 2013 to 60% in 2004" in said
    assert "do not show whether quality as a whole changed." in said
    assert "standard deviations in export quality" in said
    assert words.index(example.study()) == []
    assert words.effects(example.study()) == []


def test_the_regions_that_are_named_have_their_intervals_beside_them(study: StudyResults) -> None:
    """Hunan was most segmented, and its 95% interval held the index of every other region."""
    assert study.situation is not None
    last = study.situation.extremes[-1]
    names = [p.region for p in last.most[:3]]
    index = study.index
    own = {p.region: p for p in index.points if p.year == last.year}

    def said(errors: dict[str, float | None]) -> str:
        points = tuple(replace(p, se_integration=errors.get(p.region)) for p in own.values())
        return words.index(replace(study, index=replace(index, points=points)))[len(study.situation.breaks)]

    half = words.jackknife_quantile(index)
    first = own[names[0]]
    gaps = sorted(abs(p.integration - first.integration) for p in own.values() if p.region != names[0])
    between = (gaps[4] + gaps[5]) / 2
    assert "Ranks are uncertain" not in said({})
    assert "Ranks are uncertain" not in said(dict.fromkeys(names, 1e-12))
    few = said({names[0]: between / half, names[1]: 1e-12})
    assert f"others, this many: {names[0]} 5, {names[1]} 0." in few
    assert f"{names[0]} {len(own) - 1}." in said({names[0]: 100.0})


def test_a_group_of_four_regions_moves_beyond_its_own_t(study: StudyResults) -> None:
    """3.18 standard errors with 4 regions, 2.04 with 31 (tables of t): 1.96 called 2.5 of them a change."""
    assert study.situation is not None
    change = GroupChange("area", "West", 2004, 2013, 90, 95, 0.025, 0.01, 0, None, regions=4)
    assert words.critical(change) == pytest.approx(3.182446, abs=1e-6)
    assert words.critical(replace(change, regions=31)) == pytest.approx(2.042272, abs=1e-6)
    assert study.situation.trends is not None
    groups = (change, replace(change, group="East", regions=31), replace(change, group="Central", std_error=None))
    trends = replace(study.situation.trends, changes=(study.situation.trends.changes[0], *groups))
    said = " ".join(words.quality(replace(study, situation=replace(study.situation, trends=trends))))
    assert "Of the 2 groups in Table 2c, 1 changed significantly at 5%" in said
    assert "East (0.025)" in said
    assert "West (0.025)" not in said


def test_the_note_on_many_hypotheses_says_which_p_are_adjusted(study: StudyResults) -> None:
    rows = panel(3).with_columns(kind=pl.when(pl.col("industry") == 1).then(pl.lit("a")).otherwise(pl.lit("b")))
    found = compare_groups(rows, "y ~ market | region + year", "kind", cluster="region", permutations=0)
    splits = (GroupSplit("ownership", "Ownership", found), GroupSplit("area", "Area", found))
    family = tuple(Adjusted(s.title, 0.01, 0.02, 0.01, 0.01) for s in splits)
    several = replace(study, verdicts=verdicts(study) * 2)
    assert words.limits(several)[-1].startswith("Each hypothesis is tested at the 5% level")
    assert "Holm-adjusted over 2" not in words.limits(several)[-1]
    said = words.limits(replace(several, groups=splits, group_family=family))[-1]
    assert "no other adjustment" not in said  # there are more, of places, lags, placebos and pairs
    assert "P-values are not adjusted over the hypotheses" in said
    assert "placebo" not in said
    assert "(Ownership and Area), p-values of the joint tests" in said
    assert "unless a rule" not in said
    assert "unless a rule in the study file" in words.limits(replace(several, hypotheses=(object(),)))[-1]
    alone = words.limits(replace(several, groups=splits[:1], group_family=family[:1]))[-1]
    assert "splits" not in alone  # Holm of one test is the test


def test_limits_name_what_the_study_cannot_show(study: StudyResults) -> None:
    said = " ".join(limits(replace(study, verdicts=verdicts(study))))
    for words_of in (
        "associations",
        "demand equation",
        "breaks",
        "barriers within a region",
        "firms that do not export",
        "An overstated quantity lowers the unit value",
    ):
        assert words_of in said


def test_bands_of_few_regions_have_the_t_of_as_many() -> None:
    """t(3) of four regions is 3.18, not 1.96; two regions have no band."""
    made = [GroupYear("ownership", "state", year, 90, 0.5, 0.1, 0.5, None, 4) for year in (2004, 2005)]
    made += [GroupYear("ownership", "non_state", year, 90, 0.4, 0.1, 0.4, None, 2) for year in (2004, 2005)]
    whole = [GroupYear("", "", year, 180, 0.45, 0.1, 0.45, None, 31) for year in (2004, 2005)]
    chart = trends_figure(Trends("quality", None, (*whole, *made), ()), "ownership")
    rows = [r for listed in chart.to_dict()["datasets"].values() for r in listed if "low" in r]
    half = {r["series"]: r["high"] - r["mean"] for r in rows}
    assert half == pytest.approx({"All firms": 0.2042272, "State-owned": 0.3182446}, rel=1e-5)
