"""Measures side by side: correlations against scipy, the record, the page, the command."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import kendalltau, spearmanr

from integrade.cli import run
from integrade.errors import Coverage, MissingColumn, TooFew, UnknownName, UsageError
from integrade.integration import Comparison, compare_measures, factor_share, half_life, pure_regions, relative_price
from integrade.integration.comparison import by_chance
from integrade.report.comparison import comparison_page, comparison_tables, sentences
from library import needs
from raw_files import OLD, annual_prices


def measure(noise: float, seed: int, regions: int = 12, years: int = 6) -> pl.DataFrame:
    """A common order of regions and a common trend, plus noise."""
    truth = np.random.default_rng(0).normal(size=regions)
    own = np.random.default_rng(seed).normal(size=(regions, years))
    return pl.DataFrame(
        [
            {"region": f"r{i:02d}", "year": 2004 + t, "integration": float(truth[i] + 0.3 * t + noise * own[i, t])}
            for i, t in itertools.product(range(regions), range(years))
        ]
    )


def three() -> dict[str, pl.DataFrame]:
    return {"near": measure(0.3, 1), "far": measure(1.0, 2), "other": measure(2.0, 3)}


def test_correlations_as_scipy() -> None:
    tables = three()
    found = compare_measures(tables)
    assert [(a.a, a.b) for a in found.agreements] == [("near", "far"), ("near", "other"), ("far", "other")]
    for a in found.agreements:
        both = tables[a.a].join(tables[a.b], on=["region", "year"]).sort("region", "year")
        x, y = both["integration"].to_numpy(), both["integration_right"].to_numpy()
        assert a.spearman == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
        assert a.kendall == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)
        grid = [v.reshape(12, 6) for v in (x, y)]
        within = [
            (spearmanr(*pair).statistic, kendalltau(*pair).statistic) for pair in zip(*(g.T for g in grid), strict=True)
        ]
        assert (a.spearman_within, a.kendall_within) == pytest.approx(tuple(np.mean(within, axis=0)), abs=1e-12)
        years = [y for y in found.by_year if (y.a, y.b) == (a.a, a.b)]
        assert [y.spearman for y in years] == pytest.approx([w[0] for w in within], abs=1e-12)
        regions = [g.mean(axis=1) for g in grid]
        assert a.spearman_regions == pytest.approx(spearmanr(*regions).statistic, abs=1e-12)
        nation = [g.mean(axis=0) for g in grid]
        assert a.over_time == pytest.approx(np.corrcoef(*nation)[0, 1], abs=1e-12)
        slopes = [np.polyfit(range(6), n, 1)[0] for n in nation]
        assert a.same_trend == (np.sign(slopes[0]) == np.sign(slopes[1]))
        assert (a.n_cells, a.n_regions, a.n_years) == (72, 12, 6)


def test_ties_as_scipy() -> None:
    a, b = measure(0.5, 1), measure(0.5, 2)
    a, b = (t.with_columns(pl.col("integration").round(0)) for t in (a, b))
    found = compare_measures({"a": a, "b": b}).agreements[0]
    x, y = (t.sort("region", "year")["integration"].to_numpy() for t in (a, b))
    assert found.spearman == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
    assert found.kendall == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)


def test_chance_is_what_unrelated_orders_exceed() -> None:
    draw = np.random.default_rng(1)
    n = 31
    r = [abs(spearmanr(draw.permutation(n), draw.permutation(n)).statistic) for _ in range(1500)]
    # 1,500 draws: s.e. of .006
    assert np.mean(np.array(r) > by_chance(n)) == pytest.approx(0.05, abs=0.02)


def test_only_common_cells_are_compared() -> None:
    a, b = measure(0.3, 1), measure(0.3, 2)
    part = b.filter(pl.col("year") > 2005, pl.col("region") != "r03").with_columns(
        integration=pl.when(pl.col("region") == "r04").then(None).otherwise("integration")
    )
    found = compare_measures({"a": a, "b": part}).agreements[0]
    assert (found.n_regions, found.n_years, found.n_cells) == (10, 4, 40)
    cut = a.join(part.drop_nulls(), on=["region", "year"], how="semi")
    again = compare_measures({"a": cut, "b": part}).agreements[0]
    assert again.over_time == pytest.approx(found.over_time, abs=1e-12)


def test_months_are_averaged_and_tables_without_years_compare_averages() -> None:
    a = measure(0.3, 1)
    months = pl.concat(
        [a.with_columns(month=pl.lit(m), integration=pl.col("integration") + s) for m, s in ((1, -1.0), (2, 1.0))]
    )
    both = compare_measures({"a": a, "months": months}).agreements[0]
    assert both.spearman_within == 1.0
    assert both.over_time == pytest.approx(1.0, abs=1e-12)
    flat = a.group_by("region").agg(pl.col("integration").mean())
    one = compare_measures({"a": a, "flat": flat})
    row = one.agreements[0]
    assert (row.spearman_within, row.spearman, row.over_time, row.same_trend, row.n_years) == (None,) * 4 + (0,)
    assert row.spearman_regions == 1.0
    assert one.by_year == ()
    assert one.measures[1].first_year is None


def test_direction_and_columns() -> None:
    a = measure(0.3, 1)
    turned = a.with_columns(segmentation=-pl.col("integration")).drop("integration")
    plain = compare_measures({"a": a, "s": turned}, columns={"s": "segmentation"})
    assert plain.agreements[0].spearman_within == -1.0
    assert "Opposite rankings: a and s." in " ".join(sentences(plain))
    back = compare_measures({"a": a, "s": turned}, columns={"s": "segmentation"}, reverse=["s"])
    assert back.agreements[0].spearman_within == 1.0
    assert back.agreements[0].same_trend is True


def test_order_of_rows_does_not_matter() -> None:
    shuffled = {name: t.sample(fraction=1, shuffle=True, seed=2) for name, t in three().items()}
    assert compare_measures(three()) == compare_measures(shuffled)


def test_bad_requests() -> None:
    a = measure(0.3, 1)
    with pytest.raises(TooFew, match="a comparison needs two"):
        compare_measures({"a": a})
    with pytest.raises(MissingColumn, match="column 'integration' is missing from measure 'b'") as caught:
        compare_measures({"a": a, "b": a.rename({"integration": "theta"})})
    assert 'columns={"b": "COLUMN"}' in str(caught.value)
    with pytest.raises(UnknownName, match="no measure 'c'"):
        compare_measures({"a": a, "b": a}, reverse=["c"])
    with pytest.raises(Coverage, match="share 0 regions in the same years"):
        compare_measures({"a": a, "b": a.with_columns(pl.col("year") + 50)})
    with pytest.raises(UsageError, match="more than one row per region, year"):
        compare_measures({"a": a, "b": pl.concat([a, a])})


def test_what_is_printed() -> None:
    found = compare_measures(three())
    text = str(found)
    first = found.agreements[0]
    assert (
        f"near ~ far    {first.spearman_within:5.2f} ({first.kendall_within:.2f})".split()
        == text.splitlines()[2].split()[:5]
    )
    assert f"exceeds {by_chance(12):.2f} (12 regions) in 5% of cases" in text
    assert "<td>near ~ far</td>" in found._repr_html_()
    agreement, years, measures = comparison_tables(found)
    assert [len(t.rows) for t in (agreement, years, measures)] == [3, 3, 3]
    assert years.columns[2:] == tuple(map(str, range(2004, 2010)))
    assert years.cells()[0][2] == f"{found.by_year[0].spearman:.2f}"


def test_the_page_holds_every_table_and_figure() -> None:
    found = compare_measures({"a <b>": measure(0.3, 1), **three()})
    page = comparison_page(found, title="Measures & markets")
    for part in (
        'id="table1"',
        'id="table2"',
        'id="table3"',
        'id="figure-matrix"',
        'id="figure-nation"',
        'id="figure-years"',
    ):
        assert part in page
    assert "Measures &amp; markets" in page
    assert "a &lt;b&gt;" in page
    assert "<b>" not in page.split("<main", 1)[1].split("</main>", 1)[0]
    for sentence in sentences(found):
        assert sentence[:40].replace("<", "&lt;").replace(">", "&gt;") in page
    flat = {n: t.group_by("region").agg(pl.col("integration").mean()) for n, t in three().items()}
    short = comparison_page(compare_measures(flat))
    assert 'id="figure-matrix"' in short
    assert 'id="figure-nation"' not in short
    assert 'href="#time"' not in short


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, table in three().items():
        table.write_csv(tmp_path / f"{name}.csv")
    return [str(tmp_path / f"{name}.csv") for name in three()]


@pytest.mark.slow
def test_the_command(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert run(["compare", *files, "--out", str(page), "--title", "Here"]) == 0
    said = capsys.readouterr()
    assert str(compare_measures(three())) in said.out
    assert "<title>Here</title>" in page.read_text(encoding="utf-8")
    assert run(["compare", *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agreements"][0]["spearman"] == pytest.approx(compare_measures(three()).agreements[0].spearman)
    for suffix in ("json", "csv", "docx", "tex", "md", "txt"):
        assert run(["compare", *files, "--out", str(tmp_path / f"out.{suffix}")]) == 0
        assert (tmp_path / f"out.{suffix}").stat().st_size > 100
    assert "near" in (tmp_path / "out.csv").read_text()


def test_the_command_names_columns_and_directions(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turned = measure(0.3, 1).with_columns(s=-pl.col("integration")).drop("integration")
    turned.write_csv(tmp_path / "near_segmented.csv")
    named = f"seg={tmp_path / 'near_segmented.csv'}"
    assert run(["compare", files[0], named, "--use", "seg=s", "--reverse", "seg", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["agreements"][0]["spearman_within"] == 1.0
    assert told["agreements"][0]["b"] == "seg"
    assert run(["compare", files[0], files[0]]) == 2
    assert "two measures are called 'near'" in capsys.readouterr().err
    assert run(["compare", *files, "--out", "page.pdf"]) == 2
    assert "unknown format" in capsys.readouterr().err
    assert run(["compare", *files, "--use", "near"]) == 2
    assert "expected NAME=COLUMN" in capsys.readouterr().err
    assert run(["compare", files[0], named]) == 1
    assert "--use seg=COLUMN" in capsys.readouterr().err


def test_the_record_is_plain() -> None:
    found = compare_measures(three())
    assert isinstance(found, Comparison)
    with pytest.raises(AttributeError):
        found.measures = ()  # type: ignore[misc]


def test_the_measures_of_china() -> None:
    """Prices of 31 provinces: variants of one method agree, other methods less, and beyond chance."""
    prices = annual_prices(range(2005, 2016)).filter(pl.col("item").is_in(OLD))
    prices = prices.rename({"item": "commodity", "value": "index"})
    tables = {
        "all": relative_price(prices),
        "adjacent": relative_price(prices, pairs="adjacent"),
        "root": relative_price(prices, transform="inverse_sqrt"),
        "pure": pure_regions(prices),
        "factor": factor_share(prices),
        "speed": half_life(prices, by="region"),
    }
    found = {(a.a, a.b): a for a in compare_measures(tables).agreements}
    # monotone within a year: the transform and the closed form of the region component (METHODS 1.5 iv)
    assert found["all", "root"].spearman_within == pytest.approx(1, abs=1e-12)
    assert found["all", "pure"].spearman_within == pytest.approx(1, abs=1e-12)
    neighbours, factor = found["all", "adjacent"], found["all", "factor"]
    assert 1 > (neighbours.spearman_within or 0) > (factor.spearman_within or 0) > 0
    assert (neighbours.over_time or 0) > 0.9
    assert found["all", "speed"].spearman_within is None
    assert tables["factor"]["integration"].is_between(0, 1).all()


@pytest.mark.system
def test_every_figure_is_drawn(tmp_path: Path) -> None:
    import subprocess

    program = needs("chromium")
    page = tmp_path / "page.html"
    page.write_text(comparison_page(compare_measures(three())), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    call = [program, *flags, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    dom = subprocess.run(call, capture_output=True, text=True, check=True, timeout=120).stdout
    assert dom.count('data-drawn="yes"') == 3
    assert ">This figure could not be drawn" not in dom
