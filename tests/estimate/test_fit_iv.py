"""Instruments: golden numbers (METHODS 5.8, G11), several endogenous regressors, clusters, the jackknife."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import public_numbers
from integrade.errors import NotIdentified, UsageError
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import to_json
from integrade.estimate.linear import estimate, prepare
from integrade.regress import iv, partial, strength
from integrade.regress.ols import least_squares
from panels import annihilator, dummies, panel

CIGARETTES = "ln(packs) ~ ln(rincome) | ln(rprice) ~ tdiff + rtax"
PANEL = "y ~ scale | firm + year | x ~ z1 + z2"


@pytest.fixture(scope="module")
def cigarettes() -> pl.DataFrame:
    return public_numbers.cigarettes()


@pytest.mark.parametrize(
    ("kind", "golden"),
    [
        (
            "iid",
            {
                "se": 0.26319859,
                "kp_f": 244.733754,
                "hansen_j": 0.332622,
                "hansen_p": 0.564119,
                "ar_f": 10.099122,
                "ar_p": 0.000246,
                "effective_f": 244.733754,
            },
        ),
        (
            "HC1",
            {
                "se": 0.24961000,
                "kp_f": 209.676269,
                "hansen_j": 0.334736,
                "hansen_p": 0.562884,
                "effective_f": 176.884175,
            },
        ),
    ],
)
def test_golden(cigarettes: pl.DataFrame, kind: str, golden: dict[str, float]) -> None:
    result = fit(cigarettes, CIGARETTES, vcov=kind)
    price = result["ln(rprice)"]
    assert price.estimate == pytest.approx(-1.27742413, abs=5e-9)
    assert result["ln(rincome)"].estimate == pytest.approx(0.28040483, abs=5e-9)
    assert price.std_error == pytest.approx(golden.pop("se"), abs=5e-9)
    assert result.iv is not None
    for name, value in golden.items():
        assert getattr(result.iv, name) == pytest.approx(value, abs=6e-7), name
    assert result.iv.first_stage_f == {"ln(rprice)": result.iv.kp_f}
    assert result.iv.hansen_kind == ("Sargan" if kind == "iid" else "Hansen")


def test_one_instrument_effective_f_is_the_robust_f() -> None:
    found = fit(panel(1), "y ~ scale | firm + year | x ~ z1", cluster="region").iv
    assert found is not None
    assert (found.hansen_j, found.hansen_p, found.hansen_df) == (None, None, 0)
    first = fit(panel(1), "x ~ z1 + scale | firm + year", cluster="region")["z1"]
    assert found.effective_f == pytest.approx(first.statistic**2, rel=1e-9)
    assert found.first_stage_f == {"x": pytest.approx(first.statistic**2, rel=1e-9)}


def by_dummies(weight: str | None) -> tuple[np.ndarray, ...]:
    table = prepare(panel(1), PANEL, also=panel(1).columns).labels
    w = table[weight].to_numpy() if weight else np.ones(table.height)
    m = annihilator([table["firm"].to_numpy(), table["year"].to_numpy()], w)
    columns = [m @ table[c].to_numpy() for c in ("x", "scale", "z1", "z2", "y")]
    _, region = np.unique(table["region"].to_numpy(), return_inverse=True)
    return (*columns, w, region)


@pytest.mark.parametrize("weight", [None, "weight"])
def test_2sls_with_effects_and_clusters_by_hand(weight: str | None) -> None:
    x, scale, z1, z2, y, w, region = by_dummies(weight)
    root = np.sqrt(w)
    regressors, instruments = np.column_stack([x, scale]), np.column_stack([z1, z2, scale])
    fitted = instruments @ np.linalg.lstsq(root[:, None] * instruments, root[:, None] * regressors, rcond=None)[0]
    bread = np.linalg.inv(fitted.T @ (w[:, None] * fitted))
    b = bread @ fitted.T @ (w * y)
    u = y - regressors @ b
    s = dummies(region).T @ (fitted * (w * u)[:, None])
    n, k = len(y), 2 + 59 + 5  # movers: firm effects count
    result = fit(panel(1), PANEL, cluster="region", weights=weight)
    np.testing.assert_allclose([c.estimate for c in result.coefficients], b, rtol=1e-9)
    np.testing.assert_allclose(result.vcov, bread @ s.T @ s @ bread * 9 / 8 * (n - 1) / (n - k), rtol=1e-9)


def test_jackknife_with_instruments_by_deletion() -> None:
    table = panel(1)
    design = prepare(table, PANEL)
    result = estimate(design, cluster="region", vcov="CR3")
    kept = table.join(design.labels.select("firm").unique(), on="firm", how="semi")
    b = np.array([c.estimate for c in result.coefficients])
    left = np.array(
        [[c.estimate for c in fit(kept.filter(pl.col("region") != f"R{g}"), PANEL).coefficients] for g in range(9)]
    )
    np.testing.assert_allclose(result.vcov, 8 / 9 * (left - b).T @ (left - b), rtol=1e-8)


def test_two_endogenous_regressors() -> None:
    # a quadratic: x and its square, instrumented by z1, z1^2 and z2
    table = panel(1)
    result = fit(table, "y ~ scale | year | x + x^2 ~ z1 + z1^2 + z2")
    found: Any = result.iv
    assert found.effective_f is None
    assert [c.term for c in result.coefficients] == ["x", "x^2", "scale"]
    # Cragg-Donald: smallest eigenvalue of the matrix analogue of the first-stage F, by its definition
    m = annihilator([table["year"].to_numpy(), np.zeros(table.height)], np.ones(table.height))
    x, z1, z2, scale = (m @ v for v in (table["x"].to_numpy(), *(table[c].to_numpy() for c in ("z1", "z2", "scale"))))
    square, z_square = m @ table["x"].to_numpy() ** 2, m @ table["z1"].to_numpy() ** 2
    net = np.eye(len(x)) - np.outer(scale, scale) / (scale @ scale)
    e, z = net @ np.column_stack([x, square]), net @ np.column_stack([z1, z_square, z2])
    p = z @ np.linalg.pinv(z, rcond=1e-10)
    rest = len(x) - 1 - 6 - 3
    v = (e.T @ e - e.T @ p @ e) / rest
    smallest = np.linalg.eigvals(np.linalg.solve(v, e.T @ p @ e)).real.min() / 3
    assert found.kp_f == pytest.approx(smallest, rel=1e-8)
    # Sanderson-Windmeijer: x net of its square (instrumented) on the instruments, two degrees of freedom
    hat = p @ e[:, 1]
    delta = hat @ e[:, 0] / (hat @ e[:, 1])
    r = e[:, 0] - delta * e[:, 1]
    f = (r @ p @ r) / 2 / ((r @ r - r @ p @ r) / rest)
    assert found.first_stage_f["x"] == pytest.approx(f, rel=1e-8)


@pytest.mark.parametrize("kind", ["robust", "cluster"])
def test_rank_statistic_of_one_endogenous_is_the_wald_f(kind: iv.Kind) -> None:
    design = prepare(panel(1), PANEL)
    names = list(design.names)
    z = design.matrix[:, [names.index("z1"), names.index("z2")]]
    x = design.matrix[:, names.index("x")]
    errors = iv.Errors(kind, (design.cluster("region"),) if kind == "cluster" else (), None, 60)
    assert strength._rank_f(x[:, None], z, errors) == pytest.approx(strength._wald_f(z, x, errors, 2), rel=1e-10)


def test_rank_statistic_ignores_how_endogenous_and_instruments_are_mixed() -> None:
    # Kleibergen and Paap's statistic tests the rank of a matrix: nonsingular mixtures have the same rank. The Wald form
    # normalised by first-stage residuals is invariant to mixtures of either side.
    design = prepare(panel(1), "y ~ 1 | year | x + age ~ z1 + z2 + scale")
    names = list(design.names)
    x, z = (design.matrix[:, [names.index(n) for n in group]] for group in (["x", "age"], ["z1", "z2", "scale"]))
    rng = np.random.default_rng(0)
    errors = iv.Errors("robust", (), None, 6)
    mixed = strength._rank_f(x @ rng.normal(size=(2, 2)), z @ rng.normal(size=(3, 3)), errors)
    assert mixed == pytest.approx(strength._rank_f(x, z, errors), rel=1e-8)


def test_anderson_rubin_tests_all_endogenous_at_zero() -> None:
    table = panel(1)
    found = fit(table, "y ~ scale | year | x + x^2 ~ z1 + z1^2 + z2", cluster="region").iv
    reduced = fit(table, "y ~ z1 + z1^2 + z2 + scale | year", cluster="region")
    b, v = np.array([c.estimate for c in reduced.coefficients])[:3], reduced.vcov[:3, :3]
    assert found is not None
    assert found.ar_f == pytest.approx(b @ np.linalg.solve(v, b) / 3, rel=1e-8)


def test_instruments_that_do_not_vary_within_the_effects() -> None:
    table = panel(1).with_columns(home=pl.col("firm").str.slice(1).cast(pl.Float64), twice=2 * pl.col("z1"))
    with pytest.raises(NotIdentified, match="1 endogenous regressors but 0 usable instruments"):
        fit(table, "y ~ scale | firm + year | x ~ home")
    result = fit(table, "y ~ scale | firm + year | x ~ z1 + twice + home")
    assert dict(result.dropped) == {"twice": "instrument, collinear", "home": "instrument, absorbed by effects"}
    same = fit(table, "y ~ scale | firm + year | x ~ z1")
    np.testing.assert_allclose(result.vcov, same.vcov, rtol=1e-10)


@pytest.mark.parametrize("instruments", ["twice", "twice + z1"])
@pytest.mark.parametrize("how", [{}, {"vcov": "HC1"}, {"cluster": "region"}])
def test_instruments_that_explain_the_regressor_exactly_have_no_f(instruments: str, how: dict[str, Any]) -> None:
    table = panel(1).with_columns(twice=2 * pl.col("x"))
    found = fit(table, f"y ~ scale | firm + year | x ~ {instruments}", **how)
    assert found["x"].estimate == pytest.approx(fit(table, "y ~ scale + x | firm + year")["x"].estimate, rel=1e-8)
    assert found.iv is not None
    assert found.iv.effective_f is None
    strengths = (*found.iv.first_stage_f.values(), found.iv.kp_f, found.iv.cragg_donald_f, found.iv.kp_lm)
    assert np.isnan(strengths).all()
    assert 0 < found.iv.ar_p < 1
    assert (
        "the instruments explain the regressor exactly, or the errors of the first stage vary in fewer directions"
        in str(found)
    )
    assert "nan" not in str(found)


@pytest.mark.parametrize("instruments", ["twice", "twice + z1"])
def test_liml_with_instruments_that_explain_the_regressor_exactly_is_least_squares(instruments: str) -> None:
    table = panel(1).with_columns(twice=2 * pl.col("x"))
    found = fit(table, f"y ~ scale | firm + year | x ~ {instruments}", estimator="liml")
    assert found["x"].estimate == pytest.approx(fit(table, "y ~ scale + x | firm + year")["x"].estimate, rel=1e-8)
    # kappa: the squared residuals of y on the regressors over those on all instruments
    kept = table.filter(pl.len().over("firm") > 1)
    effects = [dummies(kept["firm"].to_numpy()), dummies(kept["year"].to_numpy())]
    squares = []
    for names in (["scale", "x"], ["scale", *instruments.split(" + ")]):
        d, y = np.hstack([kept.select(names).to_numpy(), *effects]), kept["y"].to_numpy()
        squares.append(float(np.sum((y - d @ np.linalg.lstsq(d, y, rcond=None)[0]) ** 2)))
    (note,) = (n for n in found.notes if n.startswith("LIML"))
    assert float(note.rpartition(" ")[2]) == pytest.approx(squares[0] / squares[1], abs=1e-7)  # printed to 8 digits


def test_cr2_has_no_definition_for_instruments() -> None:
    with pytest.raises(UsageError, match="not defined with instruments"):
        fit(panel(1), PANEL, vcov="CR2", cluster="region")


def test_json_and_summary() -> None:
    result = fit(panel(1), PANEL, cluster="region")
    found = to_json(result)["iv"]
    assert {"first_stage_f", "effective_f", "kp_f", "hansen_j", "hansen_p", "ar_p"} <= set(found)
    assert "Kleibergen-Paap F" in str(result)
    assert "Hansen test" in str(result)


def test_effects_by_the_iterative_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fit(panel(1), PANEL, cluster="region", vcov="CR3")
    monkeypatch.setattr(partial, "SMALL", 2)
    found = fit(panel(1), PANEL, cluster="region", vcov="CR3")
    np.testing.assert_allclose(found.vcov, expected.vcov, rtol=1e-8)


def test_recovers_a_known_effect_where_least_squares_cannot() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    z, e = rng.normal(size=(2, n))
    x = z + e + rng.normal(size=n)
    table = pl.DataFrame({"z": z, "x": x, "y": 2 * x + 3 * e + rng.normal(size=n)})
    two_stage, plain = fit(table, "y ~ 1 | x ~ z")["x"], fit(table, "y ~ x")["x"]
    assert abs(two_stage.estimate - 2) < 4 * two_stage.std_error
    assert plain.estimate > 2.8
    assert least_squares(x[:, None], z).coefficients[0] > 0
