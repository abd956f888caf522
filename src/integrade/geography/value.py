"""Represent the regions of a country or of a file: names, spellings, codes, areas, neighbours and positions."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from integrade.errors import UnknownName

NEAR = 0.6
"""A name is suggested for another only if their similarity is above this value (a convention).

The similarity is that of `difflib` after `plain_name`.
"""
SAME = 0.9
"""Two names with at least this similarity are spellings of one name (a convention)."""
EARTH = 6371.0
"""Radius of the sphere on which distances are measured, in kilometres."""


def plain_name(name: str) -> str:
    """Normalise a name: half width, no accents, case folded, only letters, digits and Chinese characters."""
    text = unicodedata.normalize("NFKD", name).casefold().replace("đ", "d").replace("ł", "l").replace("ø", "o")
    return re.sub(r"[\W_]|[\u0300-\u036f]", "", text)


def plain_code(code: str) -> str:
    """Normalise a code: half width, capitals, no blanks, no leading zeros in numbers.

    Example:
        >>> plain_code(" my-07"), plain_code("07"), plain_code("7")
        ('MY-07', '7', '7')
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).upper()
    return text.lstrip("0") or "0" if text.isdigit() else text


@dataclass(frozen=True)
class Region:
    """Region with its usual name, other names, codes, area, position and cell on a tile map.

    ``longitude`` and ``latitude``: the centroid in degrees, NaN if unknown; in a ``flat`` geography, x and y in
    kilometres. ``tile``: the column counted from the west and the row counted from the north, both from 0. ``label``:
    the short name that the tile shows.
    """

    name: str
    aliases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    area: str = ""
    longitude: float = math.nan
    latitude: float = math.nan
    tile: tuple[int, int] | None = None
    label: str = ""


class Former(NamedTuple):
    """Code or name from another version of a classification.

    ``version``: the version that it comes from. ``now``: the names of the regions of today that contain its area.
    ``same``: whether it is today one region with the same borders.
    """

    spelling: str
    version: str
    now: tuple[str, ...]
    same: bool = True


@dataclass(frozen=True)
class Geography:
    """Regions of a country, or of a user's file, and relations between them.

    ``code``: how a user selects it (``CN``, ``MY``, a file). ``title``: its name. ``units``: what its regions are
    called (``provinces``). ``borders``: pairs of neighbours by name, None if neighbours are not known. ``aliases``: a
    user's own spellings, with the region that each one means; aliases take precedence over all other spellings. A
    geography without regions has only aliases; any other name is then a region by itself. ``unknown``: pairs that may
    be neighbours, the region with the unknown outline first. A pair that is neither in ``unknown`` nor in ``borders``
    is not a pair of neighbours. ``former``: codes and names from other versions, which are not regions of this version.
    """

    code: str
    title: str
    units: str = "regions"
    regions: tuple[Region, ...] = ()
    borders: tuple[tuple[str, str], ...] | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    flat: bool = False
    unknown: tuple[tuple[str, str], ...] = ()
    former: tuple[Former, ...] = ()
    outlines: Mapping[str, tuple[tuple[tuple[float, float], ...], ...]] | None = field(
        default=None, compare=False, repr=False
    )

    @cached_property
    def _by_name(self) -> Mapping[str, Region]:
        return {plain_name(n): r for r in self.regions for n in (r.name, *r.aliases)}

    @cached_property
    def _by_code(self) -> Mapping[str, Region]:
        return {plain_code(c): r for r in self.regions for c in r.codes}

    @cached_property
    def _by_alias(self) -> Mapping[str, str]:
        return {plain_name(a): name for a, name in self.aliases}

    @cached_property
    def _by_former(self) -> Mapping[str, Former]:
        return {
            key: former for former in self.former for key in (plain_name(former.spelling), plain_code(former.spelling))
        }

    @cached_property
    def _partners(self) -> Mapping[str, tuple[str, ...]]:
        partners: dict[str, set[str]] = {r.name: set() for r in self.regions}
        for a, b in self.borders or ():
            partners[a].add(b)
            partners[b].add(a)
        return {name: tuple(sorted(others)) for name, others in partners.items()}

    def region(self, name: str) -> Region | None:
        """Return the region that a name or code means, in any spelling; None if it means none.

        Case, accents, blanks and punctuation do not matter.
        """
        meant = self._by_alias.get(plain_name(name), name)
        return self._by_name.get(plain_name(meant)) or self._by_code.get(plain_code(meant))

    def named(self, name: str) -> Region | None:
        """Return the region that a name means, in any spelling; None for a code."""
        meant = self._by_alias.get(plain_name(name), name)
        return self._by_name.get(plain_name(meant))

    def usual(self, name: str) -> str:
        """Return the usual name of a region; for any other text, what its alias means, or the text itself."""
        region = self.region(name)
        return region.name if region else self._by_alias.get(plain_name(name), name)

    def has_alias(self, name: str) -> bool:
        """Return whether a user's aliases define a name."""
        return plain_name(name) in self._by_alias

    def covers(self, names: Iterable[str]) -> bool:
        """Return whether every name means a region; False if there are no names."""
        known = [self.region(name) is not None for name in names]
        return bool(known) and all(known)

    def neighbours(self, name: str) -> tuple[str, ...]:
        """Return the usual names of the regions with a common border, in alphabetical order.

        Raises `KeyError` for an unknown region, `UnknownName` if some of its neighbours are not known.
        """
        region = self.region(name)
        if region is None:
            raise KeyError(name)
        open_with = sorted({n for pair in self.unknown if region.name in pair for n in pair if n != region.name})
        if self.borders is None or open_with:
            what = f" ({', '.join(open_with[:3])}{' ...' if len(open_with) > 3 else ''} may be)" if open_with else ""
            raise UnknownName(
                f"not all neighbours of {region.name!r} are known in {self.title}{what}",
                remedy="give a file with outlines or with a column of neighbours (docs/geography.md)",
            )
        return self._partners[region.name]

    def without_neighbours_known(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the regions among some names whose neighbours among these names are not all known, by usual name.

        If a geography has no neighbours at all, these are all its regions among the names.
        """
        here = {region.name for name in names if (region := self.region(name))}
        if self.borders is None:
            return tuple(sorted(here))
        return tuple(sorted({a for a, b in self.unknown if a in here and b in here}))

    def once(self, name: str) -> Former | None:
        """Return what a name meant in another version of the classification; None if it has no such meaning."""
        if self.has_alias(name) or self.region(name) is not None:
            return None
        return self._by_former.get(plain_name(name)) or self._by_former.get(plain_code(name))

    def kilometres(self, a: str, b: str) -> float:
        """Return the distance between two regions in km.

        The distance is the great circle, or a straight line if the geography is flat, and NaN if a position is not
        known. Raises `KeyError` for an unknown region.
        """
        first, second = self.region(a), self.region(b)
        if first is None or second is None:
            raise KeyError(a if first is None else b)
        here, there = (first.longitude, first.latitude), (second.longitude, second.latitude)
        return math.dist(here, there) if self.flat else great_circle(here, there)

    def nearest(self, name: str) -> str | None:
        """Return the name of a region (usual or not) that is most similar to an unknown name; None if none is similar.

        For a code or name of another version, return the first of the regions of today that it corresponds to.
        """
        once = self.once(name)
        return once.now[0] if once else nearest(name, [n for r in self.regions for n in (r.name, *r.aliases)])

    def perhaps(self, name: str) -> tuple[str, ...]:
        """Return the regions that an unknown name may mean.

        These are the regions that have the name with an addition in brackets, if there are several. Otherwise they are
        the region with the nearest name, and the regions with a name that shares a word with the unknown name. The
        result is empty if no name is near, if the name has no word that the nearest name lacks, or if it belongs to
        another version.

        Example:
            >>> regions = (Region("México"), Region("Ciudad de México", aliases=("D.F.",)), Region("Puebla"))
            >>> country = Geography("MX", "Mexico", regions=regions)
            >>> country.perhaps("México, D. F."), country.perhaps("Pueblo")
            (('Ciudad de México', 'México'), ())
            >>> Geography("X", "X", regions=(Region("Suzhou (Anhui)"), Region("Suzhou (Jiangsu)"))).perhaps("suzhou")
            ('Suzhou (Anhui)', 'Suzhou (Jiangsu)')
        """
        bare = {r.name for r in self.regions for n in (r.name, *r.aliases) if _without_bracket(n) == plain_name(name)}
        if len(bare) > 1:
            return tuple(sorted(bare))
        near = self.nearest(name)
        if near is None or self.once(name) or not says_more(name, near):
            return ()
        words, first = _words(name), self.region(near)
        possible = {r.name for r in self.regions for n in (r.name, *r.aliases) if _share(words, _words(n))}
        return tuple(sorted(possible | ({first.name} if first else set())))

    def called(self, aliases: Mapping[str, str]) -> Geography:
        """Return the geography with additional spellings from a user."""
        return replace(self, aliases=(*self.aliases, *aliases.items())) if aliases else self


def great_circle(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the kilometres between two points (longitude, latitude in degrees) on a sphere of radius 6,371 km.

    Formula: 2 R asin(sqrt(sin^2(dlat/2) + cos(lat_a) cos(lat_b) sin^2(dlon/2))).

    Example:
        >>> round(great_circle((116.40, 39.91), (121.46, 31.22)))
        1069
    """
    (east_a, north_a), (east_b, north_b) = (map(math.radians, p) for p in (a, b))
    half = math.sin((north_a - north_b) / 2) ** 2
    half += math.cos(north_a) * math.cos(north_b) * math.sin((east_a - east_b) / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(min(half, 1.0))) if half == half else math.nan


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that is most similar, the first in alphabetical order if several are; None if none is similar.

    Names are compared after `plain_name`. Names with different numbers are never similar. A name that contains the
    other (four letters or more) has a similarity of at least 0.75 (a convention).

    Example:
        >>> nearest("Pulau Pinag", ["Perak", "Pulau Pinang"]), nearest("Kedah", ["Sabah"])
        ('Pulau Pinang', None)
    """
    here, best = plain_name(name), (NEAR, "")
    for candidate in sorted(set(known)):
        there = plain_name(candidate)
        if not here or not there or candidate == name or _figures(here) != _figures(there):
            continue
        score = difflib.SequenceMatcher(None, here, there, autojunk=False).ratio()
        if min(len(here), len(there)) >= 4 and (here in there or there in here):
            score = max(score, 0.75)
        if score > best[0]:
            best = (score, candidate)
    return best[1] or None


def says_more(name: str, near: str) -> bool:
    """Return whether a name has a word that no spelling of the near name has, so that it may be another region.

    Example:
        >>> says_more("Kansas City", "Kansas"), says_more("N. Carolina", "North Carolina"), says_more("Kedha", "Kedah")
        (True, False, False)
    """
    here, there = plain_name(name), plain_name(near)
    if difflib.SequenceMatcher(None, here, there, autojunk=False).ratio() >= SAME:
        return False
    return any(not any(_one_word(word, near_word) for near_word in _words(near)) for word in _words(name))


def _without_bracket(name: str) -> str | None:
    """Return the normalised part of a name before its bracket; None for a name without one."""
    before, bracket, _ = name.partition("(")
    return plain_name(before) if bracket else None


def _one_word(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a) or difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() >= NEAR


def _words(name: str) -> tuple[str, ...]:
    """Return the normalised words of a name; single letters in a row are one word."""
    words = re.split(r"[\s,;/()\[\]-]+", re.sub(r"\b(\w)\.\s+(?=\w\.)", r"\1.", name))
    return tuple(word for word in map(plain_name, words) if word)


def _share(words: Collection[str], own: Sequence[str]) -> bool:
    """Return whether all words of ``own`` are in ``words``, or both have a word of four or more letters."""
    return set(own) <= set(words) or any(len(word) >= 4 for word in set(own) & set(words))


def slip_of(a: str, b: str) -> bool:
    """Return whether two names of five or more letters differ by one slip, so that one may be a typing error.

    A slip is a letter that is inserted, left out, changed, or exchanged with the next letter.

    Example:
        >>> slip_of("Pulau Pinag", "Pulau Pinang"), slip_of("North Carolina", "South Carolina"), slip_of("Mali", "Bali")
        (True, False, False)
    """
    short, long = sorted((plain_name(a), plain_name(b)), key=len)
    if len(short) < 5 or len(long) - len(short) > 1 or _figures(short) != _figures(long):
        return False
    at = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    exchanged = short[:at] + short[at : at + 2][::-1] + short[at + 2 :]
    return short != long and (short[at + 1 :] == long[at + 1 :] or exchanged == long)


def _figures(text: str) -> list[str]:
    return re.findall(r"\d+", text)


class Unmatched(NamedTuple):
    """Name that is not a region of another table or of a geography.

    ``rows``: the number of its rows. ``near``: the nearest name in that table or geography. ``former``: what the name
    was in another version. ``perhaps``: the regions that it may mean (`Geography.perhaps`).
    """

    name: str
    rows: int
    near: str | None = None
    former: Former | None = None
    perhaps: tuple[str, ...] = ()


def unmatched(
    rows: Mapping[str, int], known: Collection[str], geography: Geography | None = None
) -> tuple[Unmatched, ...]:
    """Return the names that are not among the regions ``known``, each with its nearest name; most rows first.

    Two names are one region if the geography says that they are, or if `plain_name` is equal for both.

    Example:
        >>> unmatched({"Pulau Pinag": 942, "PERAK": 10}, ["Perak", "Pulau Pinang"])
        (Unmatched(name='Pulau Pinag', rows=942, near='Pulau Pinang', former=None, perhaps=()),)
    """
    there = {region_key(name, geography) for name in known}
    gone = [(name, n) for name, n in rows.items() if region_key(name, geography) not in there]
    spellings = list(known)
    for other in known:
        region = geography.region(other) if geography is not None else None
        spellings += region.aliases if region is not None else ()
    return tuple(
        Unmatched(name, n, nearest(name, spellings)) for name, n in sorted(gone, key=lambda one: (-one[1], one[0]))
    )


def one_region(a: str, b: str, geographies: Iterable[Geography]) -> bool:
    """Return whether two names mean one region.

    Two names mean one region if they differ only in case, accents and signs, or if a geography has both as names of one
    region.
    """
    if plain_name(a) == plain_name(b):
        return True
    return any(
        region is not None and region is geography.named(b)
        for geography in geographies
        if (region := geography.named(a))
    )


def region_key(name: str, geography: Geography | None = None) -> str:
    """Return a key that all spellings of one region share: the normalised usual name, or the normalised name itself."""
    usual = geography.usual(name) if geography is not None else name
    return plain_name(usual) or usual
