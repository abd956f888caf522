"""Spark: one body of code, the same numbers; a real local session of two threads (fixture `spark`).

Every measure is compared on Spark in `test_measures`; here are the choices of the demand residual that take other
roads, the readers, the panel, and the command line.
"""

from __future__ import annotations

import gc
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import integrade as ig
from integrade.cli import run
from integrade.engine import spark as spark_room
from integrade.engine.frames import Table, bring, collect, engine_of, enter, materialise, on_engine
from integrade.engine.stage import stage_folder
from integrade.errors import AmbiguousNumber, CodesReadAsNumbers, OutOfMemory, UsageError
from integrade.sources import read_customs, read_firms, read_prices, write_table
from measure_tables import table

CLOSE = 1e-9  # sums in another order; log points and 0..1
SETTINGS: dict[str, dict[str, str]] = {
    "ANSI": {"spark.sql.ansi.enabled": "true"},
    "not ANSI": {"spark.sql.ansi.enabled": "false"},
    "west": {"spark.sql.session.timeZone": "America/Los_Angeles", "spark.sql.timestampType": "TIMESTAMP_LTZ"},
    "east": {"spark.sql.session.timeZone": "Pacific/Auckland"},
    "compiled and adaptive": {
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.codegen.factoryMode": "FALLBACK",
        "spark.sql.codegen.wholeStage": "true",
    },
}
"""What clusters are set to."""
spark_only = [pytest.mark.system, pytest.mark.usefixtures("spark")]


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
            {"effects": "product:year", "standardise": "minmax_trim", "pool": "all", "level": "firm_product"},
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

    @pytest.mark.parametrize("as_set", SETTINGS.values(), ids=SETTINGS, indirect=True)
    @pytest.mark.usefixtures("as_set")
    def test_settings_of_a_cluster_change_no_number(self, tmp_path: Path) -> None:
        """Quality of rows with times of another zone: the turn of the year is 4 in the morning there."""
        customs, months = table("customs").head(400), pl.int_range(pl.len()) % 3
        utc = pl.datetime(pl.col("year") - 1, 12, 31, 14 + months).dt.replace_time_zone("UTC")
        dated = customs.with_columns(utc.dt.convert_time_zone("Asia/Shanghai").alias("year"))
        dated.write_parquet(tmp_path / "customs.parquet")
        read = {one: read_customs(tmp_path / "customs.parquet", engine=one) for one in ("polars", "spark")}
        years = {one: rows.polars()["year"].value_counts(sort=True).sort("year") for one, rows in read.items()}
        assert_frame_equal(years["spark"], years["polars"], check_dtypes=False)
        assert years["polars"].height > len(customs["year"].unique()), "some rows are of the year before"
        got, want = (ig.demand_residual(rows, sigma=5).polars() for rows in (read["spark"], read["polars"]))
        assert_frame_equal(got, want, rel_tol=CLOSE, abs_tol=CLOSE)

    @pytest.mark.parametrize("as_set", [{"spark.sql.session.timeZone": "Europe/Berlin"}], indirect=True)
    @pytest.mark.usefixtures("as_set")
    def test_clocks_are_the_same_in_every_zone(self) -> None:
        """Half past two did not exist that night in Berlin."""
        rows = pl.DataFrame({"at": [datetime(2004, 12, 31, 23, 59, 59, 1), datetime(2005, 3, 27, 2, 30), None]})
        back = collect(on_engine(rows, "spark")).sort("at", nulls_last=True)
        assert_frame_equal(back, rows)

    def test_rows_are_held_only_while_they_are_needed(self, spark: Any) -> None:
        rows = on_engine(table("customs"), "spark")
        if not hasattr(spark, "_jsparkSession"):
            pytest.skip("a Connect session does not tell what it holds")
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

    def test_workers_write_a_folder(self, files: Path, tmp_path: Path) -> None:
        for engine in ("spark", "polars"):
            command = ["quality", str(files / "customs.csv"), "--sigma", "5", "--engine", engine, "--quiet"]
            assert run([*command, "--out", f"{tmp_path / engine}/"]) == 0
        got, want = (pl.read_parquet(tmp_path / engine).sort("firm", "year") for engine in ("spark", "polars"))
        assert_frame_equal(got, want, rel_tol=CLOSE, abs_tol=CLOSE)
        assert {one.name for one in tmp_path.iterdir()} == {"spark", "polars"}

    def test_a_folder_may_have_any_name(self, tmp_path: Path) -> None:
        rows = table("firms")
        for engine in ("spark", "polars"):
            place = tmp_path / f"{engine}[1] {{a,b}}*" / "found[2]*"
            place.parent.mkdir()
            write_table(on_engine(rows, engine).to_native(), f"{place}/")
            got = pl.concat(pl.read_parquet(one, glob=False) for one in place.glob("*.parquet"))
            assert_frame_equal(got, rows, check_row_order=False, check_dtypes=False)
            assert list(place.parent.iterdir()) == [place]

    def test_the_command_line_leaves_a_folder_to_the_workers(
        self, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written, heights = list[str](), list[int]()
        write, collected = spark_room.write_folder, spark_room.collected

        def noted(native: Any, place: str) -> None:
            written.append(place)
            write(native, place)
            heights.append(-1)

        def counted(native: Any) -> pl.DataFrame:
            rows = collected(native)
            heights.append(rows.height)
            return rows

        monkeypatch.setattr(spark_room, "write_folder", noted)
        monkeypatch.setattr(spark_room, "collected", counted)
        command = ["quality", str(files / "customs.csv"), "--sigma", "5", "--engine", "spark", "--quiet"]
        assert run([*command, "--out", f"{tmp_path}/found/"]) == 0
        assert written == [f"{tmp_path}/found/"]
        assert heights[-2:] == [1, -1], "the number of its rows alone comes back, before any is written"

    def test_what_has_no_room_here_is_refused_before_it_travels(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        firms = enter(on_engine(table("firms"), "spark").to_native())
        monkeypatch.setattr(spark_room, "BROADCAST", 100)
        with caplog.at_level("INFO", logger="integrade"):
            assert bring(firms, "firms").height == table("firms").height
        assert "firms is copied from Spark to this process" in caplog.text
        monkeypatch.setattr(spark_room, "collected", None)  # a call would fail
        monkeypatch.setattr("integrade.engine.frames.memory_budget", lambda: 1_000)
        with pytest.raises(OutOfMemory, match="must be copied from Spark"):
            bring(firms, "firms")

    def test_a_table_that_is_brought_is_made_once_and_in_its_order(self, spark: Any, tmp_path: Path) -> None:
        """Every run of it writes down that it was run."""
        from pyspark.sql.functions import udf

        said = tmp_path / "said"
        said.mkdir()
        place = str(said)

        def note(n: int) -> int:
            import pathlib
            import uuid

            (pathlib.Path(place) / uuid.uuid4().hex).touch()
            return n

        rows = spark.range(200).repartition(4).orderBy("id").select("id", udf(note, "long")("id").alias("n"))
        found = bring(enter(rows), "rows")
        assert found["id"].to_list() == list(range(200))
        assert len(list(said.iterdir())) == 200
        assert found.columns == ["id", "n"]

    def test_results_outlive_what_they_are_made_of(self, spark: Any, tmp_path: Path) -> None:
        """The rows are kept although files are gone, and executors that were lost have nothing in memory."""
        pl.DataFrame({"x": range(100)}).write_parquet(tmp_path / "rows.parquet")
        kept = materialise(enter(spark.read.parquet(str(tmp_path / "rows.parquet")))).filter(nw.col("x") > 4)
        (tmp_path / "rows.parquet").unlink()
        if spark_room.is_classic(spark):
            spark.catalog.clearCache()
        assert collect(kept)["x"].sum() == sum(range(5, 100))

    def test_what_a_server_keeps_goes_with_the_last_frame_that_is_made_of_it(self, spark: Any) -> None:
        """Java does not tell when a frame is needed no longer: a classic session keeps its rows with the process."""
        place = Path(stage_folder(spark) or "")
        before = set(place.iterdir())
        kept = materialise(enter(spark.range(10)))
        further = kept.filter(nw.col("id") > 4)
        del kept
        gc.collect()
        assert len(set(place.iterdir()) - before) == 1
        assert collect(further).height == 5
        del further
        gc.collect()
        assert len(set(place.iterdir()) - before) == spark_room.is_classic(spark)

    def test_results_are_sorted_however_they_were_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = spark_room.kept

        def shuffled(native: Any, *, now: bool = True) -> Any:
            rows, let_go = kept(native, now=now)
            return rows.orderBy(hash_of(*rows.columns)), let_go

        monkeypatch.setattr(spark_room, "kept", shuffled)
        from pyspark.sql.functions import hash as hash_of

        for level in ("row", "firm", "destination"):
            want = ig.demand_residual(table("customs"), sigma=5, level=level)
            got = ig.demand_residual(on_engine(table("customs"), "spark"), sigma=5, level=level)
            key = want.columns[: want.columns.index("value" if level == "row" else "quality")]
            assert_frame_equal(collect(got).select(key), want.select(key))

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
