"""Other versions of a study: one key changed, and the panel that comes out, from the same store of finished steps.

Most versions change a column of the panel and leave its rows. What such a version leaves is taken from the study's own
panel: `other_panel` puts the column in its place, and gives what `panel_of` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import polars as pl

from integrade.frames import Engine, Table
from integrade.panel.outliers import winsorise
from integrade.quality.measured import CustomsRows, customs_rows
from integrade.sources import leave_out_regions
from integrade.study.config import Study
from integrade.study.data import quality
from integrade.study.data.steps import data_steps
from integrade.study.data.tables import read_source
from integrade.study.geography import geography_in
from integrade.study.measures import measure_of
from integrade.study.parts import require_panel
from integrade.study.setting import Folders, Setting
from integrade.study.steps import Done, Step, perform

SIDES = {"quality": ("firm", "year"), "integration": ("region", "year")}
"""What is measured, and by which key its columns are joined to the panel."""
ASIDE = frozenset({*SIDES, "customs", "winsor", "without_regions"})
"""Sections of a study that change columns of a panel, or leave rows out of it."""

Made = TypeVar("Made")


def _once(make: Callable[[], Made]) -> Callable[[], Made]:
    """The same function, which makes its value when it is first asked, by whichever thread asks."""
    lock, made = Lock(), list[Made]()

    def value() -> Made:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return value


@dataclass(frozen=True)
class Own:
    """A study with its own panel and finished steps, and what its versions share with it.

    ``uncut``: the panel before columns are cut (`[winsor]`). ``customs``: its customs records, read and coded once.
    """

    study: Study
    root: Path
    engine: Engine
    store: Path
    panel: pl.DataFrame
    done: dict[str, Done]
    uncut: Callable[[], pl.DataFrame] = field(repr=False)
    customs: Callable[[], CustomsRows] = field(repr=False)

    def measured(self, family: str) -> pl.DataFrame:
        """Its own index or quality, as the step stored it."""
        return _stored(self.done, family)


@contextmanager
def own_panel(study: Study, root: Path, engine: Engine, store: Path) -> Iterator[Own]:
    """The panel of a study, for `other_panel`; customs rows in codes are let go when the block ends."""
    panel, done = panel_of(study, root, engine, store)

    def uncut() -> pl.DataFrame:
        if not study.winsor.columns:
            return panel
        return panel_of(changed(study, "winsor.columns", []), root, engine, store)[0]

    with ExitStack() as kept:

        def customs() -> CustomsRows:
            assert study.customs is not None
            read = read_source("customs", study.customs, root, engine, geography=geography_in(study, root))
            return kept.enter_context(customs_rows(read))

        yield Own(study, root, engine, store, panel, done, _once(uncut), _once(customs))


def changed(study: Study, key: str, value: Any) -> Study:
    """The study with ``key`` (``quality.sigma``, ``regression.vcov``) set to ``value``, checked as a study file is."""
    section, _, name = key.partition(".")
    content = study.model_dump()
    if name:
        content[section] = {**(content[section] or {}), name: value}
    else:
        content[section] = value
    return type(study).model_validate(content)


def panel_of(study: Study, root: Path, engine: Engine, store: Path) -> tuple[pl.DataFrame, dict[str, Done]]:
    """The estimation panel of a study; steps that are stored are reused, new ones stored."""
    require_panel(study, "this moves the choices of a regression")
    done = _performed(data_steps(study, root, engine), ("panel",), store)
    return pl.read_parquet(done["panel"].folder / "panel.parquet"), done


def other_panel(own: Own, other: Study) -> pl.DataFrame:
    """The panel of another version of a study, from its own where the version only puts columns in their place.

    What is measured otherwise is stored as a step of its own; the panel itself is not.
    """
    found = _put_together(own, other) if _is_beside(own.study, other) else None
    return panel_of(other, own.root, own.engine, own.store)[0] if found is None else found


def _is_beside(study: Study, other: Study) -> bool:
    """Whether another version has the same accounts, so that its rows are among those of the study's own panel."""
    moved = {name for name in type(study).model_fields if getattr(study, name) != getattr(other, name)}
    if not moved <= ASIDE or (moved != {"winsor"} and study.panel is not None):
        return False
    if {"quality", "customs"} & moved and (study.exporters is not None or study.links is not None):
        return False
    return "without_regions" not in moved or _leaves_rows(study, other)


def _leaves_rows(study: Study, other: Study) -> bool:
    """Whether regions left out are rows left out: nothing of another row is in the accounts of a firm-year."""
    apart = (study.identity, study.tfp, study.deflators, study.exporters, study.links)
    alone = study.firms is not None and not study.firms.rules and not study.controls.get("roa_lag")
    return (
        alone
        and not study.ratios
        and all(section is None for section in apart)
        and set(study.without_regions) <= set(other.without_regions)
    )


def _put_together(own: Own, other: Study) -> pl.DataFrame | None:
    """The version's panel; None where it may have rows that the study's own has not."""
    steps = data_steps(other, own.root, own.engine)
    if "quality" in steps and other.customs == own.study.customs:
        steps["quality"] = replace(steps["quality"], run=_from_coded(own, other, steps["quality"]))
    measured = [family for family in SIDES if family in steps]
    done = _performed(steps, measured, own.store)
    rows = own.uncut()
    if other.without_regions != own.study.without_regions:
        rows = leave_out_regions(rows, other.without_regions)
    for family in measured:
        if done[family].key != own.done[family].key:
            placed = _placed(rows, own.measured(family), _stored(done, family), SIDES[family])
            if placed is None or placed.is_empty():
                return None
            rows = placed
    chosen = other.winsor
    if not chosen.columns:
        return rows
    cut: Table = winsorise(
        Table("panel", rows), tuple(chosen.columns), cuts=chosen.cuts, by=chosen.by, trim=chosen.trim
    )
    return cut.polars()


def _from_coded(own: Own, other: Study, step: Step) -> Callable[[Path, Folders], None]:
    """The step that measures quality, from customs rows that are in codes where the measure is one of our own."""
    at = Setting(other, own.root, own.engine)
    if not measure_of(other, "quality").function.__module__.startswith("integrade.quality."):
        return step.run
    return lambda out, _: quality.measure(at, out, own.customs())


def _performed(steps: dict[str, Step], wanted: Sequence[str], store: Path) -> dict[str, Done]:
    """Steps with those they need; what is stored is reused."""
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
    table = pl.read_parquet(done[family].folder / f"{family}.parquet")
    return table.rename({"integration": "market"}) if family == "integration" else table


def _placed(rows: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame | None:
    """Rows of a panel with the columns of ``after`` in the place of those of ``before``, both one row per key.

    Rows whose key is not in ``after`` are left out. None where ``after`` has keys or columns that ``before`` has not.
    """
    if after.schema != before.schema:
        return None
    if not after.select(key).equals(before.select(key)) and after.join(before, on=key, how="anti").height:
        return None
    columns = [c for c in after.columns if c not in key]
    joined = rows.drop(columns).join(after, on=key, how="inner", maintain_order="left")
    return joined.select(rows.columns)
