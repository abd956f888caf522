"""Describe names of regions that have no match, with their rows and nearest name, and refuse likely typing errors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from integrade.errors import UnknownRegion, option, said_in_a_file
from integrade.geography.countries import built_in, candidates, mostly
from integrade.geography.value import Former, Geography, Unmatched, region_key, slip_of, unmatched
from plainwords.texts import Said, listed, say

MOST = 4
"""Largest number of regions that are listed as possible meanings of a name."""


def told(names: Sequence[Unmatched], most: int = 8) -> Said:
    """List the first ``most`` names, each with its rows and the nearest name."""
    shown = listed([_one(name) for name in names[:most]], "comma")
    return say("account.and-others", items=shown) if len(names) > most else shown


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


def of_a_country(names: Sequence[Unmatched], country: Geography) -> list[Unmatched]:
    """Add to each name its meaning in another version of a country's regions, and the regions that it may mean.

    These are the regions that share a word with the name, or else the nearest region.
    """
    return [
        name._replace(
            near=None if (perhaps := country.perhaps(name.name)) else country.nearest(name.name),
            former=country.once(name.name),
            perhaps=perhaps,
        )
        for name in names
    ]


def near_words(near: str | None, perhaps: Sequence[str]) -> str:
    """Return ``nearest 'Kedah'``, or ``which may be 'México' or ...`` for a name with more words.

    Returns an empty text if no region is near.
    """
    if perhaps:
        return f"which may be {' or '.join(map(repr, perhaps[:MOST]))} or none of them"
    return f"nearest {near!r}" if near else ""


def alias_line(wrong: str, right: str) -> str:
    """Return how to declare which region a spelling means: a line of a study file, or a correction of the data."""
    if said_in_a_file():
        return f'[geography] aliases = {{ "{wrong}" = "{right}" }}'
    return f'write "{right}" for "{wrong}" in the data'


def own_line(name: str) -> str:
    """Return how to declare a name as a region of its own: an alias of itself in a study file, or a file of regions."""
    if said_in_a_file():
        return alias_line(name, name)
    return f"{option('geography', 'regions.csv')}, a file with a row for {name!r} and each other region"


def slips(
    ours: Mapping[str, int], theirs: Collection[str], tables: tuple[str, str], geography: Geography | None = None
) -> Iterator[UnknownRegion]:
    """Yield an error for two names that differ by one slip (`slip_of`), if each of the two tables lacks one of them.

    A pair is accepted if a country has both names as regions; names in a user's aliases are accepted too.
    """
    mine, table = tables
    lone = unmatched(dict.fromkeys(theirs, 0), ours, geography)
    for here in unmatched(ours, theirs, geography):
        for there in lone:
            if slip_of(here.name, there.name) and not _settled(here.name, there.name, geography):
                yield UnknownRegion(
                    f"{here.name!r} ({here.rows} rows of {mine}) is not a region of {table}, nearest {there.name!r}, "
                    f"which is not a region of {mine}",
                    remedy=f"if they are one region: {alias_line(here.name, there.name)}; if they are two: "
                    f"{own_line(here.name)}",
                )


def _settled(a: str, b: str, geography: Geography | None) -> bool:
    aliases = {region_key(alias) for alias, _ in geography.aliases} if geography is not None else set()
    known = [geography] if geography is not None and geography.regions else built_in().values()
    return not aliases.isdisjoint((region_key(a), region_key(b))) or any(g.region(a) and g.region(b) for g in known)


def units_said(geography: Geography) -> Said:
    """Return what the regions of a geography are called: ``states of Malaysia``."""
    if geography.code in built_in():
        return say(f"geography.units-of-{geography.code.lower()}")
    return say("geography.units-of-file", title=geography.title)


def country_line(code: str) -> str:
    """Return how to state a country: ``[geography] country = "MY"`` in a study file, else the option ``geography``."""
    return f'[geography] country = "{code}"' if said_in_a_file() else option("geography", code)


def why_unknown(names: Collection[str]) -> tuple[str, str]:
    """Return why the country of some names is not known, and what the user can name: a country, an alias, a file.

    Example:
        >>> why_unknown(["Johor", "Kedah", "Pulau Pinag"])[0]
        "2 of 3 regions are states of Malaysia, 'Pulau Pinag' is not one of them (nearest 'Pulau Pinang')"
    """
    countries = candidates(names)
    whole = [candidate.geography for candidate in countries if candidate.known == candidate.of]
    file_line = option("geography", "regions.csv") if not said_in_a_file() else '[geography] file = "regions.csv"'
    if whole:
        named = " and ".join(candidate.title for candidate in whole)
        return (
            f"the regions may be those of {named}",
            f"specify the country: {' or '.join(country_line(g.code) for g in whole)}",
        )
    strange = next(
        (n for n in sorted(names) if not any(candidate.geography.region(n) for candidate in countries)), None
    )
    most = mostly(names)
    if most is not None:
        country = most.geography
        gone = [name for name in sorted(names) if country.region(name) is None]
        strange = next((name for name in gone if country.once(name)), gone[0])
        near, once = country.nearest(strange), country.once(strange)
        what = f"{most.known} of {most.of} regions are {units_said(country)}, {strange!r} is not one of them"
        if once:
            return f"{what} ({once.version}: {today(once)})", of_today(once)
        perhaps = country.perhaps(strange)
        if perhaps:
            which = f"specify the region: {alias_line(strange, '...')}; or give a file: {file_line}"
            return f"{what} ({near_words(near, perhaps)})", which
        if near:
            return (
                f"{what} ({near_words(near, ())})",
                f"if this is right: {alias_line(strange, near)}; if not, give a file: {file_line}",
            )
        return what, f"leave its rows out with {option('where')}, or give a file: {file_line}"
    what = (
        "no built-in country has all of the regions"
        if strange is None
        else f"{strange!r} is not a region of a built-in country"
    )
    return what, f"give a file of your regions: {file_line}"


def today(once: Former) -> str:
    """Describe what a code or name of another version means today: a region, or the regions that contain its area."""
    named = " and ".join(map(repr, once.now))
    return f"today {named}" if once.same else f"its area is in {named} today"


def of_today(once: Former) -> str:
    """Return what the user can do about a code or name of another version.

    An alias of a region of today is suggested only if that region has the same borders.
    """
    if once.same:
        return f"if this is right: {alias_line(once.spelling, once.now[0])}; if not, recode the files to one version"
    return (
        "recode the files to the present regions, or give a file of your regions (docs/geography.md); or treat it "
        f"as a region without coordinates: {own_line(once.spelling)}"
    )
