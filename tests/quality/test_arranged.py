"""Rows in memory, in files beyond memory, in small blocks and on Spark: the same numbers and accounts."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from each import each, pairs
from integrade.engine.frames import Table, engine_of, enter, spilled_numbers
from integrade.errors import NotIdentified, UsageError
from integrade.quality import arranged, demand_residual, estimated_sigma, measured, unit_value
from integrade.quality.coding import TEXT
from integrade.quality.measured import customs_rows
from plainwords.texts import Said

TOLERANCE = 1e-12  # the same sums in another order
ITERATED = 1e-11  # two effects are solved by iteration, to this mean residual of a level; the engine adds in any order


def customs(n: int = 6_000, seed: int = 1, **more: Any) -> pl.DataFrame:
    """Rows with repeated keys, products of few rows, one of equal prices; ``more``: further keys and their values."""
    rng = np.random.default_rng(seed)
    h = (rng.pareto(1.0, n) * 3).astype(int) % 25
    firm, year = rng.integers(0, 60, n), rng.integers(2004, 2008, n)
    cost = rng.normal(0, 0.5, (60, 25, 4))[firm, h, year - 2004]  # shared by the markets of a firm: an instrument
    ln_p = rng.normal(1, 0.3, n) + h / 10 + cost
    ln_p[h == 7] = 1.0
    quantity = np.exp(8 - 4 * ln_p + rng.normal(0, 1.5, n))
    return pl.DataFrame(
        {
            "firm": [f"F{i:03}" for i in firm],
            "product": [f"{850000 + i}" for i in h],
            "destination": [("USA", "JPN", "DEU", "a market with a long name")[i] for i in rng.integers(0, 4, n)],
            "year": year,
            **{name: [values[i] for i in rng.integers(0, len(values), n)] for name, values in more.items()},
            "value": quantity * np.exp(ln_p),
            "quantity": quantity,
        }
    )


UNITS = {"unit": ("kg", None, "a unit with a long name"), "regime": ("ordinary", "processing with inputs of others")}


def both(data: Any, monkeypatch: pytest.MonkeyPatch, measure: Any = demand_residual, **options: Any) -> list[Table]:
    """In memory as one block, and in files (or on Spark's workers) in blocks and pieces of few rows."""
    found = [measure(Table("customs", data), **options)]
    files: list[Any] = []

    def filed(*given: Any) -> Any:
        files.append(spilled_numbers(*given))
        return files[-1]

    with monkeypatch.context() as few:
        few.setenv("INTEGRADE_MEMORY", "0.3MB")  # a third is less than the rows take
        few.setattr(arranged, "spilled_numbers", filed)
        few.setattr(arranged, "BLOCK", 100)
        few.setattr("integrade.engine.frames.LEAST_BATCH", 1)
        few.setattr("integrade.engine.frames.BATCH", 900)
        few.setattr(measured, "LEAST", 1)
        found.append(measure(Table("customs", data), **options))
    assert files or engine_of(enter(data)) == "spark"
    notes = [isinstance(entry.reason, Said) and entry.reason.key == "quality.in-files" for entry in found[1].account]
    assert sum(notes) == bool(files), "the account says that rows are in files"
    return found


def check_same(plain: Table, quick: Table, tolerance: float = TOLERANCE) -> None:
    told = [[record for record in of.account.records() if "are in files" not in str(record)] for of in (plain, quick)]
    assert told[0] == told[1]
    a, b = plain.polars(), quick.polars()
    assert a.schema == b.schema
    assert a.height == b.height > 0
    for name, kind in a.schema.items():
        assert a[name].is_null().to_list() == b[name].is_null().to_list(), name
        if kind == pl.Float64:
            got = b[name].drop_nulls().to_list()
            assert got == pytest.approx(a[name].drop_nulls().to_list(), rel=tolerance, abs=tolerance), name
        else:
            assert a[name].to_list() == b[name].to_list()


EFFECTS = (
    "product:destination:year",
    "product+destination:year",
    "product:year",
    "destination:year",
    "product+year",
    "product:year+destination",
)


SIGMAS = (5, {"85": 4.0, "850003": 1.01, "850005": 9}, "ols", "iv")


@pytest.mark.parametrize(("sigma", "effects", "level"), pairs(SIGMAS, EFFECTS, ["firm", "row"]), ids=str)
def test_the_same_in_files(sigma: Any, effects: str, level: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = both(customs(**UNITS), monkeypatch, sigma=sigma, effects=effects, level=level)
    check_same(*found, ITERATED if "+" in effects else TOLERANCE)


SCALES: list[dict[str, Any]] = [
    {"standardise": "minmax"},
    {"standardise": "zscore", "alike": "middle"},
    {"standardise": "none"},
    {"standardise": "rank"},
    {"alike": "middle", "weights": "equal"},
    {"standardise": "rank", "level": "row", "alike": "middle"},
    {"pool": "product_year"},
    {"pool": "product_year", "standardise": "rank"},
    {"pool": "product_year", "standardise": "zscore", "level": "row", "alike": "middle"},
    {"pool": "product_year", "standardise": "minmax", "weights": "base_year"},
    {"pool": "all"},
    {"weights": "base_year"},
    {"level": "firm_product"},
    {"level": "destination"},
    {"level": "ladder"},
    {"sigma": "iv", "no_instrument": "ols", "fallback_sigma": 3, "sigma_cap": 8},
    {"sigma": "ols", "fallback_sigma": 3, "level": "row"},
    {"sigma": "feenstra", "fallback_sigma": 3},
]


@pytest.mark.parametrize("options", SCALES, ids=str)
def test_every_scale_and_level(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(*both(customs(), monkeypatch, **{"sigma": 5, **options}))


def test_regions_gdp_and_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    data = customs()
    region = pl.DataFrame({"firm": [f"F{i:03}" for i in range(60)], "region": [f"R{i % 5}" for i in range(60)]})
    rng = np.random.default_rng(2)
    gdp = pl.DataFrame({"region": [f"R{i % 5}" for i in range(20)], "year": [2004 + i // 5 for i in range(20)]})
    gdp = gdp.with_columns(gdp=pl.Series(rng.lognormal(3, 1, 20)))
    check_same(*both(data, monkeypatch, sigma="iv", firm_region=region, no_instrument="region"))
    check_same(*both(data, monkeypatch, sigma="ols", firm_region=region, gdp=gdp))
    check_same(*both(data, monkeypatch, sigma=5, level="region", groups=region))
    own = data.with_columns(region=pl.lit("north"))
    check_same(*both(own, monkeypatch, sigma=5, level="region"))


def test_other_measures_take_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    check_same(*both(customs(**UNITS), monkeypatch, unit_value))
    for sigma in ("ols", "iv"):
        check_same(*both(customs(**UNITS), monkeypatch, estimated_sigma, sigma=sigma))


def test_varieties_and_no_firm(monkeypatch: pytest.MonkeyPatch) -> None:
    data = customs(variety=("x", "y", None), regime=("ordinary", "processing"))
    check_same(*both(data, monkeypatch, sigma=5, level="row"))
    check_same(*both(data.drop("firm"), monkeypatch, sigma="iv", fallback_sigma=4, level="row"))
    check_same(*both(data.drop("firm"), monkeypatch, sigma=5, level="destination"))
    check_same(*both(data.drop("firm", "variety", "regime"), monkeypatch, sigma=5, level="row"))
    with pytest.raises(UsageError, match="requires a column 'firm'"):
        demand_residual(data.drop("firm"), sigma=5)


BAD = {
    "a missing firm": {"firm": None},
    "an empty code": {"product": ""},
    "no value": {"value": None},
    "a value of zero": {"value": 0.0},
    "not a number": {"quantity": float("nan")},
    "without end": {"quantity": float("inf")},
    "no year": {"year": None},
}


@each("bad", BAD.values(), ids=BAD)
def test_rows_that_are_dropped_are_counted_as_ever(bad: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    data = customs()
    row = data[1234:1235].with_columns(pl.lit(v, dtype=data.schema[n]).alias(n) for n, v in bad.items())
    plain, quick = both(pl.concat([data, row]), monkeypatch, sigma=5)
    check_same(plain, quick)
    assert any(e.kind == "dropped" and e.rows == 1 for e in quick.account)


def test_other_types_are_read_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    data = customs().with_columns(month=pl.lit(3), firm=pl.col("firm").str.slice(1).cast(pl.Int64))
    check_same(*both(data, monkeypatch, sigma=5))
    whole = customs().with_columns(pl.col("value").ceil().cast(pl.Int64), pl.col("year").cast(pl.Int16))
    check_same(*both(whole, monkeypatch, sigma=5))
    check_same(*both(customs().with_columns(pl.col("product").cast(pl.Categorical)), monkeypatch, sigma=5))


def test_no_row_with_a_quality() -> None:
    data = customs().unique(["product", "destination", "year"])
    with pytest.raises(NotIdentified, match="leverage"):
        demand_residual(data, sigma=5, effects="product:destination:year")


@pytest.mark.parametrize("level", ["firm", "row"])
@pytest.mark.parametrize("effects", EFFECTS[:2])
def test_the_same_bytes_whatever_order_threads_and_pieces(
    effects: str, level: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = customs(**UNITS)
    first = demand_residual(data, sigma="iv", effects=effects, level=level)
    for seed, threads, piece, memory in [(1, 1, 700, "6GB"), (2, 3, 500, "0.3MB"), (3, 5, 10_000, "6GB")]:
        monkeypatch.setattr(pl, "thread_pool_size", lambda n=threads: n)
        monkeypatch.setattr("integrade.engine.frames.LEAST_BATCH", 1)
        monkeypatch.setattr("integrade.engine.frames.BATCH", piece)
        monkeypatch.setenv("INTEGRADE_MEMORY", memory)
        mixed = data.sample(fraction=1, shuffle=True, seed=seed)
        assert demand_residual(mixed, sigma="iv", effects=effects, level=level).equals(first)


@pytest.mark.parametrize("key", ["firm", "product", "destination", "unit", "variety", "regime"])
def test_many_texts(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"no. {i}" for i in range(1_500)]
    data = customs(**{key: many} if key in ("unit", "variety", "regime") else {})
    numbered = pl.Series(many * 4 if key == "product" else [""] * data.height)
    long = data.with_columns((pl.lit("a text that is long ") + pl.col(key) + numbered).alias(key))
    for memory in ("6GB", "0.3MB"):
        monkeypatch.setenv("INTEGRADE_MEMORY", memory)
        found = arranged.arranged(enter(long), long.height)
        assert found is not None
        letter = next(letter for letter, names in TEXT.items() if key in names)
        assert found.levels[letter][key].unique().sort().equals(long[key].unique().sort())
        codes = found.rows().select(pl.col(letter).max())
        assert codes.item() == found.levels[letter].height - 1
    if key != "product":  # of which every one has but few rows
        check_same(*both(long, monkeypatch, sigma=5, level="row"))


@pytest.mark.parametrize("other", [customs(5_999), customs(6_000, seed=2), customs().with_columns(product=pl.lit("9"))])
def test_rows_that_change_between_two_readings_are_no_result(
    other: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTEGRADE_MEMORY", "0.3MB")
    data = [customs(), other]
    monkeypatch.setattr(arranged, "batches", lambda frame: iter([data.pop(0).select(frame.collect_schema().names())]))
    with pytest.raises(RuntimeError, match="changed"):
        arranged.arranged(enter(data[0]), 6_000)


def test_parquet_and_duckdb(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    data = customs(**UNITS)
    data.write_parquet(tmp_path / "customs.parquet", row_group_size=1_500)
    check_same(*both(pl.scan_parquet(tmp_path / "customs.parquet"), monkeypatch, sigma="ols"))
    relation = duckdb.read_parquet(str(tmp_path / "customs.parquet"))
    for level in ("firm", "row", "firm_product"):
        plain, quick = both(relation, monkeypatch, sigma="iv", level=level)
        check_same(plain, quick)
        assert type(quick.data) is type(plain.data)


@pytest.mark.parametrize("kind", ["polars", "duckdb"])
def test_rows_are_read_once_for_several_measures(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    local = customs(**UNITS).with_columns(industry=pl.col("product").str.slice(0, 5))
    local.write_parquet(tmp_path / "customs.parquet")
    data = Table("customs", local if kind == "polars" else duckdb.read_parquet(str(tmp_path / "customs.parquet")))
    read: list[Any] = []
    conform = measured.conform
    monkeypatch.setattr(measured, "conform", lambda *a: read.append(a) or conform(*a))
    with customs_rows(data) as rows:
        before = len(read)
        for options in ({"sigma": 5}, {"sigma": 10, "level": "row"}, {"sigma": "iv", "effects": EFFECTS[0]}):
            once = demand_residual(rows, **options)
            assert len(read) == before
            check_same(demand_residual(data, **options), once, ITERATED)
            before = len(read)
        check_same(unit_value(data), unit_value(rows))
        check_same(estimated_sigma(data, sigma="ols"), estimated_sigma(rows, sigma="ols"))
        by_industry = demand_residual(rows, sigma=5, level="industry")
    check_same(demand_residual(data, sigma=5, level="industry"), by_industry, ITERATED)


def test_numba_is_not_imported() -> None:
    program = (
        "import sys, polars as pl, integrade as ig\n"
        "rows = {'firm': ['a', 'b'], 'product': ['61', '61'], 'destination': ['USA'] * 2, 'year': [2004] * 2}\n"
        "ig.demand_residual(pl.DataFrame(rows | {'value': [1.0, 2.0], 'quantity': [1.0, 3.0]}), sigma=5)\n"
        "sys.exit('numba' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
