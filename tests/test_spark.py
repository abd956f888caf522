"""Spark: one body of code, the same numbers; a real local session of two threads (fixture `spark`).

Every measure is compared on Spark in `test_measures`; here are the choices of the demand residual that take other
roads, the readers, the panel, and the command line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
from integrade.cli import run
from integrade.errors import AmbiguousNumber, CodesReadAsNumbers, UsageError
from integrade.frames import Table, collect, engine_of, enter, on_engine
from integrade.sources import read_customs, read_firms, read_prices
from measure_tables import table

CLOSE = 1e-9  # sums in another order; log points and 0..1
spark_only = [pytest.mark.full, pytest.mark.usefixtures("spark")]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    table("customs").write_parquet(folder / "customs.parquet")
    table("customs").write_csv(folder / "customs.csv")
    table("prices").filter(pl.col("year") > 2000).write_csv(folder / "prices.csv")
    table("firms").write_excel(folder / "firms.xlsx")
    return folder


class TestOnASession:
    pytestmark = spark_only

    @pytest.mark.parametrize(
        "options",
        [
            {"effects": "product:destination:year", "level": "row"},
            {"effects": "product+destination:year", "standardise": "rank"},
            {"effects": "product:year", "standardise": "zscore", "pool": "all", "weights": "equal"},
            {"effects": "product+year", "standardise": "minmax", "pool": "product_year"},
            {"effects": "product+destination:year", "standardise": "none", "sigma": "by product", "level": "row"},
        ],
        ids=lambda options: "-".join(map(str, options.values())),
    )
    def test_demand_residual_by_every_road(self, options: dict[str, Any]) -> None:
        customs = table("customs")
        sigma: Any = 5
        if options.pop("sigma", None):
            sigma = {code: 1.0 if n == 0 else 2.0 + n for n, code in enumerate(sorted(set(customs["product"])))}
        want = ig.demand_residual(Table("customs", customs), sigma=sigma, **options)
        got = ig.demand_residual(Table("customs", on_engine(customs, "spark").to_native()), sigma=sigma, **options)
        assert engine_of(enter(got)) == "spark"
        assert_frame_equal(got.polars(), want.polars(), rel_tol=CLOSE, abs_tol=CLOSE)
        assert str(got.account) == str(want.account)

    def test_rows_are_held_only_while_they_are_needed(self, spark: Any) -> None:
        rows = on_engine(table("customs"), "spark")
        held = spark.sparkContext._jsc.getPersistentRDDs
        before = set(held())
        result = ig.demand_residual(rows, sigma=5)
        assert len(set(held()) - before) <= 1, "the result stays, nothing else (Spark knows an equal one again)"
        del result

    def test_decimal_marks_and_codes_are_judged_alike(self, tmp_path: Path) -> None:
        (tmp_path / "told.csv").write_text("firm;year;assets\nF1;2004;1.234,5\nF2;2004;１２，５\n", encoding="utf-8")
        (tmp_path / "unclear.csv").write_text("firm;year;assets\nF1;2004;1,234\n", encoding="utf-8")
        pl.DataFrame({"firm": [101.2, 7.0], "year": [2004, 2004]}).write_parquet(tmp_path / "codes.parquet")
        firms = read_firms(tmp_path / "told.csv", engine="spark").polars().sort("firm")
        assert firms["assets"].to_list() == [1234.5, 12.5]
        with pytest.raises(AmbiguousNumber):
            read_firms(tmp_path / "unclear.csv", engine="spark")
        with pytest.raises(CodesReadAsNumbers, match="1 row"):
            read_firms(tmp_path / "codes.parquet", engine="spark")

    @pytest.mark.parametrize("names", [["customs.csv"], ["customs.parquet", "customs.csv"]], ids=len)
    def test_readers_give_the_same_rows_and_account(self, files: Path, names: list[str]) -> None:
        paths = [files / name for name in names]
        condition = 'value > 1000 and destination != "USA"'
        got, want = (read_customs(paths, where=condition, engine=engine) for engine in ("spark", "polars"))
        assert engine_of(enter(got)) == "spark"
        assert str(got.account) == str(want.account)
        assert_frame_equal(got.polars(), want.polars(), check_row_order=False)

    def test_from_files_to_a_panel(self, files: Path) -> None:
        def panel(engine: Any) -> Table:
            index = ig.relative_price(read_prices(files / "prices.csv", engine=engine))
            quality = ig.demand_residual(read_customs(files / "customs.parquet", engine=engine), sigma=5)
            firms = read_firms(files / "firms.xlsx", engine=engine)
            assert {engine_of(enter(t)) for t in (index, quality, firms)} == {engine}
            return ig.assemble(firms, integration=index, quality=quality)

        got, want = panel("spark"), panel("polars")
        assert_frame_equal(got.polars(), want.polars(), rel_tol=CLOSE, abs_tol=CLOSE)
        assert str(got.account) == str(want.account)

    def test_the_command_line(self, files: Path, tmp_path: Path) -> None:
        for engine in ("spark", "polars"):
            command = ["quality", str(files / "customs.csv"), "--sigma", "5", "--engine", engine, "--quiet"]
            assert run([*command, "--out", str(tmp_path / f"{engine}.parquet")]) == 0
        got, want = (pl.read_parquet(tmp_path / f"{engine}.parquet") for engine in ("spark", "polars"))
        assert_frame_equal(got, want, rel_tol=CLOSE, abs_tol=CLOSE)

    def test_types_survive_the_way_there_and_back(self) -> None:
        rows = pl.DataFrame(
            {
                "text": ["上海", None],
                "n": [1, None],
                "x": [0.5, None],
                "yes": [True, None],
                "day": pl.Series([20000, None], dtype=pl.Date),
                "unsigned": pl.Series([1, 2], dtype=pl.UInt32),
            }
        )
        back = collect(on_engine(rows, "spark")).sort("unsigned")
        assert_frame_equal(back, rows.cast({"unsigned": pl.Int64}))


def test_without_spark_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match=r"pip install 'integrade\[spark\]'"):
        on_engine(pl.DataFrame({"x": [1]}), "spark")
