"""The countries whose regions are built in, and which of them some names are."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from integrade.engine import doors
from integrade.errors import UnknownName, did_you_mean
from integrade.geography.china import CHINA, province_of
from integrade.geography.value import Former, Geography, Region, plain_code, plain_name, region_key

PLACES = Path(__file__).parent / "places"
NOWHERE = (math.nan, math.nan)


@cache
def built_in() -> Mapping[str, Geography]:
    """Every country that is built in, by its code: China, and those of the files beside this one."""
    found = [CHINA, *(_read(path) for path in sorted(PLACES.glob("*.toml")))]
    return {one.code: one for one in sorted(found, key=lambda one: one.code)}


def country(name: str) -> Geography | None:
    """The built-in country of a code or a name: ``MY``, ``my``, ``Malaysia``; None where there is none."""
    asked = plain_name(name)
    return next((one for one in built_in().values() if asked in (plain_name(one.code), plain_name(one.title))), None)


def is_country(name: str) -> bool:
    """Whether a country of that code or name is built in."""
    return country(name) is not None


def geography_of(names: Iterable[str]) -> Geography | None:
    """The one built-in country of which every name is a region; None where there is none, or more than one.

    Names that are figures alone (``06``) tell no country.

    Example:
        >>> geography_of(["北京", "Tibet"]).title, geography_of(["北京", "Lazio"])
        ('China', None)
    """
    found = [one.geography for one in candidates(names) if one.known == one.of]
    return found[0] if len(found) == 1 else None


def geography_from(choice: Geography | str | None) -> Geography | None:
    """A geography as it is, the built-in country of a code or a name, None for None. Raises `UnknownName`."""
    if choice is None or isinstance(choice, Geography):
        return choice
    found = country(choice)
    if found is None:
        known = [name for one in built_in().values() for name in (one.code, one.title)]
        raise UnknownName(f"no geography {choice!r}", remedy=_within(choice) or did_you_mean(choice, known))
    return found


def _within(country: str) -> str:
    """The built-in geographies of several countries that have the regions of one, the finer first; empty for none.

    Example:
        >>> _within("PL")
        'its regions are among those of EU2 (European Union (NUTS 2): 17 of them), or of EU (European Union: 7 of them)'
    """
    code = re.compile(rf"{re.escape(country.upper())}[0-9A-Z]{{1,2}}")
    found = {
        one: sum(
            r.area.casefold() == country.casefold() or (len(country) == 2 and any(map(code.fullmatch, r.codes)))
            for r in one.regions
        )
        for one in built_in().values()
        if one.code.startswith("EU")
    }
    there = sorted((one for one in found if found[one]), key=lambda one: -found[one])
    each = [f"{one.code} ({one.title}: {found[one]} of them)" for one in there]
    return f"its regions are among those of {', or of '.join(each)}" if each else ""


def key_of(name: str, geography: Geography | None = None) -> str:
    """What two spellings of one region share: as `region_key`, a province of China by its name."""
    province = None if geography is not None and geography.regions else province_of(name)
    return plain_name(province.english) if province else region_key(name, geography)


class Candidate(NamedTuple):
    """A country, how many of the names are its regions, of how many."""

    geography: Geography
    known: int
    of: int


def candidates(names: Iterable[str]) -> tuple[Candidate, ...]:
    """The built-in countries that know some of the names, those that know most first."""
    asked = sorted({str(name) for name in names})
    if all(plain_code(name).isdigit() for name in asked):
        return ()
    found = [Candidate(one, sum(one.region(n) is not None for n in asked), len(asked)) for one in built_in().values()]
    return tuple(sorted((one for one in found if one.known), key=lambda one: (-one.known, one.geography.code)))


def mostly(names: Iterable[str]) -> Candidate | None:
    """The built-in country whose regions most of the names are, of today or of another version; None for none such.

    ``known`` are those of today.
    """
    asked = sorted({str(name) for name in names})
    for one in built_in().values():
        known = sum(one.region(n) is not None for n in asked)
        once = sum(one.once(n) is not None for n in asked) if one.former else 0
        if once and 2 * (known + once) > len(asked):
            return Candidate(one, known, len(asked))
    return next((one for one in candidates(asked) if 2 * one.known > one.of), None)


def _read(path: Path) -> Geography:
    """A country's file: its head, one line for each region, one for each region's later neighbours.

    Regions stand there by name or by their first code. ``unknown`` are groups of regions without an outline of their
    own: of any two of them, and of each with those ``beside`` them, it is not known whether they are neighbours.
    ``former`` are codes and names of other versions, with the regions of today (``~``: of other borders).
    """
    raw = tomllib.loads(doors.read_text(path))
    areas = raw.get("areas", {})
    regions = tuple(
        Region(
            one["name"],
            tuple(one.get("aliases", ())),
            tuple(one["codes"]),
            one.get("area") or areas.get(one["codes"][0][:2], ""),
            float(one.get("middle", NOWHERE)[0]),
            float(one.get("middle", NOWHERE)[1]),
            (one["tile"][0], one["tile"][1]),
            one.get("label") or one["codes"][0],
        )
        for one in raw["regions"]
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
    """Codes of today, with ``~`` before them where the one region of today has other borders."""
    now = tuple(name_of[code] for code in codes if code != "~")
    return Former(spelling, version, now, same=codes[0] != "~" and len(now) == 1)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
