"""Build versions of a study with one key changed, and their panels, reusing finished steps from the study's store.

Most versions change a column of the panel and keep its rows. `other_panel` then replaces the column in the study's own
panel, and returns the same table as `panel_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from typing import Any, NamedTuple, TypeVar

import narwhals as nw
import polars as pl

from integrade.engine.frames import Engine, Table, engine_of, enter, held
from integrade.quality.measured import CustomsRows, customs_rows
from integrade.sources import leave_out_regions
from integrade.study.cleaning import cleaned
from integrade.study.config import Study, Winsor
from integrade.study.data import quality
from integrade.study.data.panel import winsorised
from integrade.study.data.steps import data_steps
from integrade.study.data.tables import read_source
from integrade.study.geography import geography_in
from integrade.study.measures import families_of, measure_of, tables_of
from integrade.study.parts import require_panel
from integrade.study.setting import Folders, Setting
from integrade.study.steps import Done, Step, perform
from rawcells import doors

AT_ONCE = 2
"""Number of versions that are processed at the same time; each keeps its measures of all customs rows in memory."""

APART = RLock()
"""Lock for code that may use DuckDB, whose connection answers one query at a time.

Steps have such code (for tables of a database, and for matching by similar names). Code that reads customs records
that are not on Polars also needs the lock.
"""

SIDES = {"quality": ("firm", "year"), "integration": ("region", "year")}
"""Measured table -> the key by which its columns are joined to the panel."""
ASIDE = frozenset({*SIDES, "customs", "winsor", "without_regions"})
"""Sections of a study that change columns of a panel, or leave rows out of it."""

Made = TypeVar("Made")


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return a function that calls ``make`` on its first call, from any thread, and later returns the same value."""
    lock, values = Lock(), list[Made]()

    def value() -> Made:
        with lock:
            if not values:
                values.append(make())
            return values[0]

    return value


class Measured(NamedTuple):
    """A table that a study measured, sorted by its key.

    ``places``: the row of this table for each row of the panel.
    """

    key: Sequence[str]
    rows: pl.DataFrame
    places: pl.Series

    def holds(self, other: pl.DataFrame) -> bool:
        """Return whether another version has the same keys and columns."""
        return other.schema == self.rows.schema and other.select(self.key).equals(self.rows.select(self.key))

    def columns(self) -> list[str]:
        """Return the columns other than the key."""
        return [c for c in self.rows.columns if c not in self.key]


@dataclass(frozen=True)
class Own:
    """A study with its own panel and finished steps, and the data that its versions share with it.

    ``uncut``: the panel before columns are cut (`[winsor]`). ``scanned``: its customs records before rules drop rows,
    as a lazy scan; ``records``: the same records in memory. ``customs``: the coded records after its rules. ``sides``:
    its index and its quality.
    """

    study: Study
    root: Path
    engine: Engine
    store: Path
    panel: pl.DataFrame
    done: dict[str, Done]
    uncut: Callable[[], pl.DataFrame] = field(repr=False)
    scanned: Callable[[], Table] = field(repr=False)
    records: Callable[[], Table] = field(repr=False)
    customs: Callable[[], CustomsRows] = field(repr=False)
    sides: Mapping[str, Callable[[], Measured]] = field(repr=False)

    def paired(self) -> list[str]:
        """Return the regions of the study's index; none if the study does not measure one."""
        side = self.sides.get("integration") if "region" in self.panel.columns else None
        return side().rows["region"].cast(pl.String).unique().sort().to_list() if side else []


@contextmanager
def own_panel(study: Study, root: Path, engine: Engine, store: Path) -> Iterator[Own]:
    """Yield the panel of a study, for `other_panel`; coded customs rows are freed when the block ends."""
    panel, done = panel_of(study, root, engine, store)

    def uncut() -> pl.DataFrame:
        if not study.winsor.columns:
            return panel
        return panel_of(changed(study, "winsor.columns", []), root, engine, store)[0]

    with ExitStack() as kept:

        def scan() -> Table:
            assert study.customs is not None
            whole = study.customs.model_copy(update={"rules": []})
            with APART:
                return read_source("customs", whole, root, engine, geography=geography_in(study, root))

        def read() -> Table:
            table = scanned()
            with APART:
                return replace(table, data=nw.to_native(kept.enter_context(held(enter(table)))))

        def code() -> CustomsRows:
            assert study.customs is not None
            return kept.enter_context(customs_rows(cleaned(records(), study.customs)))

        scanned, records, customs = once(scan), once(read), once(code)

        sides = {family: once(partial(_side, family, panel, done)) for family in SIDES if family in done}
        yield Own(study, root, engine, store, panel, done, once(uncut), scanned, records, customs, sides)


def _side(family: str, panel: pl.DataFrame, done: dict[str, Done]) -> Measured:
    key, rows = SIDES[family], _stored(done, family)
    at = panel.select(key).join(rows.select(key).with_row_index("at"), on=key, how="left", maintain_order="left")["at"]
    return Measured(key, rows, at)


def changed(study: Study, key: str, value: Any) -> Study:
    """Return the study with ``key`` (such as ``quality.sigma``) set to ``value``, checked as a study file."""
    section, _, name = key.partition(".")
    content = study.model_dump()
    if name:
        content[section] = {**(content[section] or {}), name: value}
    else:
        content[section] = value
    return type(study).model_validate(content)


def panel_of(study: Study, root: Path, engine: Engine, store: Path) -> tuple[pl.DataFrame, dict[str, Done]]:
    """Return the estimation panel of a study and its finished steps; stored steps are reused, new steps are stored."""
    require_panel(study, "this moves the choices of a regression")
    done = _performed(_steps(study, root, engine), ("panel",), store)
    return pl.read_parquet(doors.regular(done["panel"].folder / "panel.parquet")), done


def other_panel(own: Own, other: Study) -> pl.DataFrame:
    """Return the panel of another version of a study, from the study's own panel if only columns are replaced.

    Measures that differ are stored as steps of their own; the new panel is not stored.
    """
    panel = _put_together(own, other) if _is_beside(own.study, other) else None
    return panel_of(other, own.root, own.engine, own.store)[0] if panel is None else panel


def side_by_side(make: Callable[[int], Made], n: int) -> list[Made]:
    """Run ``make(i)`` for i in 0..n-1 (versions of a study), a few at a time; results keep that order."""
    contexts = [copy_context() for _ in range(n)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda at: contexts[at].run(make, at), range(n)))


def _is_beside(study: Study, other: Study) -> bool:
    """Return whether another version has the same accounts and the same kinds of measures.

    Its rows are then among those of the study's own panel.
    """
    moved = {name for name in type(study).model_fields if getattr(study, name) != getattr(other, name)}
    if not moved <= ASIDE or families_of(study) != families_of(other):
        return False
    if moved != {"winsor"} and study.panel is not None:
        return False
    if {"quality", "customs"} & moved and (study.exporters is not None or study.links is not None):
        return False
    if "without_regions" not in moved:
        return True
    # leaving out regions must only drop rows: no value of a firm-year may depend on another row
    if study.firms is None or study.firms.rules or study.controls.get("roa_lag") or study.ratios:
        return False
    across_rows = (study.identity, study.tfp, study.deflators, study.exporters, study.links)
    return all(section is None for section in across_rows) and set(study.without_regions) <= set(other.without_regions)


def _put_together(own: Own, other: Study) -> pl.DataFrame | None:
    """Return the panel of the version ``other``; None if it may have rows that the study's own panel lacks."""
    steps = _steps(other, own.root, own.engine)
    if "quality" in steps:
        steps["quality"] = replace(steps["quality"], run=_from_records(own, other, steps["quality"]))
    done = _performed(steps, [family for family in SIDES if family in steps], own.store)
    after = {f: _stored(done, f) for f in SIDES if f in done and done[f].key != own.done[f].key}
    all_rows = other.without_regions == own.study.without_regions
    if not all_rows or not all(own.sides[family]().holds(table) for family, table in after.items()):
        rows = own.uncut() if all_rows else leave_out_regions(own.uncut(), other.without_regions)
        left = _on_fewer_rows(own, rows, after)
        return None if left is None else _cut(left, other.winsor, other.winsor.columns)
    moved = {column for family in after for column in own.sides[family]().columns()}
    stay = other.winsor == own.study.winsor and other.winsor.by not in moved
    rows = own.panel if stay else own.uncut()
    for family, table in after.items():
        side = own.sides[family]()
        rows = rows.with_columns(table.select(side.columns()).select(pl.all().gather(side.places)).get_columns())
    return _cut(rows, other.winsor, [c for c in other.winsor.columns if not stay or c in moved])


def _on_fewer_rows(own: Own, rows: pl.DataFrame, after: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    """Return the rows of the study's own panel that are in every table of ``after``, with the columns of these tables.

    Return None if a table has keys or columns that the study's own panel lacks, or if no row is left.
    """
    for family, table in after.items():
        side = own.sides[family]()
        if table.schema != side.rows.schema or table.join(side.rows, on=side.key, how="anti").height:
            return None
        joined = rows.drop(side.columns()).join(table, on=side.key, how="inner", maintain_order="left")
        rows = joined.select(rows.columns)
    return None if rows.is_empty() else rows


def _cut(rows: pl.DataFrame, chosen: Winsor, columns: Sequence[str]) -> pl.DataFrame:
    """Cut ``columns`` of the panel as the study winsorises them."""
    return winsorised(Table("panel", rows), chosen.model_copy(update={"columns": list(columns)})).polars()


def _from_records(own: Own, other: Study, step: Step) -> Callable[[Path, Folders], None]:
    """Return the step that measures quality, from customs records that are read only once.

    The measure must read customs records only. Coded records are used if the rules are the same and the measure is
    integrade's own. If the rules differ, they are applied to the records in memory.
    """
    at, before, after = Setting(other, own.root, own.engine), own.study.customs, other.customs
    if before is None or after is None or before.model_copy(update={"rules": after.rules}) != after:
        return step.run
    if set(tables_of(other, "quality")) != {"customs"}:
        return step.run
    own_loops = measure_of(other, "quality").function.__module__.startswith("integrade.quality.")
    if before.rules == after.rules and not own_loops:
        return step.run

    def run(out: Path, _: Folders) -> None:
        with nullcontext() if engine_of(enter(own.scanned())) == "polars" else APART:
            quality.measure(at, out, own.customs() if before.rules == after.rules else cleaned(own.records(), after))

    return run


def _steps(study: Study, root: Path, engine: Engine) -> dict[str, Step]:
    """Return the steps up to the panel, each with a lock (`_locked`)."""
    return {name: _locked(step) for name, step in data_steps(study, root, engine).items()}


def _locked(step: Step) -> Step:
    """Return the step with a lock: it waits while a locked step of another version runs."""

    def run(out: Path, done: Folders) -> None:
        with APART:
            step.run(out, done)

    return replace(step, run=run)


def _performed(steps: dict[str, Step], wanted: Sequence[str], store: Path) -> dict[str, Done]:
    """Perform the wanted steps and the steps that they need; stored results are reused."""
    done = dict[str, Done]()

    def finish(name: str) -> None:
        for before in steps[name].needs:
            if before not in done:
                finish(before)
        if name not in done:
            done[name] = perform(steps[name], store, done)

    for name in wanted:
        finish(name)
    return done


def _stored(done: dict[str, Done], family: str) -> pl.DataFrame:
    table = pl.read_parquet(doors.regular(done[family].folder / f"{family}.parquet"))
    return table.rename({"integration": "market"}) if family == "integration" else table
