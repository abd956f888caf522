"""Wild bootstrap: every kind of weights, null imposed or not, both p-values, confidence sets (METHODS 5.2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import NotIdentified, UnknownName
from integrade.estimate.fit import fit
from integrade.estimate.fit_json import to_json
from integrade.estimate.linear import estimate, prepare
from integrade.estimate.results import FitResult, Wild
from integrade.regress.wild import draw, weights_for
from integrade.regress.wild_interval import Paths, not_rejected
from panels import annihilator, panel
from plainwords import errors
from plainwords.errors import Surface
from plainwords.texts import in_language

FORMULA = "y ~ market + market^2 + scale | firm + year"
NAMES = ["market", "market^2", "scale"]
SEED = 20240101
TIE = 1e-9


@dataclass(frozen=True)
class Twin:
    """The regression with all dummies, re-estimated draw by draw."""

    m: np.ndarray
    x: np.ndarray
    y: np.ndarray
    code: np.ndarray
    imposed: bool

    def statistic(self, outcome: np.ndarray, null: list[int], value: np.ndarray) -> np.ndarray:
        """Signed t of one coefficient, Wald of several, that they equal ``value``; outcomes (n, B)."""
        bread = np.linalg.inv(self.x.T @ self.x)
        b = bread @ (self.x.T @ outcome)
        u = outcome - self.x @ b
        pick = (np.arange(self.code.max() + 1)[:, None] == self.code).astype(float)
        s = np.stack([(pick @ (self.x @ bread[:, j : j + 1] * u)) for j in null])  # (q, G, B)
        v = np.einsum("agb,cgb->bac", s, s)
        d = (b[null] - value[:, None]).T
        if len(null) == 1:
            return d[:, 0] / np.sqrt(v[:, 0, 0])
        return np.einsum("ba,bac,bc->b", d, np.linalg.inv(v), d)

    def draws(self, w: np.ndarray, null: list[int], value: np.ndarray) -> tuple[np.ndarray, float]:
        """Statistics of all draws and that of the sample."""
        free = np.linalg.lstsq(self.x, self.y, rcond=None)[0]
        start = free
        if self.imposed:
            rest = [j for j in range(self.x.shape[1]) if j not in null]
            start = np.zeros(self.x.shape[1])
            start[null] = value
            start[rest] = np.linalg.lstsq(self.x[:, rest], self.y - self.x[:, null] @ value, rcond=None)[0]
        u = self.y - self.x @ start
        stars = self.m @ ((self.x @ start)[:, None] + u[:, None] * w[:, self.code].T)
        target = value if self.imposed else free[null]
        return self.statistic(stars, null, target), float(self.statistic(self.y[:, None], null, value)[0])

    def p(self, w: np.ndarray, null: list[int], value: float = 0.0, *, extra: int = 1) -> tuple[float, float]:
        """Symmetric and equal-tail p by counting."""
        stars, sample = self.draws(w, null, np.full(len(null), value))
        total = len(w) + extra
        margin = abs(sample) * TIE
        both = int((np.abs(stars) >= abs(sample) - margin * (2 if len(null) > 1 else 1)).sum())
        tail = min(int((stars <= sample + margin).sum()), int((stars >= sample - margin).sum()))
        return (extra + both) / total, min(1.0, 2 * (extra + tail) / total)


def twin(table: pl.DataFrame, *, imposed: bool = True) -> Twin:
    m = annihilator([table["firm"].to_numpy(), table["year"].to_numpy()], np.ones(table.height))
    market = table["market"].to_numpy()
    x = m @ np.column_stack([market, market**2, table["scale"].to_numpy()])
    _, code = np.unique(table["region"].to_numpy(), return_inverse=True)
    return Twin(m, x, m @ table["y"].to_numpy(), code, imposed)


def without_singletons(table: pl.DataFrame) -> pl.DataFrame:
    return table.join(prepare(table, FORMULA).labels.select("firm").unique(), on="firm", how="semi")


def by_null(result: FitResult) -> dict[str, Wild]:
    return {w.null: w for w in result.wild}


@each("null", ["imposed", "free"])
@each("weights", ["rademacher", "webb", "mammen"])
@each(("regions", "movers"), [(8, 0), (12, 4)])
def test_both_p_values_equal_re_estimation(
    weights: Literal["rademacher", "webb", "mammen"], null: Literal["imposed", "free"], regions: int, movers: int
) -> None:
    # year effects are not nested in the clusters, with movers neither are the firms'
    table = without_singletons(panel(11, regions=regions, movers=movers, years=5, firms=45))
    count = 299
    how = {
        "wild": count,
        "wild_weights": weights,
        "wild_null": null,
        "wild_joint": "scale + market, scale+market+market^2",
    }
    found = by_null(fit(table, FORMULA, cluster="region", **how))
    kind = weights_for(regions, count, weights)
    w = draw(kind, regions, np.arange(2**regions if kind == "enumerated" else count), SEED)
    brute = twin(table, imposed=null == "imposed")
    extra = 0 if kind == "enumerated" and null == "imposed" else 1
    places = {name: [j] for j, name in enumerate(NAMES)} | {
        "market + market^2": [0, 1],
        "scale + market": [2, 0],
        "scale + market + market^2": [2, 0, 1],
    }
    assert list(found) == list(places)
    for name, at in places.items():
        symmetric, tails = brute.p(w, at, extra=extra)
        assert found[name].p_value == symmetric, name
        assert found[name].p_equal_tail == (tails if len(at) == 1 else None), name
        assert (found[name].weights, found[name].null_imposed) == (kind, null == "imposed")


def test_rademacher_signs_give_one_p_and_mammen_weights_two() -> None:
    # sign vectors come in pairs, so the enumerated tails are equal; Mammen's weights are skewed
    table = panel(11, regions=10)
    signs = by_null(fit(table, FORMULA, cluster="region", wild=1024))
    assert all(w.p_equal_tail == w.p_value for w in signs.values() if "+" not in w.null)
    skewed = by_null(fit(table, FORMULA, cluster="region", wild=999, wild_weights="mammen"))
    assert any(w.p_equal_tail != w.p_value for w in skewed.values() if "+" not in w.null)


def test_mammen_weights_have_the_first_three_moments() -> None:
    w = draw("mammen", 31, np.arange(20_000), 3)
    # mean 0, variance 1, third moment 1 (Mammen 1993); four standard errors of 620,000 draws
    for power, moment in ((1, 0.0), (2, 1.0), (3, 1.0)):
        error = (w**power).std() / np.sqrt(w.size)
        assert abs((w**power).mean() - moment) < 4 * error
    assert np.unique(w).size == 2
    np.testing.assert_array_equal(w[50:60], draw("mammen", 31, np.arange(50, 60), 3))


def test_asking_for_signs_enumerates_them_where_they_are_few() -> None:
    assert weights_for(8, 300, "rademacher") == "enumerated"
    assert weights_for(8, 255, "rademacher") == "rademacher"
    assert weights_for(31, 9999, "webb") == "webb"
    found = fit(panel(11, regions=8), FORMULA, cluster="region", wild=300, wild_weights="rademacher").wild[0]
    assert (found.draws, found.smallest_p) == (256, 2 / 256)
    free = fit(panel(11, regions=8), FORMULA, cluster="region", wild=300, wild_weights="rademacher", wild_null="free")
    assert free.wild[0].smallest_p == 1 / 257  # the sample is not among the sign vectors


@pytest.mark.parametrize("null", ["imposed", "free"])
@pytest.mark.parametrize(
    ("regions", "weights", "movers"), [(8, "webb", 3), (10, "mammen", 0), (12, "rademacher", 4), (10, "auto", 2)]
)
def test_ends_of_the_confidence_set_are_where_re_estimation_crosses(
    regions: int,
    weights: Literal["auto", "rademacher", "webb", "mammen"],
    movers: int,
    null: Literal["imposed", "free"],
) -> None:
    table = without_singletons(panel(11, regions=regions, movers=movers, years=5, firms=45))
    count = 1024 if weights == "auto" else 399
    result = fit(table, FORMULA, cluster="region", wild=count, wild_weights=weights, wild_ci=True, wild_null=null)
    kind = weights_for(regions, count, weights)
    brute = twin(table, imposed=null == "imposed")
    w = draw(kind, regions, np.arange(count), SEED)
    extra = 0 if kind == "enumerated" and null == "imposed" else 1
    # the same or opposite weights cross together: one draw where there are six points, several where there are two
    together = np.unique(np.round(w * np.sign(w[:, :1]), 9), axis=0, return_counts=True)[1].max()
    assert together == 1 or weights != "webb"
    for j, name in enumerate(NAMES):
        found, b = by_null(result)[name], result[name]
        assert found.conf_set, name
        assert (found.conf_low, found.conf_high) == (found.conf_set[0][0], found.conf_set[-1][1])
        for low, high in found.conf_set:
            for end, away in ((low, -1), (high, 1)):
                if end is None:  # constant weights tie at every value, and of Mammen's a share .72^10 is constant
                    assert weights == "mammen"
                    assert brute.p(w, [j], b.estimate + away * 50 * b.std_error, extra=extra)[0] > 0.05
                    continue
                # 1e-6 standard errors is far above rounding and far below the distance of two steps
                inside = brute.p(w, [j], end - away * 1e-6 * b.std_error, extra=extra)[0]
                outside = brute.p(w, [j], end + away * 1e-6 * b.std_error, extra=extra)[0]
                assert outside <= 0.05 < inside
                assert inside - outside <= together / (count + extra) + 1e-12
        # over a grid, a value is in the set exactly where brute force does not reject it
        for r in b.estimate + b.std_error * np.linspace(-9, 9, 37):
            accepted = any((low or -np.inf) <= r <= (high or np.inf) for low, high in found.conf_set)
            assert accepted == (brute.p(w, [j], r, extra=extra)[0] > 0.05), r


def one_treated(regions: int = 12) -> pl.DataFrame:
    """Only the first region's treatment ever changes."""
    table = panel(5, regions=regions, movers=0, years=6, firms=80)
    on = (pl.col("region") == "R0") & (pl.col("year") >= 2003)
    return table.with_columns(treated=on.cast(pl.Float64)).with_columns(y=pl.col("y") + pl.col("treated"))


def test_one_treated_cluster_has_no_bounds() -> None:
    # MacKinnon and Webb (2017): with the null imposed and one treated cluster the test can reject hardly anything; with
    # firm effects alone the clustered standard error itself is zero
    result = fit(one_treated(), "y ~ treated | firm", cluster="region", wild=999, wild_ci=True)
    found = result.wild[0]
    assert found.conf_set == ((None, None),)
    assert "infinity" in str(result)
    assert "not bounded" in str(result)
    assert json.loads(json.dumps(to_json(result)))["wild"]["treated"]["conf_low"] is None


def test_too_few_draws_reject_nothing() -> None:
    # (1 + 0) / (9 + 1) > .05
    for null in ("imposed", "free"):
        found = fit(panel(3), FORMULA, cluster="region", wild=9, wild_ci=True, wild_null=null).wild[0]
        assert found.conf_set == ((None, None),)


def test_pieces_are_found_where_the_draws_come_and_go() -> None:
    # near: 2^2 >= e^2 (1 + e^2 / 4), around zero; far: e^2 >= e^2 (4.5 - 2 e + e^2 / 4), away from it
    near = Paths(*(np.array([v]) for v in (2.0, 0.0, 1.0, 0.0, 0.25)))
    far = Paths(*(np.array([v]) for v in (1e-9, 1.0, 4.5, -1.0, 0.25)))
    (low, high), *none = not_rejected(near, 1, 1.0)
    assert none == []
    e = np.sqrt(2 * (np.sqrt(5) - 1))  # 4 = e^2 + e^4 / 4
    np.testing.assert_allclose([low, high], [-e, e], rtol=1e-8)  # the tie tolerance is 1e-9
    both = Paths(*(np.concatenate(pair) for pair in zip(vars(near).values(), vars(far).values(), strict=True)))
    pieces = not_rejected(both, 1, 1.0)
    # 1 = 4.5 - 2 e + e^2 / 4 has the roots 4 -/+ sqrt(2)
    np.testing.assert_allclose(pieces, [(-e, e), (4 - np.sqrt(2), 4 + np.sqrt(2))], rtol=1e-7)


def test_intervals_follow_units_and_shifts() -> None:
    table = panel(7, regions=10)
    base = by_null(fit(table, FORMULA, cluster="region", wild=999, wild_ci=True))["scale"]
    scaled = table.with_columns(scale=10 * pl.col("scale"), y=pl.col("y") + 0.3 * pl.col("scale"))
    moved = by_null(fit(scaled, FORMULA, cluster="region", wild=999, wild_ci=True))["scale"]
    for a, b in ((base.conf_low, moved.conf_low), (base.conf_high, moved.conf_high)):
        assert a is not None
        assert b is not None
        assert b == pytest.approx((a + 0.3) / 10, rel=1e-8)  # rounding of the shifted outcome
    assert (base.p_value > 0.05) == any((low or 0) <= 0 <= (high or 0) for low, high in base.conf_set)


def test_summary_and_json_say_what_was_done() -> None:
    result = fit(panel(7), FORMULA, cluster="region", wild=199, wild_ci=True, wild_null="free", wild_weights="mammen")
    text = str(result)
    for words in ("equal tails", "null not imposed", "mammen"):
        assert words in text
    assert "scale, 95% by inverting the test: [" in text
    found = to_json(result)["wild"]["scale"]
    assert found["null_imposed"] is False
    assert found["conf_low"] == found["conf_set"][0][0]
    assert fit(panel(7), FORMULA, cluster="region", wild=199).wild[0].conf_set == ()


@each(
    ("surface", "options", "said", "chinese"),
    [
        ("python", {"wild_ci": True}, "bootstrap draws are required for wild_ci: give wild=9999", "请给出 wild=9999"),
        (
            "command",
            {"wild_ci": True, "wild_joint": "market"},
            "bootstrap draws are required for --wild-ci and --wild-joint: give --wild 9999",
            "请给出 --wild 9999",
        ),
        ("file", {"wild_ci": True}, "bootstrap draws are required for wild_ci: give wild = 9999", "请给出 wild = 9999"),
    ],
)
def test_draws_that_are_missing_are_asked_for_in_the_words_of_the_caller(
    surface: Surface, options: dict[str, Any], said: str, chinese: str
) -> None:
    with errors.speaking(surface):
        notes = fit(panel(7), FORMULA, cluster="region", **options).notes
    (note,) = (n for n in notes if in_language(n, "en") == said)
    assert chinese in in_language(note, "zh")


@each(("surface", "how"), [("python", "weak_iv"), ("command", "--weak-iv")])
def test_no_set_by_inversion_with_instruments(surface: Surface, how: str) -> None:
    with errors.speaking(surface):
        notes = fit(panel(7), "y ~ scale | year | x ~ z1", cluster="region", wild=99, wild_ci=True).notes
    assert f"the bootstrap test is not inverted into a confidence set; {how} gives Anderson-Rubin sets" in notes


def test_joint_nulls_name_terms_of_the_fit() -> None:
    design = prepare(
        panel(7).with_columns(copy=pl.col("scale")), "y ~ scale + copy + market | firm + year", also=("region",)
    )
    with pytest.raises(UnknownName, match="no term 'marked'"):
        estimate(design, cluster="region", wild=99, wild_joint="scale + marked")
    with pytest.raises(NotIdentified, match="collinear"):
        estimate(design, cluster="region", wild=99, wild_joint="copy + market")
