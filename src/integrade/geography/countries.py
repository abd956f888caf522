"""Load the countries whose regions are built in, and find the country to which some names belong."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from integrade.errors import UnknownName, did_you_mean
from integrade.geography.china import CHINA, province_of
from integrade.geography.value import Former, Geography, Region, plain_code, plain_name, region_key
from rawcells import doors

PLACES = Path(__file__).parent / "places"
NOWHERE = (math.nan, math.nan)


@cache
def built_in() -> Mapping[str, Geography]:
    """Return every built-in country by its code: China, and the countries of the files in ``places``."""
    countries = [CHINA, *(_read(path) for path in sorted(PLACES.glob("*.toml")))]
    return {one.code: one for one in sorted(countries, key=lambda one: one.code)}


def country(name: str) -> Geography | None:
    """Return the built-in country for a code or a name: ``MY``, ``my``, ``Malaysia``; None if there is none."""
    asked = plain_name(name)
    return next(
        (
            geography
            for geography in built_in().values()
            if asked in (plain_name(geography.code), plain_name(geography.title))
        ),
        None,
    )


def is_country(name: str) -> bool:
    """Return whether a country with that code or name is built in."""
    return country(name) is not None


def geography_of(names: Iterable[str]) -> Geography | None:
    """Return the only built-in country that has every name as a region; None if there is none or more than one.

    If all names consist of digits (``06``), they identify no country.

    Example:
        >>> geography_of(["北京", "Tibet"]).title, geography_of(["北京", "Lazio"])
        ('China', None)
    """
    matches = [candidate.geography for candidate in candidates(names) if candidate.known == candidate.of]
    return matches[0] if len(matches) == 1 else None


def geography_from(choice: Geography | str | None) -> Geography | None:
    """Return the geography that a choice means.

    A geography is returned unchanged, a code or name gives a built-in country, and None gives None. Raises
    `UnknownName`.
    """
    if choice is None or isinstance(choice, Geography):
        return choice
    geography = country(choice)
    if geography is None:
        known = [name for known_country in built_in().values() for name in (known_country.code, known_country.title)]
        raise UnknownName(f"no geography {choice!r}", remedy=_within(choice) or did_you_mean(choice, known))
    return geography


def _within(country: str) -> str:
    """Name the built-in geographies of several countries that contain a country's regions, the finest first.

    The result is empty if there are none.

    Example:
        >>> _within("PL")
        'its regions are among those of EU2 (European Union (NUTS 2): 17 of them), or of EU (European Union: 7 of them)'
    """
    code = re.compile(rf"{re.escape(country.upper())}[0-9A-Z]{{1,2}}")
    counts = {
        one: sum(
            r.area.casefold() == country.casefold() or (len(country) == 2 and any(map(code.fullmatch, r.codes)))
            for r in one.regions
        )
        for one in built_in().values()
        if one.code.startswith("EU")
    }
    there = sorted((one for one in counts if counts[one]), key=lambda one: -counts[one])
    each = [f"{one.code} ({one.title}: {counts[one]} of them)" for one in there]
    return f"its regions are among those of {', or of '.join(each)}" if each else ""


def key_of(name: str, geography: Geography | None = None) -> str:
    """Return a key that all spellings of one region share, as `region_key` does.

    For a province of China, the key is its normalised English name, unless another ``geography`` with regions is given.
    """
    province = None if geography is not None and geography.regions else province_of(name)
    return plain_name(province.english) if province else region_key(name, geography)


class Candidate(NamedTuple):
    """A country, the number of asked names that are its regions (``known``), and the number of asked names (``of``)."""

    geography: Geography
    known: int
    of: int


def candidates(names: Iterable[str]) -> tuple[Candidate, ...]:
    """Return the built-in countries that have some of the names as regions; the country with most names comes first."""
    asked = sorted({str(name) for name in names})
    if all(plain_code(name).isdigit() for name in asked):
        return ()
    counts = [Candidate(one, sum(one.region(n) is not None for n in asked), len(asked)) for one in built_in().values()]
    return tuple(sorted((one for one in counts if one.known), key=lambda one: (-one.known, one.geography.code)))


def mostly(names: Iterable[str]) -> Candidate | None:
    """Return the built-in country that has more than half of the names as regions; None if none has.

    Regions of another version count too, but ``known`` of the result counts only regions of today.
    """
    asked = sorted({str(name) for name in names})
    for geography in built_in().values():
        known = sum(geography.region(n) is not None for n in asked)
        once = sum(geography.once(n) is not None for n in asked) if geography.former else 0
        if once and 2 * (known + once) > len(asked):
            return Candidate(geography, known, len(asked))
    return next((geography for geography in candidates(asked) if 2 * geography.known > geography.of), None)


def _read(path: Path) -> Geography:
    """Read a country's file: its head, its regions, and the neighbours of each region.

    Lists of regions have their names or first codes. ``unknown`` lists groups of regions that have no outline. For two
    regions of a group, and for a region of the group and one of ``beside``, it is not known whether they are
    neighbours.
    ``former`` lists codes and names of other versions with the regions of today that replace them (``~``: with other
    borders).
    """
    raw = tomllib.loads(doors.read_text(path))
    areas = raw.get("areas", {})
    regions = tuple(
        Region(
            region["name"],
            tuple(region.get("aliases", ())),
            tuple(region["codes"]),
            region.get("area") or areas.get(region["codes"][0][:2], ""),
            float(region.get("middle", NOWHERE)[0]),
            float(region.get("middle", NOWHERE)[1]),
            (region["tile"][0], region["tile"][1]),
            region.get("label") or region["codes"][0],
        )
        for region in raw["regions"]
    )
    name_of = {key: r.name for r in regions for key in (r.codes[0], r.name)}
    borders = raw.get("borders")
    pairs = (
        None
        if borders is None
        else tuple(sorted(_pair(name_of[a], name_of[b]) for a, others in borders.items() for b in others))
    )
    unknown = {
        (name_of[a], name_of[b])
        for group in raw.get("unknown", ())
        for a in group["regions"]
        for b in (*group["regions"], *group["beside"])
        if a != b
    }
    former = (
        _former(spelling, version, now.split(), name_of)
        for version, codes in raw.get("former", {}).items()
        for spelling, now in codes.items()
    )
    return Geography(
        raw["code"], raw["title"], raw["units"], regions, pairs, unknown=tuple(sorted(unknown)), former=tuple(former)
    )


def _former(spelling: str, version: str, codes: list[str], name_of: Mapping[str, str]) -> Former:
    """Build a former code from the codes of today.

    ``~`` before the codes means that the borders have changed.
    """
    now = tuple(name_of[code] for code in codes if code != "~")
    return Former(spelling, version, now, same=codes[0] != "~" and len(now) == 1)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
