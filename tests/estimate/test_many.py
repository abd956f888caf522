"""Many regressions at once equal separate calls of `fit`; each keeps its own rows; labels say what was chosen."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import BadFormula, EmptyTable, NotANumber, NotIdentified, UnknownColumn, UsageError
from integrade.estimate import many
from integrade.estimate.fit import fit
from integrade.estimate.many import fit_many
from integrade.estimate.results import FitResult
from integrade.estimate.stepwise import Variant, expand, pieces
from integrade.report.regression import regression_table
from panels import panel

FORMULA = "c(y, price) ~ market + market^2 + csw0(scale, age) | firm + year"
SAME = 1e-10  # cross-products of all columns round differently from those of some; nothing else differs


def table(seed: int = 1) -> pl.DataFrame:
    """Gaps in age and z1, an outcome more, and groups of firms, some rows without one."""
    rows = panel(seed)
    rng = np.random.default_rng(seed)
    gap = pl.Series(rng.random(rows.height) < 0.1)
    return rows.with_columns(
        price=0.3 * pl.col("x") + pl.col("z1") + pl.Series(rng.normal(size=rows.height)),
        z1=pl.when(~gap).then("z1"),
        owner=pl.when(pl.col("firm") < "F020").then(pl.lit("state")).when(pl.col("firm") < "F055").then(pl.lit("own")),
    )


def same(found: FitResult, twin: FitResult) -> None:
    """Every field of two results: numbers to `SAME`, everything else exactly."""
    for f in fields(FitResult):
        a, b = getattr(found, f.name), getattr(twin, f.name)
        if f.name == "coefficients":
            assert [c.term for c in a] == [c.term for c in b]
            for x, y in zip(a, b, strict=True):
                both = [[getattr(c, n) for n in ("estimate", "std_error", "p_value", "conf_low")] for c in (x, y)]
                assert both[0] == pytest.approx(both[1], rel=SAME, abs=SAME)
        elif f.name == "vcov":
            np.testing.assert_allclose(a, b, rtol=SAME, atol=SAME * np.abs(b).max())
        elif f.name == "spreads":
            assert [s.variable for s in a] == [s.variable for s in b]
            for x, y in zip(a, b, strict=True):
                np.testing.assert_array_equal(x.counts, y.counts)
        elif f.name in ("means", "deviations") or isinstance(a, float):
            assert a == pytest.approx(b, rel=SAME, abs=SAME, nan_ok=True), f.name
        elif f.name == "constant" and a is not None:
            assert a[0] == pytest.approx(b[0], rel=SAME)
            assert (a[1] is None) == (b[1] is None)
            assert a[1] is None or a[1] == pytest.approx(b[1], rel=SAME)
        else:
            assert a == b, f.name


@each(
    "how",
    [
        {},
        {"cluster": "region"},
        {"cluster": "region", "vcov": "CR3", "wild": 199},
        {"cluster": "region", "wild": 99, "vcov": "iid"},
        {"ssc": "xtreg", "singletons": "keep"},
        {"ssc": "xtreg", "cluster": "region"},
        {"ssc": "fixest", "cluster": "region", "weights": "weight"},
        {"cluster": "region", "vcov": "CR3", "weights": "weight"},
        {"vcov": "HC1"},
        {"vcov": "HC3"},
        {"cluster": "region", "vcov": "CR2"},
        {"cluster": "region+industry"},
    ],
    ids=lambda how: ",".join(f"{k}={v}" for k, v in how.items()) or "iid",
)
def test_equals_separate_fits(how: dict[str, Any]) -> None:
    rows = table()
    found = fit_many(rows, FORMULA, **how)
    assert list(found) == ["y, none", "y, scale", "y, scale + age", "price, none", "price, scale", "price, scale + age"]
    for result, variant in zip(found.values(), expand(FORMULA), strict=True):
        same(result, fit(rows, variant.text, **how))


@each(
    "formula",
    [
        "y ~ market + sw(scale, age, scale + age)",
        "c(y, price) ~ 0 + sw(scale, age)",
        "c(y, price) ~ market + scale | year + sw(firm, industry^year)",
        "y ~ csw0(scale, age) | firm + year | x ~ z2 + weight",
        "c(y, ln(weight)) ~ market + sw(scale:age, ln(age)) | firm",
        "c(y, age) ~ market + sw(scale, weight) | year + firm",
    ],
)
@each("how", [{}, {"cluster": "region"}, {"cluster": "region", "vcov": "CR3"}], ids=str)
def test_every_shape_of_formula(formula: str, how: dict[str, Any]) -> None:
    """Without effects, without a constant, stepwise effects, instruments, products, the large effect second."""
    rows = table(2)
    for result, variant in zip(fit_many(rows, formula, **how).values(), expand(formula), strict=True):
        same(result, fit(rows, variant.text, **how))


def test_several_large_effects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The iterative solver's columns, and the refits of CR3 without each cluster, are shared too."""
    from integrade.regress import partial

    monkeypatch.setattr(partial, "SMALL", 3)
    rows = table(3)
    formula = "c(y, price) ~ market + sw(scale, age) | firm + year"
    for how in ({"cluster": "region"}, {"cluster": "region", "vcov": "CR3", "wild": 99}):
        for result, variant in zip(fit_many(rows, formula, **how).values(), expand(formula), strict=True):
            same(result, fit(rows, variant.text, **how))


def test_each_regression_has_its_own_rows() -> None:
    """As fixest: a row that lacks z1 is lost only where z1 is asked for, and counted there."""
    rows = table(4)
    found = fit_many(rows, "y ~ market + sw(scale, z1, age) | firm + year", cluster="region")
    lost = rows["z1"].null_count()
    assert lost > 0
    assert [r.n_missing for r in found.values()] == [0, lost, 0]
    assert found["scale"].nobs == found["age"].nobs > found["z1"].nobs
    assert "z1" in found["z1"].notes[0]
    for name, result in found.items():
        same(result, fit(rows, f"y ~ market + {name} | firm + year", cluster="region"))


def test_shared_gaps_are_said_by_those_who_have_them() -> None:
    """Two regressions lose the same rows for different columns: one pass, each with its own note."""
    rows = table(5).with_columns(z3=pl.col("z1") ** 2)
    found = fit_many(rows, "y ~ market + sw(z1, z3, z1 + z3) | firm + year")
    n = rows["z1"].null_count()
    assert [r.notes[0].split(": ")[1] for r in found.values()] == [f"z1 {n}", f"z3 {n}", f"z1 {n}, z3 {n}"]
    for name, result in found.items():
        same(result, fit(rows, f"y ~ market + {name} | firm + year"))


@pytest.mark.parametrize("how", ["split", "fsplit"])
def test_split(how: str) -> None:
    rows = table(6)
    found = fit_many(rows, "y ~ market + csw(scale, age) | firm + year", cluster="region", **{how: "owner"})
    groups = ["owner=own", "owner=state"] if how == "split" else ["all", "owner=own", "owner=state"]
    assert list(found) == [f"{x}, {g}" for g in groups for x in ("scale", "scale + age")]
    for label, result in found.items():
        terms, group = label.split(", ")
        part = rows if group == "all" else rows.filter(pl.col("owner") == group.removeprefix("owner="))
        same(result, fit(part, f"y ~ market + {terms} | firm + year", cluster="region"))
    assert sum(r.nobs + r.n_singletons for r in fit_many(rows, "y ~ market | firm", split="owner").values()) == (
        rows["owner"].drop_nulls().len()
    )


def test_the_work_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Effects are removed once for all regressions on the same rows."""
    calls: list[str] = []

    def counting(panel: Any, formula: Any, *rest: Any, **more: Any) -> Any:
        calls.append(formula.text)
        return prepare(panel, formula, *rest, **more)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a separate fit")

    prepare = many.prepare
    monkeypatch.setattr(many, "prepare", counting)
    monkeypatch.setattr(many, "fit", refuse)
    monkeypatch.setattr(many, "estimate", refuse)
    assert len(fit_many(table(), FORMULA, cluster="region", vcov="CR3", wild=49)) == 6
    assert len(calls) == 1


def test_collinear_and_absorbed_regressors_are_named() -> None:
    rows = table(7).with_columns(twice=2 * pl.col("scale"), home=pl.col("firm").str.slice(1).cast(pl.Float64))
    formula = "y ~ market + sw(scale, scale + twice, home) | firm + year"
    found = fit_many(rows, formula, cluster="region", vcov="CR3")
    assert found["scale + twice"].dropped == {"twice": "collinear"}
    assert found["home"].dropped == {"home": "absorbed by effects"}
    for result, variant in zip(found.values(), expand(formula), strict=True):
        same(result, fit(rows, variant.text, cluster="region", vcov="CR3"))


def test_nearly_collinear_and_nearly_perfect_fits_use_the_rows() -> None:
    """Where cross-products would lose digits: a regressor that differs by 1e-6, an outcome explained but for 1e-6."""
    rows = table(8)
    rng = np.random.default_rng(0)
    noise = pl.Series(rng.normal(size=rows.height))
    rows = rows.with_columns(near=pl.col("scale") + 1e-6 * noise, exact=pl.col("scale") + 1e-6 * noise)
    for formula in ("c(y, price) ~ sw(scale + near, age) | firm + year", "c(exact, y) ~ sw(scale, scale + age) | firm"):
        for result, variant in zip(fit_many(rows, formula).values(), expand(formula), strict=True):
            twin = fit(rows, variant.text)
            for a, b in zip(result.coefficients, twin.coefficients, strict=True):
                assert (a.estimate, a.std_error) == pytest.approx((b.estimate, b.std_error), rel=1e-8)


def test_engines_agree() -> None:
    rows = table(9)
    here = fit_many(rows, FORMULA, cluster="region")
    there = fit_many(duckdb.from_arrow(rows.to_arrow()), FORMULA, cluster="region")
    for label, result in here.items():
        assert there[label]["market"].estimate == pytest.approx(result["market"].estimate, rel=1e-9)


def test_goes_into_a_table() -> None:
    printed = regression_table(fit_many(table(), "y ~ market + csw0(scale, age) | firm + year", cluster="region"))
    assert "scale + age" in str(printed)


def test_expansion() -> None:
    assert expand("y ~ x | firm") == (Variant("y ~ x | firm", ()),)
    assert expand("c(a, ln(b)) ~ sw0(`c, d`, e + e^2)|f") == (
        Variant("a ~ 1 | f", ("a", "none")),
        Variant("a ~ `c, d` | f", ("a", "`c, d`")),
        Variant("a ~ e + e^2 | f", ("a", "e + e^2")),
        Variant("ln(b) ~ 1 | f", ("ln(b)", "none")),
        Variant("ln(b) ~ `c, d` | f", ("ln(b)", "`c, d`")),
        Variant("ln(b) ~ e + e^2 | f", ("ln(b)", "e + e^2")),
    )
    assert [v.text for v in expand("y ~ csw(a, b) + w | csw0(f, t) | x ~ z")] == [
        "y ~ a + w | 0 | x ~ z",
        "y ~ a + b + w | 0 | x ~ z",
        "y ~ a + w | f | x ~ z",
        "y ~ a + b + w | f | x ~ z",
        "y ~ a + w | f + t | x ~ z",
        "y ~ a + b + w | f + t | x ~ z",
    ]
    assert pieces("a(b, c), `d, e`, f", ",") == ["a(b, c)", " `d, e`", " f"]


@each(
    ("formula", "error", "text"),
    [
        ("y ~ sw(scale, csw(age, x)) | firm", BadFormula, "must be separate terms"),
        ("y ~ market:sw(scale, age) | firm", BadFormula, "must be separate terms"),
        ("y ~ sw(scale, ) | firm", BadFormula, "empty or appears twice"),
        ("y ~ sw(scale, scale) | firm", BadFormula, "empty or appears twice"),
        ("c(y, y) ~ scale | firm", BadFormula, "appears twice"),
        ("y ~ scale + sw(scale, age) | firm", BadFormula, "'scale' appears twice"),
        ("y ~ sw(scale, agee) | firm", UnknownColumn, "did you mean 'age'"),
        ("y ~ sw(scale, region) | firm", NotANumber, "region"),
        ("y + price ~ scale | firm", BadFormula, "the outcome is one column"),
    ],
)
def test_errors(formula: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        fit_many(table(), formula)


def test_errors_name_the_regression() -> None:
    rows = table().with_columns(home=pl.col("firm").str.slice(1).cast(pl.Float64), none=pl.lit(None, dtype=pl.String))
    with pytest.raises(NotIdentified, match="where: home: "):
        fit_many(rows, "y ~ sw(scale, home) | firm")
    with pytest.raises(UsageError, match="exclude each other"):
        fit_many(rows, FORMULA, split="owner", fsplit="owner")
    with pytest.raises(EmptyTable, match="has no value"):
        fit_many(rows, FORMULA, split="none")
    with pytest.raises(UnknownColumn, match="did you mean 'owner'"):
        fit_many(rows, FORMULA, split="owners")
