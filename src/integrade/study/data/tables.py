"""Read the tables of a step from raw files, store them, and read them back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from integrade.engine.frames import Engine, Table
from integrade.errors import UsageError
from integrade.geography import Geography
from integrade.sources import leave_out_regions, read_canonical, write_table
from integrade.sources.meaning.regions import respell
from integrade.sources.tables.several_files import with_accounts_beside
from integrade.study.cleaning import cleaned, price_choices
from integrade.study.config import Source
from integrade.study.inputs import beside_of, families_of, found_of, reading_of
from integrade.study.setting import Folders
from plainwords.account import Account, Entry, entries_of
from plainwords.escaping import records_without_secrets
from rawcells import doors

FORMS = "forms.json"
ORDERED = ("prices", "flows", "output", "gdp", "survey", "quality", "panel")
"""Tables whose row order has no meaning, so that they are sorted. Rankings and series keep their order."""


def read_source(
    table: str,
    source: Source,
    root: Path,
    engine: Engine,
    without: Sequence[str] = (),
    geography: Geography | None = None,
) -> Table:
    """Read one raw table of a study as a canonical table, leaving out the rows of the regions ``without``.

    If ``geography`` is given, regions are renamed to the names that they have there. If firms are followed over time,
    all their rows are kept until they have been followed (`read_registers`).
    """
    read = _read(table, source, root, engine)
    for further in beside_of(source):
        if table == "registry":
            raise UsageError(
                "further accounts ([[firms.beside]]) cannot be followed over time", remedy="leave [identity] out"
            )
        read = with_accounts_beside(read, _read(table, further, root, engine))
    read = respell(read, geography)
    kept: Table = read if table == "registry" else leave_out_regions(read, without)
    return cleaned(kept, source)


def _read(table: str, source: Source, root: Path, engine: Engine) -> Table:
    options = replace(reading_of(source, root), families=[str(f) for f in families_of(source, root)])
    files = found_of(source, root)
    read: Table = read_canonical(table, files.files, options=options, engine=engine, **price_choices(source))
    return replace(read, account=Account(files.left) + read.account)


def keep(out: Path, account: Account, tables: Mapping[str, pl.DataFrame]) -> None:
    """Store the tables of a step and its account.

    Tables in `ORDERED` are sorted by all columns that are not floats, so that two runs give equal files.
    """
    for name, rows in tables.items():
        keys = [c for c, kind in rows.schema.items() if name in ORDERED and not kind.is_float()]
        write_table(rows.sort(keys) if keys else rows, out / f"{name}.parquet")
    (out / "account.json").write_text(
        json.dumps(records_without_secrets(account.records()), ensure_ascii=False), encoding="utf-8"
    )


def keep_forms(out: Path, tables: Mapping[str, Table]) -> None:
    """Store the basis of the prices of each table, if its file states it."""
    forms = {name: table.form for name, table in tables.items() if table.form}
    if forms:
        (out / FORMS).write_text(json.dumps(forms), encoding="utf-8")


def measured_from(folder: Path, table: str) -> Table:
    """Return a table that the step ``prices`` stored, with the basis that its file states."""
    file = folder / FORMS
    forms = json.loads(doors.read_text(file)) if file.exists() else {}
    return Table(
        table, pl.read_parquet(doors.regular(folder / f"{table}.parquet")), conformed=table, form=forms.get(table, "")
    )


TABLES = "tables.json"


def keep_whole(out: Path, tables: Mapping[str, Table]) -> None:
    """Store tables of a step with the account of each, so that later steps can use them like tables just read."""
    about = {}
    for name, table in tables.items():
        write_table(table, out / f"{name}.parquet")
        about[name] = {
            "name": table.name,
            "account": records_without_secrets(table.account.records()),
            "conformed": table.conformed,
            "form": table.form,
            "units": dict(table.units),
        }
    (out / TABLES).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")


def kept_whole(folder: Path) -> dict[str, Table]:
    """Return the tables that `keep_whole` stored, in the same order."""
    about = json.loads(doors.read_text(folder / TABLES))
    return {
        name: Table(
            record["name"],
            pl.read_parquet(doors.regular(folder / f"{name}.parquet")),
            Account(tuple(entries_of(record["account"]))),
            conformed=record["conformed"],
            form=record["form"],
            units=record["units"],
        )
        for name, record in about.items()
    }


def stored(done: Folders, table: str) -> Table:
    """Return the table that an earlier step of the same name stored, without the account of that step."""
    return Table(table, pl.read_parquet(doors.regular(done[table] / f"{table}.parquet")), conformed=table)


def account_in(folder: Path) -> list[Entry]:
    """Return the account of a step; empty if it has none."""
    file = folder / "account.json"
    return list(entries_of(json.loads(doors.read_text(file)))) if file.exists() else []
