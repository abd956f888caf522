"""The specification curve: every specification and every draw against a regression run on its own."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from integrade.cli import run
from integrade.errors import EmptyTable, UnknownColumn, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.regress.wild import draw
from integrade.study.records import from_json
from integrade.subjects.curve.model import specification_curve
from integrade.subjects.curve.page import curve_figure
from integrade.subjects.curve.records import Specification, SpecificationCurve
from integrade.subjects.inference.randomisation import random_orders

REGIONS, YEARS = 9, 7


def economy(seed: int, *, effect: float = 0.0, firms: int = 150) -> pl.DataFrame:
    """A balanced panel with two indices, two outcomes, controls and a missing value; firms stay in their region."""
    rng = np.random.default_rng(seed)
    firm, year = (a.ravel() for a in np.meshgrid(np.arange(firms), np.arange(YEARS), indexing="ij"))
    region = firm % REGIONS
    market = rng.normal(4, 0.4, (REGIONS, YEARS))
    other = market + rng.normal(0, 0.2, (REGIONS, YEARS))
    shock = rng.normal(0, 0.3, (REGIONS, YEARS))[region, year]
    x, n = market[region, year], len(firm)
    scale, age = rng.normal(size=n), rng.normal(size=n)
    y = effect * (0.1 * x - 2 * (x - 4) ** 2) + 0.3 * scale + shock + rng.normal(size=n)
    table = pl.DataFrame(
        {
            "firm": firm,
            "year": 2000 + year,
            "region": [f"R{r}" for r in region],
            "industry": (firm * 7) % 4,
            "market": x,
            "adjacent": other[region, year],
            "scale": scale,
            "age": age,
            "quality": y,
            "rank": y + rng.normal(0, 0.5, n),
        }
    )
    return table.with_columns(pl.when(pl.int_range(pl.len()) == 3).then(None).otherwise(pl.col("age")).alias("age"))


CHOICES = {
    "outcomes": ("quality", "rank"),
    "indices": ("market", "adjacent"),
    "controls": ("scale", "age"),
    "effects": ("firm + year", "firm + industry^year"),
    "samples": {"early": "year <= 2004", "without R0": 'region != "R0"'},
    "vcovs": ("CR3", "CR1", "iid"),
}


@pytest.fixture(scope="module")
def found() -> SpecificationCurve:
    return specification_curve(economy(1, effect=0.3), permutations=19, draws=19, **CHOICES)


def rows_of(panel: pl.DataFrame, spec: Specification) -> pl.DataFrame:
    whole = panel.drop_nulls()
    return {
        "all rows": whole,
        "early": whole.filter(pl.col("year") <= 2004),
        "without R0": whole.filter(pl.col("region") != "R0"),
    }[spec.choices["sample"]]


def test_every_specification_is_the_regression_it_says(found: SpecificationCurve) -> None:
    panel = economy(1, effect=0.3)
    assert len(found.specifications) == found.of == 3 * 2 * 2 * 2 * 4 * 3
    assert (found.rows, found.n_missing) == (panel.height - 1, 1)
    p10, p90 = (float(np.quantile(panel.drop_nulls()["adjacent"], q)) for q in (0.1, 0.9))
    for spec in found.specifications[::7]:
        c = spec.choices
        x, controls = c["index"], "" if c["controls"] == "none" else " + " + c["controls"]
        cluster = None if c["covariance"] == "iid" else "region"
        result = fit(
            rows_of(panel, spec),
            f"{c['outcome']} ~ {x} + {x}^2{controls} | {c['effects']}",
            vcov=c["covariance"],
            cluster=cluster,
        )
        test = u_test(result, x)
        assert spec.nobs == result.nobs
        # cross-products of correlated columns: 1e-8 is what doubles leave of them
        assert spec.b2 == pytest.approx(result[f"{x}^2"].estimate, rel=1e-8)
        assert spec.b1 == pytest.approx(result[x].estimate, rel=1e-8)
        assert spec.turning_point.estimate == pytest.approx(test.turning_point, rel=1e-8)
        assert spec.u_test_p == pytest.approx(test.p_value, rel=1e-6)
        half = (test.delta_high - test.delta_low) / 2
        assert spec.turning_point.std_error is not None
        if math.isfinite(half) and c["covariance"] != "iid":
            critical = {8: 2.306004135, 7: 2.364624252}[rows_of(panel, spec)["region"].n_unique() - 1]
            assert spec.turning_point.std_error * critical == pytest.approx(half, rel=1e-6)
        scale = panel.drop_nulls()[x].std(ddof=0) / panel.drop_nulls()[c["outcome"]].std(ddof=0)
        assert spec.turning_quantile == pytest.approx(
            float((panel.drop_nulls()[x] < test.turning_point).mean()), abs=1e-12
        )
        if x == "adjacent":
            for target, point in ((spec.slope_p10, p10), (spec.slope_p90, p90)):
                g = scale * np.array([1.0, 2 * point])
                at = [[t.term for t in result.coefficients].index(t) for t in (x, f"{x}^2")]
                b = np.array([result[x].estimate, result[f"{x}^2"].estimate])
                assert target.estimate == pytest.approx(float(g @ b), rel=1e-7)
                assert target.std_error == pytest.approx(float(g @ result.vcov[np.ix_(at, at)] @ g) ** 0.5, rel=1e-6)


def test_permutations_are_those_of_the_panel() -> None:
    """One specification, every draw: the paths change places in the data, and the regression is run again."""
    panel = economy(2).drop_nulls()
    curve = specification_curve(panel, controls=("scale",), subsets="none_and_all", permutations=6, draws=0, seed=5)
    paths = panel.group_by("region", "year").agg(pl.col("market").first())
    regions = sorted(paths["region"].unique())
    points = np.quantile(panel["market"], [0.1, 0.9])
    scale = panel["market"].std(ddof=0) / panel["quality"].std(ddof=0)
    medians = []
    for order in random_orders([np.arange(REGIONS)], REGIONS, 6, 5):
        donor = pl.DataFrame({"region": regions, "from": [regions[i] for i in order]})
        moved = (
            panel.drop("market").join(donor, on="region").join(paths.rename({"region": "from"}), on=["from", "year"])
        )
        slopes = []
        for controls in ("", " + scale"):
            result = fit(moved, f"quality ~ market + market^2{controls} | firm + year", cluster="region", vcov="CR3")
            b1, b2 = result["market"].estimate, result["market^2"].estimate
            slopes.append([scale * (b1 + 2 * b2 * p) for p in points])
        medians.append(np.median(slopes, axis=0))
    for j, target in enumerate(("slope_p10", "slope_p90")):
        (test,) = [t for t in curve.tests if (t.target, t.statistic) == (target, "median")]
        drawn = np.array(medians)[:, j]
        assert test.under_null == pytest.approx(float(np.median(drawn)), rel=1e-7)
        expected = 1 if j == 0 else -1
        assert test.p_value == (1 + int((expected * drawn >= expected * test.observed).sum())) / 7


def test_wild_draws_are_those_of_re_estimation() -> None:
    """One specification, effects not nested (industry by year): y* made by hand, and the regression run again."""
    panel = economy(3).drop_nulls()
    effects = "firm + industry^year"
    curve = specification_curve(
        panel, controls=("scale",), subsets="none_and_all", permutations=0, draws=5, effects=(effects,), seed=9
    )
    regions = sorted(panel["region"].unique())
    points = np.quantile(panel["market"], [0.1, 0.9])
    scale = panel["market"].std(ddof=0) / panel["quality"].std(ddof=0)
    signs = draw("rademacher", REGIONS, np.arange(5), 9)
    at = np.array([regions.index(r) for r in panel["region"]])
    medians = []
    for w in signs:
        slopes = []
        for controls in ("", " + scale"):
            under = _residuals(panel, f"quality ~ {controls.strip(' +') or '0'} | {effects}")
            drawn = panel.with_columns(quality=pl.Series(under * w[at]))
            result = fit(drawn, f"quality ~ market + market^2{controls} | {effects}", cluster="region")
            b1, b2 = result["market"].estimate, result["market^2"].estimate
            slopes.append([scale * (b1 + 2 * b2 * p) for p in points])
        medians.append(np.median(slopes, axis=0))
    for j, target in enumerate(("slope_p10", "slope_p90")):
        (test,) = [t for t in curve.tests if (t.method, t.target, t.statistic) == ("wild", target, "median")]
        assert test.under_null == pytest.approx(float(np.median(np.array(medians)[:, j])), rel=1e-7)


def _residuals(panel: pl.DataFrame, formula: str) -> np.ndarray:
    """Of the outcome on the controls and dummies of every effect, by a plain least-squares solver."""
    right, effects = formula.split("~")[1].split("|")
    columns = [panel[c.strip()].to_numpy() for c in right.split("+") if c.strip() != "0"]
    for effect in effects.split("+"):
        codes = panel.select(
            pl.concat_str([pl.col(c.strip()).cast(pl.String) for c in effect.split("^")], separator="|")
        )
        columns += list(codes.to_series().to_dummies().to_numpy().T.astype(float))
    x, y = np.column_stack(columns), panel["quality"].to_numpy()
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]


@pytest.mark.slow
def test_a_real_inverted_u_is_found_and_none_is_not() -> None:
    """The joint tests: p small with an effect, and over 60 panels without one at most 10% below .05 (nominal 5)."""
    strong = specification_curve(economy(4, effect=1.0), controls=("scale", "age"), permutations=199, draws=199)
    assert max(strong.shares, key=lambda v: strong.shares[v]) == "inverted U"
    assert all(t.p_value < 0.05 for t in strong.tests if t.statistic == "mean z")
    few = {"controls": ("scale",), "permutations": 39, "draws": 39}
    small = []
    for seed in range(60):
        found = specification_curve(economy(100 + seed, firms=45), seed=seed, **few)
        small.append([t.p_value for t in found.tests if t.statistic == "mean z"])
    share = (np.array(small) <= 0.05).mean(axis=0)
    assert (share <= 0.12).all()  # 60 draws of a share of .05: s.d. .028, so .12 is 2.5 s.d. above
    assert np.array(small).mean() > 0.35  # a p-value is uniform under the null


def test_choices_that_matter(found: SpecificationCurve) -> None:
    """Alone and beyond others agree where the choices are crossed in full, and covariances move no estimate."""
    weights = {(w.choice, w.target): w for w in found.weights}
    assert weights["covariance", "slope_p10"].alone == pytest.approx(0, abs=1e-12)
    for w in found.weights:
        assert w.alone == pytest.approx(w.beyond_others, abs=1e-9)  # a balanced design
    assert sum(w.alone for w in found.weights if w.target == "slope_p10") <= 1 + 1e-9


def test_order_and_sampling() -> None:
    panel = economy(5)
    whole = specification_curve(panel, controls=("scale", "age"), permutations=9, draws=9)
    mixed = panel.sample(fraction=1, shuffle=True, seed=3)
    shuffled = specification_curve(mixed, controls=("scale", "age"), permutations=9, draws=9)
    for a, b in zip(whole.specifications, shuffled.specifications, strict=True):
        assert a.choices == b.choices
        assert a.slope_p10.estimate == pytest.approx(b.slope_p10.estimate, rel=1e-9)
    assert [t.p_value for t in whole.tests] == [t.p_value for t in shuffled.tests]
    few = specification_curve(panel, controls=("scale", "age"), permutations=0, draws=0, most=3)
    assert (len(few.specifications), few.of) == (3, 4)
    by_choice = {tuple(s.choices.items()): s for s in whole.specifications}
    assert all(by_choice[tuple(s.choices.items())].b2 == pytest.approx(s.b2, rel=1e-12) for s in few.specifications)


def test_text_names_what_it_rests_on(found: SpecificationCurve) -> None:
    text = str(found)
    for piece in (
        "288 specifications",
        "1,049 rows",
        "1 are not",
        "region (9)",
        "permutation, slope_p10",
        "variance of",
    ):
        assert piece in text
    assert "<pre>" in found._repr_html_()


def test_what_cannot_be_done_is_said() -> None:
    panel = economy(6)
    with pytest.raises(UnknownColumn, match="no column 'scal'"):
        specification_curve(panel, controls=("scal",))
    with pytest.raises(UsageError, match="vcovs of the curve is empty"):
        specification_curve(panel, vcovs=())
    with pytest.raises(EmptyTable, match="no row is complete"):
        specification_curve(panel.with_columns(age=pl.lit(None, dtype=pl.Float64)), controls=("age",))
    varies = panel.with_columns(market=pl.col("market") + pl.col("scale"))
    said = specification_curve(varies, permutations=9, draws=9)
    assert any("varies within a region and year" in n for n in said.notes)
    assert {t.method for t in said.tests} == {"wild"}
    thin = specification_curve(panel, samples={"two": 'region in ["R0", "R1"]'}, permutations=0, draws=0)
    assert any(n.startswith("two, firm + year: left out, 2 clusters") for n in thin.notes)


@pytest.mark.slow
def test_a_study_crosses_its_versions(short_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the study file to the page: versions of index and quality become columns, impossible ones notes."""
    shutil.copytree(short_study, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / "study.toml").read_text(encoding="utf-8")
    section = (
        '\n[curve]\nindices = [{}, {ddof = 0}, {pairs = "missing.csv"}]\nqualities = [{}, {standardise = "rank"}]\n'
        'subsets = "none_and_all"\nsamples = {early = "year <= 2008"}\npermutations = 19\ndraws = 19\n'
    )
    (tmp_path / "study.toml").write_text(text + section, encoding="utf-8")
    assert run(["curve", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "16 specifications" in shown
    assert "integration is not reported for pairs = missing.csv: " in shown
    folder = tmp_path / "curve"
    found = from_json(SpecificationCurve, (folder / "curve.json").read_text(encoding="utf-8"))
    own = {
        s.choices["index"]: s
        for s in found.specifications
        if s.choices["outcome"] == "quality" and s.choices["sample"] == "all rows" and s.choices["controls"] != "none"
    }
    moved = own["market (ddof = 0)"].turning_point.estimate - own["market"].turning_point.estimate
    assert moved == pytest.approx(0.5 * math.log(10 / 9), rel=1e-6)  # ten goods: METHODS 1.2
    assert own["market (ddof = 0)"].slope_p10.estimate == pytest.approx(own["market"].slope_p10.estimate, rel=1e-6)
    page = (folder / "curve.html").read_text(encoding="utf-8")
    assert all(f"chart-{name}" in page for name in ("slope_p10", "slope_p90_choices", "turning"))
    assert len((folder / "curve.csv").read_text(encoding="utf-8").splitlines()) == 17
    assert run(["curve", str(tmp_path), "--permutations", "0", "--draws", "0", "--most", "5", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (len(again["specifications"]), again["tests"], again["of"]) == (5, [], 16)


def test_intervals_of_the_figure_are_those_of_t_with_the_clusters(found: SpecificationCurve) -> None:
    order = sorted(found.specifications, key=lambda s: (s.slope_p10.estimate, tuple(s.choices.values())))
    spec = curve_figure(found, "slope_p10").to_dict()
    rows = [row for table in spec["datasets"].values() for row in table if row.get("low") is not None]
    assert len(rows) > 5
    for row in rows:
        t = order[row["rank"]].slope_p10
        assert t.df is not None
        assert (row["high"] - row["low"]) / (2 * t.std_error) == pytest.approx(stats.t.ppf(0.975, t.df))
    assert min(order[row["rank"]].slope_p10.df for row in rows) < 31  # those with clusters, where 1.96 is too small
