"""One spelling for each province within a table, and regions that are left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, cast

import narwhals as nw

from integrade.account import Account, Entry
from integrade.errors import UnknownName, did_you_mean, option
from integrade.frames import Data, Frame, Table, account_of, collect, enter, give_back, place
from integrade.geography import Province, plain_name, province_of
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


def same_region(a: str, b: str) -> bool:
    """Whether two names are one region: spellings of one province of China, else equal but for case and signs.

    Example:
        >>> same_region("Tibet", "西藏自治区"), same_region("Xizang", "西藏"), same_region("吉林市", "吉林")
        (True, True, False)
    """
    first, second = province_of(a), province_of(b)
    return first is second if first or second else plain_name(a) == plain_name(b)


def leave_out_regions(data: Data, regions: Sequence[str], name: str = "table") -> Data:
    """The table without the rows of some regions; flows from or to one of them go too.

    Names match in every script and spelling of a province (`same_region`). A table without a column of regions comes
    back as it is. What leaves is counted by region.

    Args:
        data: any table with region, or with origin and destination.
        regions: names of regions.
        name: what the table is called in the account, where it has no name of its own.

    Returns: the same kind of table.

    Example:
        >>> import polars as pl
        >>> leave_out_regions(pl.DataFrame({"region": ["北京", "西藏"], "x": [1, 2]}), ["Tibet"]).rows()
        [('北京', 1)]
    """
    frame, called = enter(data), data.name if isinstance(data, Table) else name
    places = _places_of(frame, called)
    if not places or not regions:
        return data
    entries, gone = list[Entry](), list[str]()
    for region in dict.fromkeys(regions):
        names = [n for n in _names(frame, places) if same_region(n, region) and n not in gone]
        gone += names
        n = _rows_of(frame, places, names) if names else 0
        if n:
            reason = say("sources.region-left-out", region=region)
            entries.append(Entry("read", called, "dropped", reason, n, ", ".join(names[:3])))
            frame = frame.filter(*[~nw.col(c).is_in(names) | nw.col(c).is_null() for c in places])
    if not entries:
        return data
    account = account_of(data) + Account(tuple(entries))
    if isinstance(data, Table):
        return cast(Data, Table(data.name, nw.to_native(frame), account, conformed=data.conformed))
    return give_back(frame, data, name=called, account=account)


def refuse_unknown_regions(tables: Iterable[Table], regions: Sequence[str]) -> None:
    """Raise `UnknownName` for a region that none of the tables has, with the nearest name in any script."""
    known = sorted({n for t in tables for n in regions_of(t)})
    for region in regions:
        if known and not any(same_region(region, name) for name in known):
            provinces = [p for name in known if (p := province_of(name))]
            others = [n for p in provinces for n in (p.english, p.pinyin, p.chinese_short)]
            raise UnknownName(
                f"{option('without_regions')} names {region!r}, and no table of the index has it",
                remedy=did_you_mean(region, [*known, *others]),
            )


def regions_of(table: Table) -> list[str]:
    """The names of regions in a table, sorted, as they are written; of flows those of both ends."""
    frame = enter(table)
    return _names(frame, _places_of(frame, table.name))


def _places_of(frame: Frame, table: str) -> list[str]:
    columns = frame.collect_schema().names()
    return [c for c in PLACES.get(table, ("region",)) if c in columns]


def _names(frame: Frame, places: Sequence[str]) -> list[str]:
    """The names of regions in a table, sorted."""
    found: set[Any] = set()
    for column in places:
        found |= set(collect(frame.select(column).unique())[column].drop_nulls().to_list())
    return sorted(str(name) for name in found)


def _rows_of(frame: Frame, places: Sequence[str], names: Sequence[str]) -> int:
    test = nw.any_horizontal(*[nw.col(c).is_in(names) for c in places], ignore_nulls=True)
    return int(collect(frame.filter(test).select(n=nw.len())).item())
