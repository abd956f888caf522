"""Names of regions that find no partner, as they are told: by rows, each with the nearest name; slips are refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from integrade.errors import UnknownRegion, option, said_in_a_file
from integrade.geography.countries import built_in, candidates, mostly
from integrade.geography.value import Former, Geography, Unmatched, region_key, slip_of, unmatched
from integrade.wording.texts import Said, listed, say

MOST = 4
"""Regions that are named of those that a name may be."""


def told(found: Sequence[Unmatched], most: int = 8) -> Said:
    """The names with their rows and the nearest name, the most rows first."""
    shown = listed([_one(one) for one in found[:most]], "comma")
    return say("account.and-others", items=shown) if len(found) > most else shown


def _one(one: Unmatched) -> Said:
    if one.former is not None:
        now, key = " + ".join(one.former.now), "former-name" if one.former.same else "former-area"
        return say(f"geography.{key}", name=one.name, rows=one.rows, version=one.former.version, now=now)
    if one.perhaps:
        shown = " / ".join(one.perhaps[:MOST])
        return say("geography.perhaps-names", name=one.name, rows=one.rows, perhaps=shown)
    if one.near is None:
        return say("geography.few-rows", name=one.name, rows=one.rows)
    return say("geography.near-name", name=one.name, rows=one.rows, near=one.near)


def of_a_country(found: Sequence[Unmatched], country: Geography) -> list[Unmatched]:
    """The names with the nearest one in a country, or those that a part of them names, and what they were once."""
    return [
        one._replace(
            near=None if (perhaps := country.perhaps(one.name)) else country.nearest(one.name),
            former=country.once(one.name),
            perhaps=perhaps,
        )
        for one in found
    ]


def near_words(near: str | None, perhaps: Sequence[str]) -> str:
    """``nearest 'Kedah'``; for a name that says more: ``which may be 'México' or 'Ciudad de México'``; else empty."""
    if perhaps:
        return f"which may be {' or '.join(map(repr, perhaps[:MOST]))} or none of them"
    return f"nearest {near!r}" if near else ""


def alias_line(wrong: str, right: str) -> str:
    """What says which region a spelling means: a line of a study file, else its usual name in the data."""
    if said_in_a_file():
        return f'[geography] aliases = {{ "{wrong}" = "{right}" }}'
    return f'write "{right}" for "{wrong}" in the data'


def own_line(name: str) -> str:
    """What says that a name is a region of its own: an alias of itself in a study file, else a file of regions."""
    if said_in_a_file():
        return alias_line(name, name)
    return f"{option('geography', 'regions.csv')}, a file with a row for {name!r} and each other region"


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
                    f"{one.name!r} ({one.rows} rows of {mine}) is not a region of {other}, nearest {two.name!r}, "
                    f"which is not a region of {mine}",
                    remedy=f"if they are one region: {alias_line(one.name, two.name)}; if they are two: "
                    f"{own_line(one.name)}",
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


def country_line(code: str) -> str:
    """How a country is named: ``[geography] country = "MY"`` in a study file, else the option ``geography``."""
    return f'[geography] country = "{code}"' if said_in_a_file() else option("geography", code)


def why_unknown(names: Collection[str]) -> tuple[str, str]:
    """Why no built-in country has all of some names, and what helps: a country, an alias, a file.

    Example:
        >>> why_unknown(["Johor", "Kedah", "Pulau Pinag"])[0]
        "2 of 3 regions are states of Malaysia, 'Pulau Pinag' is none (nearest 'Pulau Pinang')"
    """
    found = candidates(names)
    whole = [one.geography for one in found if one.known == one.of]
    own = option("geography", "regions.csv") if not said_in_a_file() else '[geography] file = "regions.csv"'
    if whole:
        named = " and ".join(one.title for one in whole)
        return f"the regions may be those of {named}", f"say which: {' or '.join(country_line(g.code) for g in whole)}"
    strange = next((n for n in sorted(names) if not any(one.geography.region(n) for one in found)), None)
    most = mostly(names)
    if most is not None:
        country = most.geography
        gone = [name for name in sorted(names) if country.region(name) is None]
        strange = next((name for name in gone if country.once(name)), gone[0])
        near, once = country.nearest(strange), country.once(strange)
        what = f"{most.known} of {most.of} regions are {units_said(country)}, {strange!r} is none"
        if once:
            return f"{what} ({once.version}: {today(once)})", of_today(once)
        perhaps = country.perhaps(strange)
        if perhaps:
            which = f"say which it is: {alias_line(strange, '...')}; or give a file: {own}"
            return f"{what} ({near_words(near, perhaps)})", which
        if near:
            return (
                f"{what} ({near_words(near, ())})",
                f"if it is that: {alias_line(strange, near)}; else a file: {own}",
            )
        return what, f"leave its rows out with {option('where')}, or give a file: {own}"
    what = (
        "no built-in country has all of the regions"
        if strange is None
        else f"{strange!r} is not a region of a built-in country"
    )
    return what, f"give a file of your regions: {own}"


def today(once: Former) -> str:
    """What a code or name of another version is today: a region, or where its area is."""
    named = " and ".join(map(repr, once.now))
    return f"today {named}" if once.same else f"its area is in {named} today"


def of_today(once: Former) -> str:
    """What helps with a code or name of another version: an alias only where its borders are those of today."""
    if once.same:
        return f"if it is that: {alias_line(once.spelling, once.now[0])}; else recode the files to one version"
    return (
        "recode the files to the regions of today, or give a file of your regions (docs/geography.md); or take it for "
        f"a region of its own, of which no place is known: {own_line(once.spelling)}"
    )
