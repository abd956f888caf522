"""Measures of production: hand-worked cases, brute-force twins, limits that must collapse, gaps that are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import integrade as ig
from each import each
from integrade.engine.frames import Table
from integrade.errors import MissingColumn, OutOfRange, TooFew, UnknownName

ALL = ["krugman", "location_quotient", "herfindahl", "hoover_balassa", "ellison_glaeser", "theil", "factor_dispersion"]


def output(cells: dict[str, list[float]], year: int = 2004, column: str = "value") -> pl.DataFrame:
    """Region -> output of industries 01, 02, ... in one year."""
    return pl.DataFrame(
        [
            {"region": r, "industry": f"{k + 1:02d}", "year": year, column: float(v)}
            for r, values in cells.items()
            for k, v in enumerate(values)
        ]
    )


def economy(seed: int = 1, n: int = 6, industries: int = 5, years: int = 2) -> pl.DataFrame:
    """Random output with some empty industries, workers, capital and plants of known sizes."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        for k in range(industries):
            for t in range(years):
                plants = rng.integers(1, 6) if rng.random() > 0.2 else 0
                sizes = rng.exponential(50, plants)
                rows.append(
                    {
                        "region": f"R{i}",
                        "industry": f"{k + 13:02d}",
                        "year": 2004 + t,
                        "employment": sizes.sum(),
                        "value": sizes.sum() * np.exp(rng.normal(1, 0.4)),
                        "capital": sizes.sum() * np.exp(rng.normal(0, 0.5)),
                        "plants": int(plants),
                        "size_squared": (sizes**2).sum(),
                    }
                )
    return pl.DataFrame(rows)


def cube(data: pl.DataFrame, column: str, year: int) -> np.ndarray:
    """Region x industry, sorted by name."""
    wide = data.filter(pl.col("year") == year).sort("region", "industry")
    return wide[column].to_numpy().reshape(wide["region"].n_unique(), -1).astype(float)


# Krugman -----------------------------------------------------------------------------------------------------------


def test_krugman_by_hand() -> None:
    """Shares A (.75, .25), B (.25, .75), C (.5, .5), all of size 40. Against the rest: rest of A is (30, 50)/80 =
    (.375, .625): |.375| + |.375| = .75. Pairs: AB .5 + .5 = 1, AC and BC .5."""
    data = output({"A": [30, 10], "B": [10, 30], "C": [20, 20]})
    assert ig.krugman(data)["integration"].to_list() == pytest.approx([0.75, 0.75, 0.0], abs=1e-15)
    assert ig.krugman(data, against="others")["integration"].to_list() == pytest.approx([0.75, 0.75, 0.5], abs=1e-15)
    pairs = ig.krugman(data, level="pair")
    assert pairs.select("region_a", "region_b").rows() == [("A", "B"), ("A", "C"), ("B", "C")]
    assert pairs["integration"].to_list() == pytest.approx([1.0, 0.5, 0.5], abs=1e-15)
    assert ig.krugman(data, level="nation")["integration"].to_list() == pytest.approx([0.5], abs=1e-15)


def test_krugman_limits() -> None:
    same = output({"A": [1, 2, 3], "B": [10, 20, 30], "C": [5, 10, 15]})
    assert ig.krugman(same)["integration"].to_list() == pytest.approx([0, 0, 0], abs=1e-15)
    apart = output({"A": [7, 0, 0], "B": [0, 2, 0], "C": [0, 0, 3]})
    for options in ({}, {"against": "others"}, {"level": "pair"}):
        assert ig.krugman(apart, **options)["integration"].to_list() == pytest.approx([2, 2, 2], abs=1e-15)
    assert ig.krugman(apart)["n_industries"].to_list() == [1, 1, 1]


def test_krugman_twin_in_loops() -> None:
    data = economy()
    for options, against in (({}, "rest"), ({"against": "others"}, "others")):
        found = ig.krugman(data, **options)
        for row in found.iter_rows(named=True):
            x = cube(data, "value", row["year"])
            i = int(row["region"][1:])
            own = x[i] / x[i].sum()
            others = [j for j in range(len(x)) if j != i]
            if against == "rest":
                rest = x[others].sum(axis=0)
                want = np.abs(own - rest / rest.sum()).sum()
            else:
                want = np.mean([np.abs(own - x[j] / x[j].sum()).sum() for j in others])
            assert row["integration"] == pytest.approx(want, rel=1e-12)


# location and concentration ----------------------------------------------------------------------------------------


def test_location_quotients_by_hand() -> None:
    """A has 30 of 40 in 01, the nation 60 of 120: .75 / .5 = 1.5."""
    found = ig.location_quotient(output({"A": [30, 10], "B": [10, 30], "C": [20, 20]}))
    assert found["location_quotient"].to_list() == pytest.approx([1.5, 0.5, 0.5, 1.5, 1, 1], abs=1e-15)
    assert found["share"].to_list() == pytest.approx([0.75, 0.25, 0.25, 0.75, 0.5, 0.5], abs=1e-15)


def test_location_quotients_average_to_one_over_the_size_of_regions() -> None:
    data = economy(seed=4)
    found = ig.location_quotient(data)
    size = data.group_by("region", "year").agg(size=pl.col("value").sum())
    means = (
        found.join(size, on=["region", "year"])
        .group_by("industry", "year")
        .agg(mean=(pl.col("location_quotient") * pl.col("size")).sum() / pl.col("size").sum())
    )
    assert means["mean"].to_list() == pytest.approx([1.0] * means.height, rel=1e-12)


def test_hoover_balassa_by_hand() -> None:
    """All regions of size 40 of 120: weights 1/3. Industry 01 has (30, 10, 20)/60: sorted shares 1/6, 1/3, 1/2,
    cumulated 1/6, 1/2, 1. G = 1 - (1/3)(1/6 + 2/3 + 3/2) = 1 - 7/9 = 2/9."""
    data = output({"A": [30, 10], "B": [10, 30], "C": [20, 20]})
    assert ig.hoover_balassa(data)["integration"].to_list() == pytest.approx([2 / 9, 2 / 9], rel=1e-14)
    even = output({"A": [1, 2], "B": [10, 20]})
    assert ig.hoover_balassa(even)["integration"].to_list() == pytest.approx([0, 0], abs=1e-15)


@pytest.mark.parametrize("level", ["industry", "region"])
def test_hoover_balassa_is_the_gini_over_all_pairs(level: str) -> None:
    """Gini of LQ with weights w and mean 1: half the weighted mean absolute difference over all pairs."""
    data = economy(seed=2)
    found = ig.hoover_balassa(data, level=level)
    for year in (2004, 2005):
        x = cube(data, "value", year)
        if level == "region":
            x = x.T
        weight = x.sum(axis=1) / x.sum()
        quotient = (x / x.sum(axis=0)) / np.where(weight > 0, weight, 1)[:, None]
        want = [
            sum(weight[i] * weight[j] * abs(q[i] - q[j]) for i in range(len(q)) for j in range(len(q))) / 2
            for q in quotient.T
        ]
        assert found.filter(pl.col("year") == year)["integration"].to_list() == pytest.approx(
            want, rel=1e-11, abs=1e-13
        )


def test_herfindahl_by_hand_and_its_limits() -> None:
    """(30, 10, 20)/60 squared: .25 + 1/36 + 1/9 = 14/36; by region (.75, .25): .625."""
    data = output({"A": [30, 10], "B": [10, 30], "C": [20, 20]})
    assert ig.herfindahl(data)["integration"].to_list() == pytest.approx([14 / 36] * 2, rel=1e-14)
    by_region = ig.herfindahl(data, level="region")["integration"].to_list()
    assert by_region == pytest.approx([0.625, 0.625, 0.5], rel=1e-14)
    one_place = output({"A": [5, 1], "B": [0, 1]})
    assert ig.herfindahl(one_place)["integration"].to_list() == pytest.approx([1.0, 0.5], rel=1e-14)
    weighted = ig.herfindahl(one_place, level="nation")["integration"].to_list()
    assert weighted == pytest.approx([(5 * 1.0 + 2 * 0.5) / 7], rel=1e-14)


def test_ellison_glaeser_by_hand() -> None:
    """A (40, 10), B (10, 40): x = (.5, .5), 1 - X = .5. Industry 01: (.8, .2), G = 2 x .09 = .18. Ten plants of 10 ...
    here 4 + 1 plants of 10 each: H = 5 x (10/50)^2 = .2. gamma = (.18 - .5 x .2) / (.5 x .8) = .2."""
    data = output({"A": [40, 10], "B": [10, 40]}, column="employment").with_columns(
        plants=(pl.col("employment") / 10).cast(pl.Int64)
    )
    found = ig.ellison_glaeser(data)
    assert found["raw_concentration"].to_list() == pytest.approx([0.18, 0.18], rel=1e-12)
    assert found["plant_herfindahl"].to_list() == pytest.approx([0.2, 0.2], rel=1e-12)
    assert found["integration"].to_list() == pytest.approx([0.2, 0.2], rel=1e-12)
    assert found["n_plants"].to_list() == [5, 5]


def test_ellison_glaeser_from_squares_is_exact_and_from_counts_a_lower_bound() -> None:
    data = economy(seed=3, n=8)
    exact, equal = ig.ellison_glaeser(data), ig.ellison_glaeser(Table("output", data), plants="equal")
    assert "lower bound" in str(equal.account)
    assert (exact["plant_herfindahl"] >= equal.polars()["plant_herfindahl"] - 1e-15).all()
    for year in (2004, 2005):
        x, squares = cube(data, "employment", year), cube(data, "size_squared", year)
        share = x.sum(axis=1) / x.sum()
        spread = 1 - (share**2).sum()
        for k, row in enumerate(exact.filter(pl.col("year") == year).iter_rows(named=True)):
            s = x[:, k] / x[:, k].sum()
            raw, plants = ((s - share) ** 2).sum(), squares[:, k].sum() / x[:, k].sum() ** 2
            want = (raw - spread * plants) / (spread * (1 - plants))
            assert row["integration"] == pytest.approx(want, rel=1e-11, abs=1e-13)


def test_plants_thrown_at_random_have_no_ellison_glaeser_concentration() -> None:
    """Locations drawn with the regions' shares: gamma is zero on average, while the raw index is not."""
    rng = np.random.default_rng(11)
    share = np.array([0.4, 0.3, 0.2, 0.1])
    rows = []
    for k in range(400):
        sizes = rng.exponential(20, 12)
        place = rng.choice(4, size=12, p=share)
        rows += [
            {
                "region": f"R{i}",
                "industry": f"{k:03d}",
                "year": 2004,
                "employment": sizes[place == i].sum(),
                "size_squared": (sizes[place == i] ** 2).sum(),
            }
            for i in range(4)
        ]
    found = ig.ellison_glaeser(pl.DataFrame(rows))
    error = found["integration"].std() / np.sqrt(400)
    assert abs(found["integration"].mean()) < 3 * error
    assert found["raw_concentration"].mean() > 10 * error


# productivity ------------------------------------------------------------------------------------------------------


def workers(value: list[float], employment: list[float], **more: list[float]) -> pl.DataFrame:
    names = [f"R{i}" for i in range(len(value))]
    return pl.DataFrame(
        {
            "region": names,
            "industry": ["01"] * len(value),
            "year": [2004] * len(value),
            "value": value,
            "employment": employment,
            **more,
        }
    )


def test_theil_by_hand_and_its_limits() -> None:
    """Output (3, 1), one worker each: .75 ln 1.5 + .25 ln .5 = .130812; equal productivity: 0; all with one: ln 2."""
    found = ig.theil(workers([3, 1], [1, 1]))
    assert found["theil"][0] == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5), rel=1e-14)
    assert found["integration"][0] == -found["theil"][0]
    assert ig.theil(workers([3, 6], [1, 2]))["theil"][0] == pytest.approx(0, abs=1e-16)
    assert ig.theil(workers([1, 0], [1, 1]))["theil"][0] == pytest.approx(np.log(2), rel=1e-14)


def test_dispersion_is_the_standard_deviation_of_the_log_ratio() -> None:
    data = economy(seed=6)
    sums = data.group_by("region", "year").agg(pl.col("value", "employment", "capital").sum()).sort("year", "region")
    ratios = {
        "output_per_worker": ("value", "employment"),
        "capital_output": ("capital", "value"),
        "capital_per_worker": ("capital", "employment"),
        "output_per_capital": ("value", "capital"),
    }
    for ratio, (top, bottom) in ratios.items():
        found = ig.factor_dispersion(data, ratio=ratio)
        want = [(g[top] / g[bottom]).log().std(ddof=1) for _, g in sums.group_by("year", maintain_order=True)]
        assert found["dispersion"].to_list() == pytest.approx(want, rel=1e-12)
    weight = [g["value"] / g["value"].sum() for _, g in sums.group_by("year", maintain_order=True)]
    logs = [np.log(g["value"] / g["employment"]) for _, g in sums.group_by("year", maintain_order=True)]
    want = [
        np.sqrt((w * (x - (w * x).sum()) ** 2).sum() / (1 - (w**2).sum())) for w, x in zip(weight, logs, strict=True)
    ]
    assert ig.factor_dispersion(data, weights="output")["dispersion"].to_list() == pytest.approx(want, rel=1e-12)


def test_theil_by_industry_leaves_out_regions_without_it() -> None:
    data = economy(seed=7)
    found = ig.theil(data, level="industry")
    for row in found.iter_rows(named=True):
        part = data.filter(
            pl.col("industry") == row["industry"], pl.col("year") == row["year"], pl.col("employment") > 0
        )
        y, share = part["value"] / part["value"].sum(), part["employment"] / part["employment"].sum()
        assert row["theil"] == pytest.approx((y * (y / share).log()).sum(), rel=1e-11, abs=1e-14)
        assert row["n_regions"] == part.height


# what holds for all ------------------------------------------------------------------------------------------------


@each("name", ALL)
def test_order_units_and_names_do_not_matter(name: str) -> None:
    data, measure = economy(seed=9), getattr(ig, name)
    found = measure(data)
    again = measure(data.sample(fraction=1.0, shuffle=True, seed=3))
    assert found.columns == again.columns
    scaled = measure(data.with_columns(pl.col("value", "capital") * 8.2))
    for column, kind in found.schema.items():
        if kind.is_float():
            for other in (again, scaled):
                assert other[column].to_list() == pytest.approx(found[column].to_list(), rel=1e-10, abs=1e-12)
        else:
            assert again[column].to_list() == found[column].to_list()
    lazy = measure(data.lazy())
    assert lazy.collect().equals(found)
    pandas = measure(data.to_pandas())
    assert list(pandas.columns) == found.columns


def test_gaps_are_zeros_or_leave_the_industry_out() -> None:
    data = output({"A": [30, 10, 5], "B": [10, 30, 5], "C": [20, 20, 5]})
    without = data.filter(~((pl.col("region") == "C") & (pl.col("industry") == "03")))
    zero = data.with_columns(
        value=pl.when(pl.col("region") == "C", pl.col("industry") == "03").then(0.0).otherwise("value")
    )
    filled = ig.krugman(Table("output", without))
    assert filled.polars()["integration"].to_list() == ig.krugman(zero)["integration"].to_list()
    assert "1 row filled: value missing for an industry in a region: treated as zero" in str(filled.account)
    left = ig.krugman(Table("output", without), absent="leave_out")
    assert left.polars()["integration"].to_list() == pytest.approx([0.75, 0.75, 0.0], abs=1e-15)
    assert "2 rows dropped: industry and year without a number in some region" in str(left.account)


def test_a_change_of_classification_is_noted_and_an_idle_region_is_missing_and_counted() -> None:
    old, new = output({"A": [1, 2], "B": [2, 1]}, 2002), output({"A": [1, 2], "B": [2, 1]}, 2003)
    new = new.with_columns(industry="1" + pl.col("industry"))
    said = str(ig.krugman(Table("output", pl.concat([old, new]))).account)
    assert "the list of industries changes in 2003 (01, 02 discontinued; 101, 102 introduced)" in said
    idle = ig.krugman(Table("output", output({"A": [1, 2], "B": [2, 1], "C": [0, 0]})))
    assert idle.polars()["integration"].to_list()[2] is None
    assert "integration missing" in str(idle.account)


def test_bad_calls_are_explained() -> None:
    with pytest.raises(TooFew, match="one region"):
        ig.krugman(output({"A": [1, 2]}))
    with pytest.raises(MissingColumn, match="employment"):
        ig.krugman(output({"A": [1, 2], "B": [1, 2]}), basis="employment")
    with pytest.raises(MissingColumn, match="plants"):
        ig.ellison_glaeser(economy().drop("plants", "size_squared"))
    with pytest.raises(OutOfRange, match="larger than the square"):
        ig.ellison_glaeser(economy().with_columns(size_squared=pl.col("size_squared") * 100))
    with pytest.raises(UnknownName, match="did you mean 'rest'"):
        ig.krugman(economy(), against="rset")
    with pytest.raises(MissingColumn, match="value"):
        ig.krugman(economy().drop("value", "employment"))


def test_output_by_employment_alone_with_chinese_headings(tmp_path: Path) -> None:
    rows = "省份,行业代码,年份,从业人员\n北京,13,2004,30\n北京,14,2004,10\n上海,13,2004,10\n上海,14,2004,30\n"
    (tmp_path / "o.csv").write_text(rows, encoding="gb18030")
    data = ig.read_output(tmp_path / "o.csv")
    assert data.polars()["industry"].to_list() == ["13", "14", "13", "14"]
    assert ig.krugman(data, basis="employment").polars()["integration"].to_list() == [1.0, 1.0]
