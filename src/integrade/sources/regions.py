"""One spelling for each province within a table."""

from __future__ import annotations

from typing import Literal

import narwhals as nw

from integrade.account import Entry
from integrade.errors import option
from integrade.frames import Frame, collect, place
from integrade.geography import Province, province_of
from integrade.texts import say

Spelling = Literal["as_is", "english", "chinese"]
PLACES = {"flows": ("origin", "destination")}
"""The columns that name regions, where it is not ``region``."""


def one_spelling(frame: Frame, spelling: Spelling, table: str) -> tuple[Frame, list[Entry]]:
    """Write each Chinese province in one way; names that are no province (cities, states) are never touched.

    ``as_is`` keeps the file's names; only a province that the table spells in several ways (北京, 北京市) gets its
    short Chinese name, or its English one when no spelling is Chinese. ``english`` and ``chinese`` apply to
    all. What is changed is counted, and so are names that are no province beside others that are. In a table of flows
    both ends of a flow are regions, spelt alike.
    """
    columns = frame.collect_schema().names()
    places = [c for c in PLACES.get(table, ("region",)) if c in columns]
    if not places:
        return frame, []
    rows: dict[str, int] = {}
    for column in places:
        counts = collect(frame.group_by(column).agg(n=nw.len()))
        for name, n in counts.iter_rows():
            if name is not None:
                rows[name] = rows.get(name, 0) + n
    rows = dict(sorted(rows.items()))
    known = {name: found for name in rows if (found := province_of(str(name)))}
    change = {old: new for old, new in _new_names(known, spelling).items() if old != new}
    notes = _notes(rows, known, change, table)
    if not change:
        return frame, notes
    import polars as pl

    for column in places:
        names = pl.DataFrame({column: list(change), "_new": list(change.values())})
        joined = frame.join(place(names, frame), on=column, how="left")
        new = nw.when(nw.col("_new").is_null()).then(nw.col(column)).otherwise(nw.col("_new")).alias(column)
        frame = joined.with_columns(new).select(*columns)
    return frame, notes


def _new_names(known: dict[str, Province], spelling: Spelling) -> dict[str, str]:
    if spelling == "english":
        return {name: p.english for name, p in known.items()}
    if spelling == "chinese":
        return {name: p.chinese_short for name, p in known.items()}
    spellings: dict[str, list[str]] = {}
    for name, p in known.items():
        spellings.setdefault(p.english, []).append(name)
    chosen: dict[str, str] = {}
    for names in spellings.values():
        if len(names) > 1:
            p = known[names[0]]
            chinese = any(not n.isascii() for n in names)
            chosen |= dict.fromkeys(names, p.chinese_short if chinese else p.english)
    return chosen


def _notes(rows: dict[str, int], known: dict[str, Province], change: dict[str, str], table: str) -> list[Entry]:
    notes = []
    if change:
        shown = "; ".join(f"{old} -> {new}" for old, new in list(change.items())[:3])
        n = sum(rows[name] for name in change)
        notes.append(
            Entry("read", table, "note", say("sources.provinces-respelt", spellings=str(len(change)), n=n), n, shown)
        )
    others = [name for name in rows if name not in known]
    if known and others:
        n = sum(rows[name] for name in others)
        reason = say("sources.no-provinces", names=str(len(others)), n=n, option=option("where"))
        notes.append(Entry("read", table, "note", reason, n, ", ".join(others[:3])))
    return notes
