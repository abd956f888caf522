"""Sums and means that no order changes: exact, in any order and on any engine; and no other is used."""

from __future__ import annotations

import ast
import math
import random
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from integrade.engine.exact import across, average, average_of, correlation_of, total, total_of, totals, variance_of
from integrade.engine.frames import Running, collect, on_engine

SOURCE = Path(__file__).parents[2] / "src"
NUMBER = st.one_of(
    st.none(),
    st.floats(-1e20, 1e20).filter(lambda x: x == 0 or abs(x) > 1e-15),
    st.floats(-1.0, 1.0).filter(lambda x: x == 0 or abs(x) > 1e-15),
)
WHOLE = {"n", "n_rows", "_rows", "lone", "clipped", "w", "c"}
"""Columns of whole numbers, whose sums are exact as they are; in `panel.link_quality` c is one."""
COUNTS = ("identity.py", "matching.py", "similar.py", "trends.py")
"""Files that add flags of a row, or correlate ranks of rows in order."""


@pytest.fixture(params=["polars", "duckdb", pytest.param("spark", marks=[pytest.mark.system, pytest.mark.spark])])
def engine(request: pytest.FixtureRequest) -> Running:
    if request.param == "spark":
        request.getfixturevalue("spark")
    chosen: Running = request.param
    return chosen


@given(values=st.lists(NUMBER, min_size=1, max_size=60), seed=st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_a_sum_is_the_rounded_exact_one_in_any_order(values: list[float | None], seed: int) -> None:
    known = [x for x in values if x is not None]
    mixed = random.Random(seed).sample(values, len(values))
    frame = pl.DataFrame({"x": mixed}, schema={"x": pl.Float64})
    found = frame.select(s=total_of(pl.col("x")), m=average_of(pl.col("x"))).row(0)
    exact = math.fsum(known)
    # the two whole numbers become floating-point numbers before they are added: one rounding each, and one of the sum
    assert found[0] == pytest.approx(exact, rel=4e-16, abs=1e-32)
    assert found[1] is None if not known else found[1] == pytest.approx(exact / len(known), rel=1e-15, abs=1e-32)
    again = pl.DataFrame({"x": values}, schema={"x": pl.Float64}).select(s=total_of(pl.col("x"))).item()
    assert again == found[0]


def test_no_order_changes_a_bit_and_engines_agree(engine: Running) -> None:
    rng = np.random.default_rng(4)
    n = 20_000
    rows = pl.DataFrame({"g": rng.integers(0, 300, n), "x": rng.choice([-1, 1], n) * np.exp(rng.normal(0, 5, n))})
    rows = rows.with_columns(x=pl.when(pl.col("g") != 7).then("x"), y=pl.col("x") ** 2)
    want = rows.group_by("g").agg(x=total_of(pl.col("x")), y=total_of(pl.col("y")), m=average_of(pl.col("x")))
    wide = rows.join(want.select("g", "m", s="y"), on="g").select("g", "x", "s", "m").sort("g", "x")
    found = []
    for seed in (1, 2):
        here = on_engine(rows.sample(fraction=1, shuffle=True, seed=seed), engine)
        grouped = here.group_by("g").agg(*totals(here, "x", "y"), m=average(here, nw.col("x")))
        spread = here.with_columns(s=total(here, nw.col("y"), ["g"]), m=average(here, nw.col("x"), ["g"]))
        found.append((collect(grouped).sort("g"), collect(spread).select("g", "x", "s", "m").sort("g", "x")))
    for one, other, expected in zip(*found, (want.sort("g"), wide), strict=True):
        if engine == "spark":
            assert_frame_equal(one, expected, rel_tol=1e-12, abs_tol=1e-6)  # plain sums of up to 1e9 that cancel
            continue
        assert_frame_equal(one, other, check_exact=True)
        # an engine's own rounding of a whole number of 128 bits: the last bit
        assert_frame_equal(one, expected, rel_tol=5e-16, abs_tol=0)


def test_what_is_too_large_or_no_number_is_added_as_it_is(engine: Running) -> None:
    rows = pl.DataFrame({"g": [0, 0, 1, 1, 2, 3], "x": [1e300, 1.0, math.nan, 2.0, math.inf, None]})
    here = on_engine(rows, engine)
    found = collect(here.group_by("g").agg(s=total(here, nw.col("x")), m=average(here, nw.col("x")))).sort("g")
    assert found["s"].to_list() == pytest.approx([1e300, math.nan, math.inf, 0.0], nan_ok=True)
    assert found["m"].to_list()[:3] == pytest.approx([5e299, math.nan, math.inf], nan_ok=True)
    assert found["m"][3] is None


def test_moments_are_those_of_numpy() -> None:
    x, y = np.random.default_rng(1).normal(3, 2, (2, 500))
    table = pl.DataFrame({"x": x, "y": y, "none": [None] * 500}, schema_overrides={"none": pl.Float64})
    found = table.select(
        v=variance_of(pl.col("x")), p=variance_of(pl.col("x"), ddof=0), r=correlation_of(pl.col("x"), pl.col("y"))
    ).row(0)
    assert found == pytest.approx((x.var(ddof=1), x.var(), np.corrcoef(x, y)[0, 1]), rel=1e-13)
    near = table.with_columns(x=pl.col("x") + 2).select(variance_of(pl.col("x"), about=4.9)).item()
    assert near == pytest.approx(x.var(ddof=1), rel=1e-12)
    summed = table.select(s=across(pl.col("x"), pl.col("none"), pl.col("y")))["s"].to_numpy()
    assert (summed == x + y).all()
    assert table.head(1).select(variance_of(pl.col("x"))).item() is None


def test_the_variance_of_values_alike_about_another_number_is_not_below_zero() -> None:
    for value in np.random.default_rng(1).random(100):
        table = pl.DataFrame({"x": [value] * 27})
        found = table.select(variance_of(pl.col("x"), about=0.4).sqrt()).item()
        assert 0 <= found < 1e-7  # the root of what rounding leaves of a number below 1


def test_no_expression_is_summed_in_the_order_of_threads() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path == SOURCE / "integrade" / "engine" / "exact.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [
            f"{path.relative_to(SOURCE)}:{n.lineno}: {ast.unparse(n)}" for n in ast.walk(tree) if _is_free(n, path)
        ]
    assert not found, "use integrade.engine.exact"


def _is_free(node: ast.AST, path: Path) -> bool:
    """Whether a node is a sum, a mean or a moment of numbers that are not whole, by an engine."""
    match node:
        case ast.Call(func=ast.Attribute(value=of, attr="sum" | "mean" | "std" | "var" | "product")):
            return _root(of) in ("pl", "nw") and not _is_whole(of)
        case ast.Attribute(value=ast.Name("pl" | "nw"), attr="sum_horizontal" | "mean_horizontal" | "corr" | "cov"):
            return path.name not in COUNTS
    return False


def _root(node: ast.expr) -> str:
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(func=inner) | ast.Attribute(value=inner) | ast.UnaryOp(operand=inner):
                node = inner
            case ast.BinOp(left=inner):
                node = inner
            case _:
                return ""
    return node.id


def _is_whole(node: ast.expr) -> bool:
    """Whether what is summed is cast to whole numbers, is true or false, or is a column of whole numbers."""
    text = ast.unparse(node)
    names = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)} | {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name)
    }
    return any(word in text for word in ("Int64", "is_null()", "all_horizontal(")) or bool(names & WHOLE)
