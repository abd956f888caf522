"""Write each region of a table in one spelling, and remove rows of regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

import narwhals as nw

from integrade.engine.frames import Data, Frame, Table, account_of, collect, enter, give_back, place
from integrade.errors import UnknownName, UnknownRegion, did_you_mean, option
from integrade.geography import (
    Geography,
    Province,
    are_counties,
    built_in,
    candidates,
    geography_of,
    mostly,
    one_region,
    province_of,
    province_of_county,
    unmatched,
)
from integrade.geography.telling import (
    alias_line,
    near_words,
    of_a_country,
    of_today,
    own_line,
    today,
    told,
    units_said,
)
from integrade.records.schema import refuse_merged
from plainwords.account import Account, Entry
from plainwords.texts import Said, say

Spelling = Literal["as_is", "english", "chinese"]
PLACES = {"flows": ("origin", "destination")}
"""Columns that name regions, for tables that have no column ``region``."""
OF_FIRMS = ("firms", "registry")
"""Tables whose region may be the code of a county. In other tables, such a code is a region of its own."""
PARTLY = "sources.regions-partly-of"


def one_spelling(frame: Frame, spelling: Spelling, table: str) -> tuple[Frame, list[Entry]]:
    """Write each region in one way, if the names are provinces of China or all belong to one built-in country.

    ``as_is`` keeps the names of the file, with one exception. A province that the table spells in several ways (北京,
    北京市) gets its short Chinese name, or its English name if no spelling is Chinese. ``english`` and ``chinese``
    rename all provinces, and ``english`` all regions of another country. Changes are counted. Names that are not
    provinces are also counted, if other names are provinces. Cities of the Yangtze River Delta are regions of another
    country here, although Shanghai is a province. In a table of flows, the regions at both ends of a flow
    are spelt in the same way. A region of another country that is spelt in several ways gets its usual name. In a table
    of another country, nothing changes if any name is not one of its regions (`geography_of`). Accounts of firms often
    have the code of a county in place of the province: its first two digits are the province.
    """
    columns = frame.collect_schema().names()
    places = [c for c in PLACES.get(table, ("region",)) if c in columns]
    if not places:
        return frame, []
    rows = _rows_by_name(frame, places)
    if table in OF_FIRMS and are_counties(rows):
        return _provinces_of_counties(frame, rows, spelling, table)
    known = {name: province for name in rows if (province := province_of(str(name)))}
    change = {old: new for old, new in _new_names(known, spelling).items() if old != new}
    if known and not _mostly_elsewhere(rows, len(known)):
        notes = _respelt(rows, change, table, "sources.provinces-respelt")
        others = [name for name in rows if name not in known]
        if others:
            n = sum(rows[name] for name in others)
            reason = say("sources.no-provinces", names=str(len(others)), n=n, option=option("where"))
            notes.append(Entry("read", table, "note", reason, n, ", ".join(others[:3])))
    else:
        change = _usual_names(rows, geography_of(rows), all_of_them=spelling == "english")
        notes = [*_respelt(rows, change, table, "sources.regions-respelt"), *_country(rows, table)]
    return (_renamed(frame, places, change), notes) if change else (frame, notes)


def _provinces_of_counties(
    frame: Frame, rows: Mapping[str, int], spelling: Spelling, table: str
) -> tuple[Frame, list[Entry]]:
    """Replace the codes of counties by the names of their provinces. Other texts stay and are counted."""
    provinces = {code: province for code in rows if (province := province_of_county(code))}
    change = {code: p.english if spelling == "english" else p.chinese_short for code, p in provinces.items()}
    n = sum(rows[code] for code in provinces)
    code, name = next(iter(change.items()))
    reason = say("sources.provinces-of-counties", codes=len(change), n=n)
    notes = [Entry("read", table, "note", reason, n, f"{code} -> {name}")]
    if others := [code for code in rows if code not in provinces]:
        left = sum(rows[code] for code in others)
        said = say("sources.no-provinces", names=str(len(others)), n=left, option=option("where"))
        notes.append(Entry("read", table, "warning", said, left, ", ".join(others[:3])))
    as_text = frame.with_columns(region=nw.col("region").cast(nw.String))
    return _renamed(as_text, ["region"], change), notes


def _mostly_elsewhere(rows: Mapping[str, int], provinces: int) -> bool:
    """Return whether most names are regions of a geography other than China, and more of them than are provinces."""
    most = mostly(rows) if provinces < len(rows) else None
    return most is not None and most.geography.code != "CN" and most.known > provinces


def _rows_by_name(frame: Frame, places: Sequence[str]) -> dict[str, int]:
    """Count the rows of each region, sorted by name."""
    rows: dict[str, int] = {}
    for column in places:
        counts = collect(frame.group_by(column).agg(n=nw.len()))
        for name, n in counts.iter_rows():
            if name is not None:
                rows[str(name)] = rows.get(str(name), 0) + n
    return dict(sorted(rows.items()))


def _renamed(frame: Frame, places: Sequence[str], change: Mapping[str, str]) -> Frame:
    import polars as pl

    columns = frame.collect_schema().names()
    for column in places:
        names = pl.DataFrame({column: list(change), "_new": list(change.values())})
        joined = frame.join(place(names, frame), on=column, how="left")
        new = nw.when(nw.col("_new").is_null()).then(nw.col(column)).otherwise(nw.col("_new")).alias(column)
        frame = joined.with_columns(new).select(*columns)
    return frame


def _usual_names(rows: Mapping[str, int], geography: Geography | None, *, all_of_them: bool) -> dict[str, str]:
    """Return the usual name of each region that is spelt in several ways (or of all regions), if it differs."""
    if geography is None:
        return {}
    spellings: dict[str, list[str]] = {}
    for name in rows:
        spellings.setdefault(geography.usual(name), []).append(name)
    several = {new: names for new, names in spellings.items() if all_of_them or len(names) > 1}
    return {old: new for new, names in several.items() for old in names if old != new}


def _country(rows: Mapping[str, int], table: str) -> list[Entry]:
    """Return a note on the country of the names.

    The note is a warning if the names fit several countries, or if only some of the names fit one.
    """
    countries = candidates(rows)
    whole = [one for one in countries if one.known == one.of]
    if len(whole) == 1:
        one = whole[0].geography
        text = say("sources.regions-of", n=len(rows), units=units_said(one))
        return [Entry("read", table, "note", text, 0)]
    if whole:
        named = [f'{one.geography.title} (country = "{one.geography.code}")' for one in whole]
        text = say("sources.regions-of-several", n=len(rows), countries=", ".join(named))
        return [Entry("read", table, "warning", text, 0)]
    most = mostly(rows)
    # Two names in common, today or in earlier years, may be chance.
    if most is None or (most.known <= 2 and sum(most.geography.once(name) is not None for name in rows) <= 2):
        return []
    country = most.geography
    known = [name for name in rows if country.region(name)]
    strangers = unmatched(rows, known or rows, country)
    text = say(
        PARTLY,
        known=most.known,
        n=len(rows),
        units=units_said(country),
        names=told(of_a_country(strangers, country)),
        line=f'[geography] country = "{country.code}"',
    )
    return [Entry("read", table, "warning", text, sum(one.rows for one in strangers))]


def respell(data: Table, geography: Geography | None) -> Table:
    """Write every region by its usual name in the study's geography, or by the name that its aliases define.

    Nothing changes without a geography, or in a table without regions. Changes are counted. The warning that only some
    names belong to the country is removed, because every name is now a region or has an alias.

    Raises `UnknownRegion` for a name that is not a region of the geography, if it has regions; the error has the rows
    and the nearest name. Raises `DuplicateKeys` if two names become one region, so that their rows have the same key.
    """
    frame = enter(data)
    places = _places_of(frame, data.name)
    if geography is None or not places:
        return data
    rows = _rows_by_name(frame, places)
    account = account_of(data)
    if geography.regions:
        refuse_strangers(rows, geography, data.name)
        account = Account(tuple(e for e in account if not (isinstance(e.reason, Said) and e.reason.key == PARTLY)))
    change = {name: new for name in rows if (new := geography.usual(name)) != name}
    if change:
        account += _respelt(rows, change, data.name, "sources.regions-respelt")
        frame = _renamed(frame, places, change)
        refuse_merged(frame, data.name, data.conformed, change, places)
    return Table(data.name, nw.to_native(frame), account, data.conformed, data.form, data.units)


def refuse_strangers(rows: Mapping[str, int], geography: Geography, table: str) -> None:
    """Raise `UnknownRegion` for a name that is neither a region of the geography nor an alias of the study."""
    strangers = of_a_country(unmatched(rows, [r.name for r in geography.regions], geography), geography)
    gone = [one for one in strangers if not geography.has_alias(one.name)]
    if gone:
        first = gone[0]
        near = f", {words}" if (words := near_words(first.near, first.perhaps)) else ""
        if first.former:
            near = f", but one of {first.former.version}: {today(first.former)}"
        more = f" ({len(gone)} such names: {told(gone)})" if len(gone) > 1 else ""
        raise UnknownRegion(
            f"{first.name!r} ({first.rows} rows of {table}) is not a region of {geography.title}{near}{more}",
            remedy=f"{of_today(first.former)}; or leave its rows out with {option('where')}"
            if first.former and not first.former.same
            else f"if it is another name of a region: {alias_line(first.name, first.near or '...')}; if it is a new "
            f"region: {own_line(first.name)}; or leave its rows out with {option('where')}",
        )


def _new_names(known: dict[str, Province], spelling: Spelling) -> dict[str, str]:
    """Return the name of each province in the chosen spelling; for ``as_is`` only of those with several spellings."""
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


def _respelt(rows: Mapping[str, int], change: Mapping[str, str], table: str, key: str) -> list[Entry]:
    if not change:
        return []
    shown = "; ".join(f"{old} -> {new}" for old, new in list(change.items())[:3])
    n = sum(rows[name] for name in change)
    return [Entry("read", table, "note", say(key, spellings=str(len(change)), n=n), n, shown)]


def same_region(a: str, b: str) -> bool:
    """Return whether two names are one region.

    Spellings of one province of China, or of one region of another built-in country, are one region. All other names
    must be equal, except for case, accents and signs.

    Example:
        >>> same_region("Tibet", "西藏自治区"), same_region("Xizang", "西藏"), same_region("吉林市", "吉林")
        (True, True, False)
    """
    first, second = province_of(a), province_of(b)
    return first is second if first or second else one_region(a, b, built_in().values())


def leave_out_regions(data: Data, regions: Sequence[str], name: str = "table") -> Data:
    """Return a table without the rows of some regions.

    Flows from or to one of these regions are dropped too. Names match in every script and spelling of a province
    (`same_region`). A table without a column of regions is returned unchanged. Dropped rows are counted by region.

    Args:
        data: any table with region, or with origin and destination.
        regions: names of regions.
        name: name of the table in the account, if the table has none.

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
        if not names:
            continue
        gone += names
        is_left_out = nw.any_horizontal(*[nw.col(c).is_in(names) for c in places], ignore_nulls=True)
        n = int(collect(frame.filter(is_left_out).select(n=nw.len())).item())
        if n:
            reason = say("sources.region-left-out", region=region)
            entries.append(Entry("read", called, "dropped", reason, n, ", ".join(names[:3])))
            frame = frame.filter(*[~nw.col(c).is_in(names) | nw.col(c).is_null() for c in places])
    if not entries:
        return data
    account = account_of(data) + Account(tuple(entries))
    if isinstance(data, Table):
        return cast(Data, Table(data.name, nw.to_native(frame), account, data.conformed, data.form, data.units))
    return give_back(frame, data, name=called, account=account, made=False)


def refuse_unknown_regions(tables: Iterable[Table], regions: Sequence[str]) -> None:
    """Raise `UnknownName` for a region that is in no table. The error gives the nearest name, in Latin or Chinese."""
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
    """Return the sorted names of the regions in a table, as written there; for flows, of the regions at both ends."""
    frame = enter(table)
    return _names(frame, _places_of(frame, table.name))


def _places_of(frame: Frame, table: str) -> list[str]:
    columns = frame.collect_schema().names()
    return [c for c in PLACES.get(table, ("region",)) if c in columns]


def _names(frame: Frame, places: Sequence[str]) -> list[str]:
    """Return the names of regions in a table, sorted."""
    names: set[Any] = set()
    for column in places:
        names |= set(collect(frame.select(column).unique())[column].drop_nulls().to_list())
    return sorted(str(name) for name in names)
