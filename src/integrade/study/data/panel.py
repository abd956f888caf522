"""Build the estimation panel: firms, the index of their region, their quality, controls and joined tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from integrade.engine.frames import Table
from integrade.panel import Assemble, Controls, assemble
from integrade.panel.controls import controls_made
from integrade.panel.outliers import winsorise
from integrade.records.catalogue import choose
from integrade.records.schema import FOLLOWED
from integrade.sources.meaning.plain_names import plain_names
from integrade.sources.meaning.synonyms import key_of, synonyms
from integrade.study.config import Winsor
from integrade.study.data.accounts import accounts_in
from integrade.study.data.tables import keep, read_source, stored
from integrade.study.geography import geography_in
from integrade.study.records import to_json
from integrade.study.registers import match_registers
from integrade.study.setting import Folders, Setting
from plainwords.account import Account, Entry
from plainwords.texts import say
from rawcells import doors


def run(at: Setting, out: Path, done: Folders) -> None:
    """Match and join the tables into a panel; for an existing panel, read it and winsorise its columns."""
    study, root = at.study, at.root
    where = geography_in(study, root)
    if study.panel is not None:
        given = read_source("panel", study.panel, root, "polars", without=study.without_regions, geography=where)
        _keep_own_panel(given, study.winsor, out, study.panel.reading().columns)
        return
    index, quality = (stored(done, name) if name in done else None for name in ("integration", "quality"))
    there = accounts_in(done["accounts"])
    matched = match_registers(study, there.registers, root, quality)
    panel = assemble(
        there.firms,
        links=matched.links,
        integration=index,
        quality=quality,
        covariates=there.covariates,
        options=Assemble(
            study.controls, tuple(study.winsor.columns), study.winsor.cuts, study.winsor.by, study.winsor.trim, where
        ),
    )
    (out / UNITS).write_text(json.dumps(dict(there.registers.firms.units)), encoding="utf-8")
    made = {
        "market": index is not None,
        "quality": quality is not None,
        "ln_tfp": study.tfp is not None,
        "human_capital": study.education is not None,
    }
    controls = controls_made(choose(Controls, None, study.controls), there.firms.columns)
    columns = [*(column for column, is_made in made.items() if is_made), *controls]
    (out / MADE).write_text(json.dumps(columns), encoding="utf-8")
    links = {"links": matched.links.polars()} if matched.links is not None else {}
    keep(out, panel.account, {"panel": panel.polars(), **links})
    if matched.found is not None:
        (out / "match.json").write_text(to_json(matched.found), encoding="utf-8")


NAMES = "names.json"
"""File with the headings of an existing panel, for columns that have another name in the study."""


MADE = "made.json"
"""File with the columns of a panel that integrade made. Meaning and unit are known only for these columns."""


def made_in(folder: Path) -> tuple[str, ...]:
    """Return the columns of a panel that integrade made; empty for a panel that the user gave."""
    file = folder / MADE
    return tuple(json.loads(doors.read_text(file))) if file.exists() else ()


UNITS = "units.json"
"""File with the units of the accounts after reading, if files or the study state them."""


def units_in(folder: Path) -> dict[str, str]:
    """Return column -> unit of the accounts behind a panel; empty if no unit is stated."""
    file = folder / UNITS
    units: dict[str, str] = json.loads(doors.read_text(file)) if file.exists() else {}
    return units


def _keep_own_panel(given: Table, chosen: Winsor, out: Path, columns: Mapping[str, str]) -> None:
    """Store an existing panel under names that a formula can use, together with the headings of its columns.

    If the heading of its units does not mean firms, the headings of units and regions are stored too, and whether the
    units are regions.
    """
    rows = given.polars()
    renamed = {old: new for old, new in plain_names(rows.columns).items() if old != new}
    notes = [
        Entry("read", "panel", "note", say("panel.named-in-formulas", column=repr(old), name=new), 0)
        for old, new in renamed.items()
    ]
    account = given.account + Account((*notes, Entry("read", "panel", "out", say("account.rows"), rows.height)))
    whole = winsorised(Table("panel", rows.rename(renamed), account, conformed="panel"), chosen)
    keep(out, whole.account, {"panel": whole.polars()})
    names = {new: old for old, new in renamed.items()}
    headings = {new: old for old, new in columns.items() if new in ("firm", "region") and old != new}
    rows = whole.polars()
    of_regions = "region" in rows.columns and bool((rows["firm"] == rows["region"].cast(pl.String)).all())
    unit = headings.get("region", "region") if of_regions else headings.get("firm", "firm")
    if key_of(unit) not in {key_of(word) for word in (*synonyms("panel")["firm"], "firm")}:
        names |= {**headings, "firm": unit, FOLLOWED: "regions" if of_regions else "units"}
    (out / NAMES).write_text(json.dumps(names, ensure_ascii=False), "utf-8")


def names_in(folder: Path) -> dict[str, str]:
    """Return column -> heading in the file, for columns of a panel that have another name in its file."""
    file = folder / NAMES
    names: dict[str, str] = json.loads(doors.read_text(file)) if file.exists() else {}
    return names


def winsorised(panel: Table, chosen: Winsor) -> Table:
    """Return the panel with columns winsorised as in the study."""
    if not chosen.columns:
        return panel
    cut: Table = winsorise(panel, tuple(chosen.columns), cuts=chosen.cuts, by=chosen.by, trim=chosen.trim)
    return cut
