"""Normalise the names in a table by their letters (`rawcells.cells.lettering`), with notes on what changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import narwhals as nw

from integrade.engine.frames import Frame, beside, collect, foreign_texts
from plainwords.account import Entry
from plainwords.texts import say
from rawcells.cells.lettering import SUSPECT, lettered, with_code_points


def by_letters(
    frame: Frame, names: Sequence[str], source: str, known: Collection[str] = ()
) -> tuple[Frame, list[Entry]]:
    """Normalise each name in text columns; also return notes with the number of rows changed.

    ``known``: columns that hold names or codes, never numbers. Columns with only ASCII are skipped. In any other
    column, only cells with a character of `lettering.SUSPECT` are checked.
    """
    notes = []
    for column in foreign_texts(frame, names):
        odd = frame.filter(nw.col(column).str.contains(SUSPECT)).group_by(column).agg(_rows=nw.len())
        odd_names = collect(odd).sort(column)
        change = {old: new for old in odd_names[column] if (new := lettered(old, is_name=column in known)) != old}
        if not change:
            continue
        import polars as pl

        rows = int(odd_names.filter(pl.col(column).is_in(list(change)))["_rows"].sum())
        new_column = "_by letters"
        frame = beside(frame, pl.DataFrame({column: list(change), new_column: list(change.values())}), [column])
        frame = frame.with_columns(nw.coalesce(new_column, column).alias(column)).drop(new_column)
        old, new = next(iter(change.items()))
        reason = say("sources.by-letters", column=column, names=len(change), n=rows)
        notes.append(Entry("read", source, "note", reason, rows, f"{with_code_points(old)!r} -> {new!r}"))
    return frame, notes
