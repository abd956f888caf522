"""Regions of a country or of a file: names, spellings, codes, areas, neighbours, places."""

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
"""How alike two names are, by `difflib` on what `plain_name` leaves, before one is told as near to the other."""
SAME = 0.9
"""How alike two names are, likewise, that are spellings of one."""
EARTH = 6371.0
"""Radius of the sphere on which distances are measured, in kilometres."""


def plain_name(name: str) -> str:
    """Full width to half width, accents off, case folded, everything but letters and characters removed."""
    text = unicodedata.normalize("NFKD", name).casefold().replace("đ", "d").replace("ł", "l").replace("ø", "o")
    return re.sub(r"[\W_]|[\u0300-\u036f]", "", text)


def plain_code(code: str) -> str:
    """A code as it is compared: half width, capitals, no blanks, figures without leading zeros.

    Example:
        >>> plain_code(" my-07"), plain_code("07"), plain_code("7")
        ('MY-07', '7', '7')
    """
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).upper()
    return text.lstrip("0") or "0" if text.isdigit() else text


@dataclass(frozen=True)
class Region:
    """One region: its usual name, what else it is called, its codes, its area, its middle and its cell on a tile map.

    ``longitude`` and ``latitude`` in degrees (or x and y in kilometres where the geography is ``flat``), not a number
    where they are not known. ``tile``: column from the west and row from the north, both from 0. ``label``: two or
    three letters that stand in the tile.
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
    """A code or name that another version of a classification had: that version, the regions of today in which its area
    is, by name, and whether the one region of today has the same borders."""

    spelling: str
    version: str
    now: tuple[str, ...]
    same: bool = True


@dataclass(frozen=True)
class Geography:
    """The regions of a country, or of a user's file, and what is known of them.

    ``code`` is how it is named (``CN``, ``MY``, a file), ``title`` what it is called, ``units`` what its regions are
    (``provinces``). ``borders`` are the pairs of neighbours by name, None where neighbours are not known. ``aliases``
    are a user's own spellings with the region that each means; they come before all else. A geography without regions
    has aliases only: every other name is a region of its own. ``unknown`` are the pairs of which it is not known
    whether they are neighbours, the region whose outline is not known first; a pair neither there nor in ``borders`` is
    none. ``former`` are codes and names of other versions, which are not regions.
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
        return {key: one for one in self.former for key in (plain_name(one.spelling), plain_code(one.spelling))}

    @cached_property
    def _partners(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {r.name: set() for r in self.regions}
        for a, b in self.borders or ():
            found[a].add(b)
            found[b].add(a)
        return {name: tuple(sorted(others)) for name, others in found.items()}

    def region(self, name: str) -> Region | None:
        """The region of a name, in any spelling or code; None where it is none.

        Case, accents, blanks and punctuation make no difference.
        """
        meant = self._by_alias.get(plain_name(name), name)
        return self._by_name.get(plain_name(meant)) or self._by_code.get(plain_code(meant))

    def named(self, name: str) -> Region | None:
        """The region of a name in any spelling; codes are no names."""
        meant = self._by_alias.get(plain_name(name), name)
        return self._by_name.get(plain_name(meant))

    def usual(self, name: str) -> str:
        """The usual name of a region; a name that is none as it is, or as the aliases say."""
        found = self.region(name)
        return found.name if found else self._by_alias.get(plain_name(name), name)

    def has_alias(self, name: str) -> bool:
        """Whether a user's aliases say what a name means."""
        return plain_name(name) in self._by_alias

    def covers(self, names: Iterable[str]) -> bool:
        """Whether every name, of at least one, is that of a region."""
        found = [self.region(name) is not None for name in names]
        return bool(found) and all(found)

    def neighbours(self, name: str) -> tuple[str, ...]:
        """The usual names of the regions with a common border, in alphabetical order.

        Raises `KeyError` for no region, `UnknownName` where it is not known of some pair whether it is neighbours.
        """
        found = self.region(name)
        if found is None:
            raise KeyError(name)
        open_with = sorted({n for pair in self.unknown if found.name in pair for n in pair if n != found.name})
        if self.borders is None or open_with:
            what = f" ({', '.join(open_with[:3])}{' ...' if len(open_with) > 3 else ''} may be)" if open_with else ""
            raise UnknownName(
                f"not all neighbours of {found.name!r} are known in {self.title}{what}",
                remedy="give a file with outlines or with a column of neighbours (docs/geography.md)",
            )
        return self._partners[found.name]

    def without_neighbours_known(self, names: Iterable[str]) -> tuple[str, ...]:
        """The regions among some names whose neighbours among them are not known, by usual name; none where all are.

        Where a geography knows no neighbours at all these are all of its regions among the names.
        """
        here = {found.name for name in names if (found := self.region(name))}
        if self.borders is None:
            return tuple(sorted(here))
        return tuple(sorted({a for a, b in self.unknown if a in here and b in here}))

    def once(self, name: str) -> Former | None:
        """What a name that is not a region was in another version of the classification; None where it was nothing."""
        if self.has_alias(name) or self.region(name) is not None:
            return None
        return self._by_former.get(plain_name(name)) or self._by_former.get(plain_code(name))

    def kilometres(self, a: str, b: str) -> float:
        """The distance between the middles of two regions: on the sphere, or straight where the geography is flat.

        Not a number where a middle is not known. `KeyError` for no region.
        """
        first, second = self.region(a), self.region(b)
        if first is None or second is None:
            raise KeyError(a if first is None else b)
        here, there = (first.longitude, first.latitude), (second.longitude, second.latitude)
        return math.dist(here, there) if self.flat else great_circle(here, there)

    def nearest(self, name: str) -> str | None:
        """The name of a region, usual or not, that is most like one that is none; None where nothing is near.

        For a code or name of another version it is the region of today, the first of several.
        """
        once = self.once(name)
        return once.now[0] if once else nearest(name, [n for r in self.regions for n in (r.name, *r.aliases)])

    def perhaps(self, name: str) -> tuple[str, ...]:
        """The regions of which a name that is none may be one, where it says more than the nearest does.

        They have a word of it, in any of their names. None where it is a spelling of the nearest, or nothing is near.

        Example:
            >>> regions = (Region("México"), Region("Ciudad de México", aliases=("D.F.",)), Region("Puebla"))
            >>> country = Geography("MX", "Mexico", regions=regions)
            >>> country.perhaps("México, D. F."), country.perhaps("Pueblo")
            (('Ciudad de México', 'México'), ())
        """
        near = self.nearest(name)
        if near is None or self.once(name) or not says_more(name, near):
            return ()
        words, first = _words(name), self.region(near)
        found = {r.name for r in self.regions for n in (r.name, *r.aliases) if _share(words, _words(n))}
        return tuple(sorted(found | ({first.name} if first else set())))

    def called(self, aliases: Mapping[str, str]) -> Geography:
        """The same with further spellings of a user's."""
        return replace(self, aliases=(*self.aliases, *aliases.items())) if aliases else self


def great_circle(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points (longitude, latitude), in degrees, on a sphere of radius 6,371 km.

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
    """The most alike of some names, the first by name of several; None where nothing is near.

    Names are compared as `plain_name` leaves them. One that contains the other (four letters or more) is near.

    Example:
        >>> nearest("Pulau Pinag", ["Perak", "Pulau Pinang"]), nearest("Kedah", ["Sabah"])
        ('Pulau Pinang', None)
    """
    here, best = plain_name(name), (NEAR, "")
    for other in sorted(set(known)):
        there = plain_name(other)
        if not here or not there or other == name or _figures(here) != _figures(there):
            continue
        score = difflib.SequenceMatcher(None, here, there, autojunk=False).ratio()
        if min(len(here), len(there)) >= 4 and (here in there or there in here):
            score = max(score, 0.75)
        if score > best[0]:
            best = (score, other)
    return best[1] or None


def says_more(name: str, near: str) -> bool:
    """Whether a name has a word that the near one has in no spelling, so that it may be another region.

    Example:
        >>> says_more("Kansas City", "Kansas"), says_more("N. Carolina", "North Carolina"), says_more("Kedha", "Kedah")
        (True, False, False)
    """
    here, there = plain_name(name), plain_name(near)
    if difflib.SequenceMatcher(None, here, there, autojunk=False).ratio() >= SAME:
        return False
    return any(not any(_one_word(word, other) for other in _words(near)) for word in _words(name))


def _one_word(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a) or difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() >= NEAR


def _words(name: str) -> tuple[str, ...]:
    """The words of a name as `plain_name` leaves them; single letters in a row are one word."""
    words = re.split(r"[\s,;/()\[\]-]+", re.sub(r"\b(\w)\.\s+(?=\w\.)", r"\1.", name))
    return tuple(word for word in map(plain_name, words) if word)


def _share(words: Collection[str], own: Sequence[str]) -> bool:
    """Whether all words of one name are among those of the other, or a word of four letters or more is."""
    return set(own) <= set(words) or any(len(word) >= 4 for word in set(own) & set(words))


def slip_of(a: str, b: str) -> bool:
    """Whether two names of five letters or more differ by one letter, put in, left out, changed or exchanged with the
    next: so alike that one may be a slip of the other.

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
    """A name that is not a region of another table or of a geography: its rows, the nearest name there, what it was in
    another version, and the regions that have a part of it."""

    name: str
    rows: int
    near: str | None = None
    former: Former | None = None
    perhaps: tuple[str, ...] = ()


def unmatched(
    rows: Mapping[str, int], known: Collection[str], geography: Geography | None = None
) -> tuple[Unmatched, ...]:
    """The names that are not regions among ``known``, the most rows first, each with the nearest of them.

    Two names are one region where the geography says so, else where `plain_name` leaves the same of both.

    Example:
        >>> unmatched({"Pulau Pinag": 942, "PERAK": 10}, ["Perak", "Pulau Pinang"])
        (Unmatched(name='Pulau Pinag', rows=942, near='Pulau Pinang', former=None, perhaps=()),)
    """
    there = {region_key(name, geography) for name in known}
    gone = [(name, n) for name, n in rows.items() if region_key(name, geography) not in there]
    spellings = _spellings(known, geography)
    return tuple(
        Unmatched(name, n, nearest(name, spellings)) for name, n in sorted(gone, key=lambda one: (-one[1], one[0]))
    )


def one_region(a: str, b: str, geographies: Iterable[Geography]) -> bool:
    """Whether two names are equal but for case, accents and signs, or one region of one of the geographies by name."""
    if plain_name(a) == plain_name(b):
        return True
    return any(found is not None and found is one.named(b) for one in geographies if (found := one.named(a)))


def region_key(name: str, geography: Geography | None = None) -> str:
    """What two spellings of one region share: its usual name in the geography, else what `plain_name` leaves."""
    usual = geography.usual(name) if geography is not None else name
    return plain_name(usual) or usual


def _spellings(known: Collection[str], geography: Geography | None) -> Sequence[str]:
    found = list(known)
    for name in known:
        region = geography.region(name) if geography is not None else None
        found += region.aliases if region is not None else ()
    return found
