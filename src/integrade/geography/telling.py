"""Names of regions that find no partner, as they are told: by rows, each with the nearest name; slips are refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from integrade.errors import UnknownRegion
from integrade.geography.countries import built_in
from integrade.geography.value import Geography, Unmatched, region_key, slip_of, unmatched
from integrade.texts import Said, listed, say


def told(found: Sequence[Unmatched], most: int = 8) -> Said:
    """The names with their rows and the nearest name, the most rows first."""
    shown = listed([_one(one) for one in found[:most]], "comma")
    return say("account.and-others", items=shown) if len(found) > most else shown


def _one(one: Unmatched) -> Said:
    if one.near is None:
        return say("geography.few-rows", name=one.name, rows=one.rows)
    return say("geography.near-name", name=one.name, rows=one.rows, near=one.near)


def alias_line(wrong: str, right: str) -> str:
    """The line of a study file that says which region a spelling means."""
    return f'[geography] aliases = {{ "{wrong}" = "{right}" }}'


def slips(
    ours: Mapping[str, int], theirs: Collection[str], tables: tuple[str, str], geography: Geography | None = None
) -> Iterator[UnknownRegion]:
    """Regions that each of two tables lacks and whose names differ by one letter: one region, or two?

    Names that a country knows as two of its regions, and those of a user's aliases, are what they say.
    """
    mine, other = tables
    lone = unmatched(dict.fromkeys(theirs, 0), ours, geography)
    for one in unmatched(ours, theirs, geography):
        for two in lone:
            if slip_of(one.name, two.name) and not _settled(one.name, two.name, geography):
                yield UnknownRegion(
                    f"{one.name!r} ({one.rows} rows of {mine}) is no region of {other}, nearest {two.name!r}, "
                    f"which is no region of {mine}",
                    remedy=f"if they are one region: {alias_line(one.name, two.name)}; if they are two: "
                    f"{alias_line(one.name, one.name)}",
                )


def _settled(a: str, b: str, geography: Geography | None) -> bool:
    own = {region_key(alias) for alias, _ in geography.aliases} if geography is not None else set()
    known = [geography] if geography is not None and geography.regions else built_in().values()
    return not own.isdisjoint((region_key(a), region_key(b))) or any(g.region(a) and g.region(b) for g in known)


def units_said(geography: Geography) -> Said:
    """What the regions are: ``states of Malaysia``."""
    if geography.code in built_in():
        return say(f"geography.units-of-{geography.code.lower()}")
    return say("geography.units-of-file", title=geography.title)
