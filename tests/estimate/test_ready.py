"""A panel made ready once gives every regression what it gives alone, and makes nothing twice."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import polars as pl
import pytest

from integrade.engine import frames
from integrade.errors import NotANumber, UnknownColumn, UsageError
from integrade.estimate import ready as module
from integrade.estimate.fit import estimation_rows, fit, gather, regression_rows
from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import Fit
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.regress.partial import remove

FULL = "y ~ x + x^2 + a + b | firm + year"


def _panel(rows: int = 900) -> pl.DataFrame:
    """Text firms, some alone, with gaps in ``a``, ``z`` and the industry."""
    rng = np.random.default_rng(7)
    firm = rng.integers(0, 200, rows)
    year, region = rng.integers(2000, 2008, rows), firm % 13
    x = rng.normal(size=(13, 8))[region, year - 2000]
    a, b, z = rng.normal(size=(3, rows))
    y = x - 0.3 * x**2 + a + rng.normal(size=200)[firm] + rng.normal(size=rows)
    lone = pl.Series([f"alone {i}" if i < 5 else f"firm {f}" for i, f in enumerate(firm)])
    return pl.DataFrame(
        {
            "firm": lone,
            "year": year,
            "region": pl.Series(region).cast(pl.String),
            "industry": pl.Series(
                [None if gone else f % 7 for gone, f in zip(rng.random(rows) < 0.02, firm.tolist(), strict=True)]
            ),
            "y": y,
            "x": x,
            "a": pl.Series(np.where(rng.random(rows) < 0.05, np.nan, a)).fill_nan(None),
            "b": b,
            "z": pl.Series(np.where(rng.random(rows) < 0.03, np.inf, a + z)),
            "w": rng.integers(0, 4, rows).astype(float),
        }
    )


ASKED: tuple[tuple[str, Fit], ...] = (
    (FULL, Fit(cluster="region", vcov="CR3", wild=99)),
    ("y ~ x + x^2 | firm + year", Fit(cluster="region")),
    ("y ~ x + b | firm + year", Fit(cluster="firm", singletons="keep")),
    (FULL, Fit(cluster="industry^year")),
    ("a ~ x + b | firm + industry^year", Fit(cluster="region", weights="w")),
    (FULL, Fit(weights="w", vcov="HC3")),
    ("y ~ b | firm + year | a ~ z", Fit(cluster="region")),
    ("y ~ x + a", Fit(cluster="region+year")),
    ("ln(w) ~ x + a - 1", Fit()),
    (FULL, Fit(cluster="region", vcov="CR2")),
)


def _same(one: FitResult, other: FitResult) -> None:
    assert one.vcov == pytest.approx(other.vcov, rel=1e-12, abs=1e-16)
    for c, d in zip(one.coefficients, other.coefficients, strict=True):
        assert (c.term, c.estimate) == (d.term, pytest.approx(d.estimate, rel=1e-12))
    facts = [(r.nobs, r.n_singletons, r.n_missing, r.dropped, r.effects, r.notes, r.regions) for r in (one, other)]
    assert facts[0] == facts[1]
    assert [s.by_year.keys() for s in one.spreads] == [s.by_year.keys() for s in other.spreads]
    for name in ("r2", "r2_within", "r2_within_xtreg", "rmse"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("backwards", [False, True])
def test_each_regression_is_what_it_is_alone(backwards: bool) -> None:
    panel = _panel()
    held = ready(panel)
    for formula, how in ASKED[:: -1 if backwards else 1]:
        _same(fit(held, formula, how), fit(panel, formula, how))


def test_nothing_is_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    coded, removed = list[str](), list[int]()
    plain = module.factorise

    def count(name: str, values: pl.Series) -> Any:
        coded.append(name)
        return plain(name, values)

    def watch(plan: Any, matrix: Any) -> Any:
        removed.append(matrix.shape[1])
        return remove(plan, matrix)

    monkeypatch.setattr(module, "factorise", count)
    monkeypatch.setattr(module, "remove", watch)
    held = ready(_panel().drop_nulls())
    fit(held, FULL, cluster="region")
    fit(held, "y ~ x + x^2 + a | firm + year", cluster="region")
    fit(held, "a ~ x + w | firm + year", cluster="region", vcov="CR3")
    assert removed == [5, 1]  # x, x^2, a, b, y; then w alone
    assert sorted(coded) == ["firm", "region", "year"]


def test_further_columns_leave_what_is_there_alone() -> None:
    panel = _panel()
    held, rng = ready(panel), np.random.default_rng(1)
    fit(held, FULL, cluster="region")
    for _ in range(2):  # the same name, other values
        more = {"q": rng.normal(size=panel.height), "r": np.where(rng.random(panel.height) < 0.1, np.nan, 1.0)}
        wide, wanted = panel.with_columns(pl.Series(n, v) for n, v in more.items()), FULL.replace("b", "b + q")
        _same(fit(held.plus(more), wanted, cluster="region"), fit(wide, wanted, cluster="region"))
        gaps = wanted.replace("q", "q:r")
        _same(fit(held.plus(more), gaps, cluster="region"), fit(wide, gaps, cluster="region"))
    with pytest.raises(UsageError, match="column 'a' already"):
        held.plus({"a": panel["b"]})
    for short in (panel["b"][:-1], np.zeros(panel.height + 1), [1.0]):
        with pytest.raises(UsageError, match=f"'q' has {len(short):,} values for {panel.height:,} rows") as found:
            held.plus({"r": panel["b"], "q": short})
        assert "one value per row" in found.value.remedy
    assert held.plus({"q": panel["b"]}).table["q"].to_list() == panel["b"].to_list()
    assert "q" not in held.columns


def test_some_rows_are_what_a_filter_keeps() -> None:
    panel = _panel()
    held, early = ready(panel), panel["year"] < 2005
    part = held.on(early.to_numpy())
    assert part.table.equals(panel.filter(early))
    for formula, how in ASKED:
        _same(fit(part, formula, how), fit(panel.filter(early), formula, how))
    twice = part.on(np.arange(0, part.height, 2))
    _same(fit(twice, FULL, cluster="region"), fit(panel.filter(early)[::2], FULL, cluster="region"))


def test_rows_of_rows_take_columns_from_where_they_stand() -> None:
    from integrade.estimate.linear import prepare

    panel = _panel()
    at = np.random.default_rng(4).integers(0, panel.height, 900)
    more = pl.DataFrame({"z": np.random.default_rng(5).normal(size=900), "x": np.linspace(-1, 1, 900)})
    joined = panel.select(c for c in panel.columns if c != "x")[at].with_columns(more)
    held = Ready({c: more[c] for c in more.columns}, 900, ready(panel), at)
    some = np.arange(0, 900, 2)
    for own, plain in (
        (held, joined),
        (held.on(some), joined[some]),
        (held.on(some).on(some[:200]), joined[some][some[:200]]),
    ):
        formula = "y ~ x + z + a | firm + year"
        design, alone = prepare(own, formula, cluster="region"), prepare(plain, formula, cluster="region")
        assert design.labels.equals(alone.labels)
        few = np.arange(0, len(design.matrix), 7)
        assert own.some(design.sample, "firm", few).to_list() == design.labels["firm"].gather(few).to_list()
        _same(fit(own, formula, cluster="region"), fit(plain, formula, cluster="region"))
        assert own.select(plain.columns).equals(plain)
    with pytest.raises(KeyError):
        held.on(some).series("none")


def test_estimators_with_the_same_instruments_share_stages_and_diagnostics(monkeypatch: pytest.MonkeyPatch) -> None:
    from integrade.regress import strength

    panel, made, diagnose = _panel(), list[str](), strength.diagnose

    def counted(*given: Any, **more: Any) -> strength.Diagnostics:
        made.append("diagnosed")
        return diagnose(*given, **more)

    formula, other = "y ~ b | firm + year | x ~ a + w", "y ~ b | firm + year | x ~ w"
    hows = [Fit(cluster="region", estimator=e) for e in ("2sls", "liml", "gmm")]  # type: ignore[arg-type]
    hows += [Fit(cluster="region", vcov="CR3"), Fit(vcov="iid")]
    alone = [fit(panel, f, how) for f in (formula, other) for how in hows]
    monkeypatch.setattr(strength, "diagnose", counted)
    held = ready(panel)
    shared = [fit(held, f, how) for f in (formula, other) for how in hows]
    assert len(made) == 4  # two sets of instruments, errors by cluster and independent ones
    for one, twin in zip(shared, alone, strict=True):
        _same(one, twin)
        assert one.iv == twin.iv


def test_what_is_endogenous_and_the_clusters_tell_shared_estimates_apart() -> None:
    panel = _panel()
    held = ready(panel)
    for formula in ("y ~ b | firm + year | x ~ a + w", "y ~ 1 | firm + year | x + b ~ a + w"):  # the same columns
        _same(fit(held, formula, cluster="region"), fit(panel, formula, cluster="region"))
    for clusters in (7, 9):  # columns of one name, each beside the panel
        own = {"g": np.arange(panel.height) % clusters}
        one = fit(held.plus(own), "y ~ b | firm + year | x ~ a", cluster="g")
        assert (
            one.iv
            == fit(
                panel.with_columns(**{k: pl.Series(v) for k, v in own.items()}),
                "y ~ b | firm + year | x ~ a",
                cluster="g",
            ).iv
        )


def test_rows_of_a_regression() -> None:
    panel, how, parsed = _panel(), Fit(cluster="region"), parse_formula(FULL)
    held = ready(panel)
    rows = regression_rows(held, parsed, how)
    old = estimation_rows(gather(panel, parsed, how), parsed, how)
    assert 0 < old.height < panel.height
    assert rows.select(old.columns).equals(old)
    assert regression_rows(held, parsed, how).made is rows.made  # asked again
    assert regression_rows(panel, parsed, how).table.equals(old)
    assert regression_rows(rows, parsed, how) is rows  # nothing to leave out


def test_a_panel_is_let_go_with_what_was_made_on_its_rows() -> None:
    parsed, how = parse_formula(FULL), Fit(cluster="region")
    held = ready(_panel())
    rows = regression_rows(held, parsed, how)
    fit(rows, "y ~ x + z | firm + year", how)
    gone = weakref.ref(held)
    gc.disable()  # what is held by a circle would go when Python looks for circles
    try:
        del held, rows
        assert gone() is None
    finally:
        gc.enable()


def test_further_rows_have_no_use_for_what_was_made_for_a_sample() -> None:
    held = ready(_panel())
    whole = fit(held, FULL, cluster="region")
    bare, wide = held.apart(), held.plus({"v": np.ones(held.height)}).apart()
    assert wide.parent is not None
    for made in (bare.made, wide.parent.made):
        assert ("factor", "firm") in made
        assert not {"sample", "net", "label", "group"} & {key[0] for key in made}
    _same(fit(bare, FULL, cluster="region"), whole)


def test_columns_of_a_panel_are_taken_where_they_stand() -> None:
    """Rows that look up their panel: no column is copied for them, and the estimates are those of a table."""
    firms = _panel().drop_nulls().filter(pl.col("z").is_finite())
    drawn = np.random.default_rng(3).integers(0, firms.height, 2_000)
    rows = pl.DataFrame({"y": firms["y"].gather(drawn) + pl.Series(drawn % 7), "product": drawn % 11})
    held = Ready(dict(rows.to_dict()), rows.height, ready(firms.drop("y")), drawn)
    table = rows.hstack(firms.drop("y").select(pl.all().gather(drawn)))
    for formula in (FULL, "y ~ x + ln(w) + z | firm + product"):
        _same(fit(held, formula, cluster="region"), fit(table, formula, cluster="region"))
    assert not {("series", c) for c in ("a", "b", "z")} & held.made.keys()
    with pytest.raises(NotANumber):
        fit(held, "y ~ industry + region | year")


def test_it_stands_for_its_table_everywhere() -> None:
    held = ready(_panel())
    assert frames.collect(frames.enter(held)).equals(held.table)
    assert ready(held) is held
    with pytest.raises(UnknownColumn, match="no column 'scale'"):
        fit(held, "y ~ scale | firm")


def test_what_serves_others_cannot_be_written_to() -> None:
    from integrade.estimate.linear import prepare

    design = prepare(ready(_panel()), FULL, weights="w", cluster="industry^year")
    plan = design.plan
    shared = [design.matrix, plan.totals, plan.small, plan.table, plan.schur, plan.inverse, plan.weights]
    for values in (*shared, design.rows, *(f.codes for f in (*plan.effects, *design.factors.values()))):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_a_large_table_of_dummies_is_shared_and_read_only() -> None:
    from integrade.estimate.linear import prepare

    n = 300_000
    rng = np.random.default_rng(3)
    y, x = rng.normal(size=(2, n))
    panel = pl.DataFrame({"firm": np.arange(n) // 2, "kind": rng.integers(0, 40, n), "y": y, "x": x})
    held = ready(panel)
    table = prepare(held, "y ~ x | firm + kind").plan.table
    for values in (table.data, table.indices, table.indptr):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1
    for how in (Fit(vcov="CR3", cluster="kind"), Fit(vcov="HC3")):
        _same(fit(held, "y ~ x | firm + kind", how), fit(panel, "y ~ x | firm + kind", how))
