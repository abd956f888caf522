"""The panel of another version from the study's own is, cell by cell, the panel that its steps make."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Barrier, get_ident
from time import sleep
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.engine.frames import Engine, engine_of, enter
from integrade.errors import IntegradeError
from integrade.study import variants
from integrade.study.config import Study
from integrade.study.data import panel as panel_step
from integrade.study.data import quality
from integrade.study.data.steps import data_steps
from integrade.study.reading import load
from integrade.study.variants import changed, other_panel, own_panel, panel_of, side_by_side
from integrade.subjects.benchmark import question as benchmark
from integrade.subjects.versions import question as versions
from plainwords.texts import language_spoken, speaking

MOVES: tuple[tuple[str, Any], ...] = (
    ("integration.transform", "neg_log"),
    ("integration.pairs", "adjacent"),
    ("quality.standardise", "rank"),
    ("quality.standardise", "none"),
    ("quality.pool", "product_year"),
    ("quality.weights", "base_year"),
    ("quality.alike", "middle"),
    ("quality.sigma", "ols"),
    ("quality.effects", "product:year+destination:year"),
    ("quality", {"method": "unit_value"}),
    ("customs.rules", ["ordinary"]),
    ("customs.rules", ["trim"]),
    ("winsor.cuts", (5.0, 95.0)),
    ("winsor.columns", ["roa", "quality", "market"]),
    ("winsor.columns", []),
    ("winsor.by", "year"),
    ("winsor.trim", True),
    ("without_regions", ["Tibet"]),
    ("without_regions", ["Beijing", "Chongqing", "Shanghai", "Tianjin"]),
)


@pytest.fixture(scope="module")
def study(short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("variants") / "study"
    shutil.copytree(short_study, root)
    return root


def test_a_version_is_put_together_as_its_steps_make_it(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow twin: every step of the version, by itself, from the raw files."""
    own_study, slow, fast = load(study), tmp_path / "slow", tmp_path / "fast"
    twins = {i: panel_of(changed(own_study, *move), study, "auto", slow)[0] for i, move in enumerate(MOVES)}
    made = list[str]()
    run = panel_step.run
    monkeypatch.setattr(panel_step, "run", lambda *a: (made.append("panel"), run(*a))[1])
    with own_panel(own_study, study, "auto", fast) as own:
        for i, move in enumerate(MOVES):
            found = other_panel(own, changed(own_study, *move))
            assert_frame_equal(found, twins[i], rel_tol=1e-12, abs_tol=1e-12)
    assert len(made) == 2  # its own panel, and the same before columns are cut
    measured = [folder for family in ("quality", "integration") for folder in slow.glob(f"{family}-*")]
    assert len(measured) == 1 + 10 + 1 + 4
    for folder in measured:
        account = (folder / "account.json").read_text(encoding="utf-8")
        assert (fast / folder.name / "account.json").read_text(encoding="utf-8") == account


def test_customs_are_read_once_for_all_versions_of_quality(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_study, opened = load(study), list[int]()
    once = variants.customs_rows
    monkeypatch.setattr(variants, "customs_rows", lambda table: (opened.append(1), once(table))[1])
    with own_panel(own_study, study, "auto", tmp_path) as own:
        for sigma in (3, 4, "ols"):
            other_panel(own, changed(own_study, "quality.sigma", sigma))
        assert opened == [1]
        stored = sorted(tmp_path.glob("quality-*"))
        other_panel(own, changed(own_study, "quality.sigma", 3))
        assert sorted(tmp_path.glob("quality-*")) == stored


def test_what_moves_other_columns_is_made_by_its_steps(study: Path, tmp_path: Path) -> None:
    own_study = load(study)
    lagged = changed(own_study, "controls.roa_lag", 1)
    with own_panel(own_study, study, "auto", tmp_path) as own:
        found = other_panel(own, lagged)
    assert_frame_equal(found, panel_of(lagged, study, "auto", tmp_path)[0])


def test_a_rule_less_has_more_rows_than_the_own_panel(study: Path, tmp_path: Path) -> None:
    """Rows that the study's own panel lacks are not to be had from it."""
    whole = load(study)
    ruled = changed(whole, "customs.rules", ["ordinary"])
    with own_panel(ruled, study, "auto", tmp_path) as own:
        found = other_panel(own, whole)
    assert found.height > own.panel.height
    assert_frame_equal(found, panel_of(whole, study, "auto", tmp_path)[0])


def test_a_version_that_is_refused_is_refused_alike(study: Path, tmp_path: Path) -> None:
    def problem(make: Any, other: Study) -> str:
        with pytest.raises(IntegradeError) as raised:
            make(other)
        return raised.value.what

    own_study = load(study)
    with own_panel(own_study, study, "auto", tmp_path) as own:
        for move in (("winsor.columns", ["nothing"]), ("quality.effects", "nothing")):
            other = changed(own_study, *move)
            slow = problem(lambda o: panel_of(o, study, "auto", tmp_path), other)
            assert problem(lambda o: other_panel(own, o), other) == slow


def test_versions_made_side_by_side_come_in_their_order(study: Path, tmp_path: Path) -> None:
    with own_panel(load(study), study, "polars", tmp_path), speaking("zh"):
        both = Barrier(2, timeout=20)  # two at the same time, or it breaks

        def make(at: int) -> tuple[int, str, int]:
            both.wait()
            return at, language_spoken(), get_ident()

        found = side_by_side(make, 20)
        assert [(at, language) for at, language, _ in found] == [(at, "zh") for at in range(20)]
        assert get_ident() not in {thread for _, _, thread in found}

        begun = list[int]()

        def fails(at: int) -> None:
            begun.append(at)
            raise ValueError(at)

        with pytest.raises(ValueError, match="0"):  # those that wait do not begin
            side_by_side(fails, 10_000)
        assert len(begun) < 10_000


def test_an_index_of_a_study_that_has_none_is_made_by_its_steps(study: Path, tmp_path: Path) -> None:
    whole = load(study)
    without = whole.model_copy(update={"prices": None, "integration": {}})
    regions = panel_of(whole, study, "auto", tmp_path)[0]["region"].unique().sort()
    cells = pl.DataFrame({"origin": regions}).join(pl.DataFrame({"destination": regions}), how="cross")
    cells = cells.join(pl.DataFrame({"year": range(2000, 2014)}), how="cross")
    own = (pl.col("origin") == pl.col("destination")) * 50
    cells.with_columns(value=1.0 + own + pl.int_range(pl.len()) % 7).write_csv(study / "raw" / "flows.csv")
    without = changed(without, "flows", {"files": ["raw/flows.csv"]})
    other = without.model_copy(update={"integration": {"method": "head_ries"}})
    with own_panel(without, study, "auto", tmp_path) as beside:
        found = other_panel(beside, other)
    assert "market" not in beside.panel.columns
    assert_frame_equal(found, panel_of(other, study, "auto", tmp_path / "slow")[0])


def test_panels_of_versions_are_made_one_at_a_time(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Matching by similar names, and tables of a database, ask DuckDB also where customs records are on Polars."""
    own_study, run, busy, most = load(study), panel_step.run, list[int](), list[int]()

    def watched(*given: Any) -> None:
        busy.append(1)
        most.append(len(busy))
        sleep(0.05)
        run(*given)
        busy.pop()

    lagged = changed(own_study, "controls.roa_lag", 1)
    others = [lagged, changed(lagged, "winsor.cuts", (5.0, 95.0))]
    with own_panel(own_study, study, "auto", tmp_path) as own:
        monkeypatch.setattr(panel_step, "run", watched)
        side_by_side(lambda at: other_panel(own, others[at]), len(others))
    assert most == [1, 1]


@pytest.mark.parametrize("asked", ["duckdb", "auto"])
def test_versions_on_duckdb_are_measured_one_by_one(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Engine
) -> None:
    """A connection refuses a question while it answers another: on DuckDB by choice, and where memory is short."""
    own_study = load(study)
    moves = [("quality.sigma", 3), ("quality.sigma", 4), ("customs.rules", ["main_unit"]), ("quality.pool", "all")]
    slow = [panel_of(changed(own_study, *move), study, "polars", tmp_path / "polars")[0] for move in moves]
    if asked == "auto":
        monkeypatch.setenv("INTEGRADE_MEMORY", "1MB")
    measure, busy, most = quality.measure, list[int](), list[int]()

    def watched(*given: Any) -> None:
        busy.append(1)
        most.append(len(busy))
        sleep(0.05)
        measure(*given)
        busy.pop()

    with own_panel(own_study, study, asked, tmp_path / "duckdb") as own:
        assert engine_of(enter(own.scanned())) == "duckdb"
        monkeypatch.setattr(quality, "measure", watched)
        found = side_by_side(lambda at: other_panel(own, changed(own_study, *moves[at])), len(moves))
    assert most == [1] * len(moves)
    for one, twin in zip(found, slow, strict=True):
        assert_frame_equal(one, twin, rel_tol=1e-11, abs_tol=1e-12)  # sums in another order


def test_a_measure_that_reads_more_than_customs_records_reads_them_itself(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What else it reads may ask DuckDB: its step waits for those of other versions."""
    other = changed(load(study), "quality.sigma", 3)
    step = data_steps(other, study, "auto")["quality"]
    with own_panel(load(study), study, "auto", tmp_path) as own:
        assert variants._from_records(own, other, step) is not step.run
        monkeypatch.setattr(variants, "tables_of", lambda *_: {"customs": None, "firms": None})
        assert variants._from_records(own, other, step) is step.run


def test_choices_of_a_regression_read_no_customs_records(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_panel(load(study), study, "auto", tmp_path):
        pass  # the panel is stored

    def read(*_: Any, **__: Any) -> Any:
        raise AssertionError("read")

    monkeypatch.setattr(variants, "read_source", read)
    with own_panel(load(study), study, "auto", tmp_path) as own:
        found = side_by_side(lambda at: own.panel.height + at, 3)
        other_panel(own, changed(load(study), "winsor.cuts", (5.0, 95.0)))
        other_panel(own, changed(load(study), "integration.pairs", "adjacent"))
    assert found == [own.panel.height + at for at in range(3)]


def test_other_outcomes_and_indices_are_estimated_without_a_panel_of_their_own(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow twin: each on the panel that its steps make."""
    plain = load(study)
    rows, _ = panel_of(plain, study, "auto", tmp_path)
    column = benchmark.benchmark(rows, plain.regression)[-1]
    others = {"outcomes": (versions.Other(name="unit value", method="unit_value"),)}
    others |= {"indices": (versions.Other(name="adjacent", pairs="adjacent"),)}
    base = versions.Base(plain.model_copy(update=others), study, tmp_path, "auto", rows, column)
    made = list[int]()
    run = panel_step.run
    with monkeypatch.context() as watched:
        watched.setattr(panel_step, "run", lambda *a: (made.append(1), run(*a))[1])
        found, left = versions.versions(base)
    assert ([v.name for v in found], left, made) == (["unit value", "adjacent"], (), [])
    monkeypatch.setattr(versions, "other_panel", lambda own, other: panel_of(other, own.root, own.engine, own.store)[0])
    for one, twin in zip(found, versions.versions(base)[0], strict=True):
        assert one.column.headline.nobs == twin.column.headline.nobs
        for c, d in zip(one.column.headline.coefficients, twin.column.headline.coefficients, strict=True):
            assert (c.term, c.estimate) == (d.term, pytest.approx(d.estimate, rel=1e-12))
