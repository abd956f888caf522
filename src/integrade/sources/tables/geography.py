"""Regions of a user's own: a table of names, areas, places and neighbours, or outlines as GeoJSON."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from integrade.engine import doors
from integrade.engine.system import coded
from integrade.errors import (
    DuplicateKeys,
    FileMissing,
    MissingColumn,
    NotANumber,
    OutOfRange,
    UnknownName,
    Unreadable,
    UsageError,
    did_you_mean,
    option,
)
from integrade.geography import Geography, Region, built_in, country, plain_name
from integrade.geography.tiles import tiles

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("region", "name", "state", "province", "市场", "地区", "省份"),
    "aliases": ("aliases", "alias", "othernames"),
    "codes": ("codes", "code"),
    "area": ("area", "group", "macroregion"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "latitude": ("latitude", "lat"),
    "x": ("x",),
    "y": ("y",),
    "neighbours": ("neighbours", "neighbors"),
    "column": ("column",),
    "row": ("row",),
    "label": ("label",),
}
"""What the columns of a table of regions are called, as `plain_name` leaves it."""
PROPERTIES = (
    *("name", "NAME", "region", "state", "province", "shapeName", "NAME_1", "ADM1_EN", "name_en", "NAME_LATN", "nome"),
    *("NOMGEO", "Name"),
)
"""Properties that hold the names of outlines, the first that all of them have."""
OUTLINES = (".geojson", ".json")
ROUND = 6
"""Digits of degrees (about 10 cm) at which two corners of outlines are one."""
CORNERS = 120
"""Corners of an outline on a map, at most about so many; neighbours are found on the whole one."""

Point = tuple[float, float]
Ring = tuple[Point, ...]


def read_geography(choice: Any, *, name: str | None = None, neighbours: str | None = None) -> Geography | None:
    """The regions that a country's name, a file or a `Geography` says; None for None.

    A table has a column of names (``region``, or the first) and any of ``aliases`` and ``codes`` (several with ;
    between), ``area``, ``longitude`` and ``latitude`` (degrees) or ``x`` and ``y`` (km), ``neighbours`` (names with ;
    between; each pair once is enough), ``label``, ``column`` and ``row`` (cell of a tile map, from 0). GeoJSON has an
    outline for each region: its middle is the centroid, its neighbours are those with two corners in common (one
    common point is no border). The area of a NUTS 2 region is its NUTS 1 region, by the code NUTS_ID.

    Args:
        choice: a built-in country (``MY``, ``Malaysia``), a file, a `Geography`, or None.
        name: the column or property of the names, where it is not found.
        neighbours: ``nearest:4`` (those among whose four nearest the other is, or the reverse) or ``within:300`` (km),
            instead of borders.

    Missing values: a region without a place has no distances; a table without the column has no neighbours at all.

    Raises: `UnknownName` for a name that is no country or file; `FileMissing`, `Unreadable`, `MissingColumn`,
        `NotANumber`, `OutOfRange` (beyond 180 or 90 degrees), `DuplicateKeys` (a name or spelling of two regions).

    Example:
        >>> read_geography("Malaysia").neighbours("Penang")
        ('Kedah', 'Perak')
    """
    if choice is None:
        return None
    found = choice if isinstance(choice, Geography) else _named(choice, name)
    return with_neighbours(found, neighbours) if neighbours else found


def _named(choice: Any, name: str | None) -> Geography:
    known = country(str(choice)) if isinstance(choice, str) else None
    if known is not None:
        return known
    if not isinstance(choice, str | Path):
        raise UsageError(f"{choice!r} is not a geography", remedy='name a country ("MY") or a file of regions')
    path = Path(choice)
    with coded(path):
        there = doors.is_file(path)
    if not there:
        if path.suffix:
            near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
            raise FileMissing(f"no file of regions {str(choice)!r}", remedy=did_you_mean(path.name, near))
        countries = [n for one in built_in().values() for n in (one.code, one.title)]
        raise UnknownName(f"no geography {str(choice)!r}", remedy=did_you_mean(str(choice), countries))
    made = _of_outlines(path, name) if path.suffix.lower() in OUTLINES else _of_table(path, name)
    _refuse_twins(made)
    return _with_tiles(made)


def _of_table(path: Path, name: str | None) -> Geography:
    from integrade.sources.files.readers import read_raw

    rows = read_raw(path).polars()
    at = {new: c for c in rows.columns for new, words in COLUMNS.items() if plain_name(c) in words}
    named = name if name is not None else at.get("name", rows.columns[0])
    if named not in rows.columns:
        raise MissingColumn(f"no column {named!r} in {path.name}", remedy=did_you_mean(named, rows.columns))
    flat = not {"longitude", "latitude"} <= set(at) and {"x", "y"} <= set(at)
    east, north = ("x", "y") if flat else ("longitude", "latitude")
    regions, beside = list[Region](), dict[str, list[str]]()
    for i, row in enumerate(rows.iter_rows(named=True), 2):
        cell = {new: _text(row[c]) for new, c in at.items()}
        own = _text(row[named])
        if not own:
            continue
        where = f"{path.name}, row {i}"
        tile = (_number(cell["column"], where), _number(cell["row"], where)) if {"column", "row"} <= set(at) else None
        regions.append(
            Region(
                own,
                tuple(_several(cell.get("aliases", ""))),
                tuple(_several(cell.get("codes", ""))),
                cell.get("area", ""),
                _degrees(cell.get(east, ""), where, 0 if flat else 180),
                _degrees(cell.get(north, ""), where, 0 if flat else 90),
                None if tile is None else (int(tile[0]), int(tile[1])),
                cell.get("label", ""),
            )
        )
        beside[own] = _several(cell.get("neighbours", ""))
    made = Geography(path.name, path.name, "regions", tuple(regions), None, (), flat)
    return replace(made, borders=_borders(made, beside, path)) if "neighbours" in at else made


def _borders(made: Geography, beside: Mapping[str, Sequence[str]], path: Path) -> tuple[tuple[str, str], ...]:
    """The pairs that the column of neighbours names, each once, whichever of the two names the other."""
    pairs = set()
    for here, others in beside.items():
        for other in others:
            found = made.region(other)
            if found is None or found.name == here:
                what = "itself" if found else f"{other!r}, which is not a region"
                raise UnknownName(
                    f"{path.name}: {here!r} has as its neighbour {what}",
                    remedy=did_you_mean(other, [r.name for r in made.regions]),
                )
            pairs.add((min(here, found.name), max(here, found.name)))
    return tuple(sorted(pairs))


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace("|", ";").split(";") if part.strip()]


def _number(cell: str, where: str) -> float:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        raise NotANumber(
            f"{cell!r} is not a number", where=where, remedy="write degrees with a decimal point"
        ) from None


def _degrees(cell: str, where: str, most: float) -> float:
    found = _number(cell, where) if cell else math.nan
    if most and abs(found) > most:
        raise OutOfRange(
            f"{cell} is beyond {most:g} degrees", where=where, remedy="call columns of kilometres x and y, not degrees"
        )
    return found


def _of_outlines(path: Path, name: str | None) -> Geography:
    with _as_outlines(path):
        features = json.loads(doors.read_text(path, encoding="utf-8-sig"))["features"]
        every: list[dict[str, Any]] = [{**(one.get("properties") or {})} for one in features]
    known = [p for p in PROPERTIES if every and all(_text(own.get(p)) for own in every)]
    named = name if name is not None else next(iter(known), None)
    if named is None or not all(_text(own.get(named)) for own in every):
        keys = sorted({k for own in every for k in own})
        raise MissingColumn(
            f"{path.name}: which property of the outlines is the name of the region?",
            remedy=f"say which: {option('name', ...)}; or call it name in the file; there are {', '.join(keys)}",
        )
    rings: dict[str, list[Ring]] = {}
    codes: dict[str, list[str]] = {}
    areas: dict[str, str] = {}
    for one, own in zip(features, every, strict=True):
        region = _text(own[named])
        with _as_outlines(path):
            rings.setdefault(region, []).extend(_rings({**(one.get("geometry") or {})}, path))
        codes.setdefault(region, []).extend(_text(v) for k, v in own.items() if plain_name(k) in CODES and _text(v))
        nuts = _text(own.get("NUTS_ID"))
        area = next((_text(v) for k, v in own.items() if plain_name(k) in COLUMNS["area"]), "")
        areas[region] = area or (nuts[:3] if len(nuts) == 4 else "")
    middles = {region: _middle(own, path) for region, own in rings.items()}
    regions = tuple(Region(r, (), tuple(dict.fromkeys(codes[r])), areas[r], *middles[r]) for r in rings)
    drawn = {region: tuple(_fewer(ring) for ring in own) for region, own in rings.items()}
    return Geography(path.name, path.name, "regions", regions, _touching(rings), outlines=drawn)


CODES = ("code", "codes", "iso31662", "nutsid", "statefp", "fips", "geoid", "hasc1", "stusps", "shapeiso")
"""Properties that hold codes of outlines, as `plain_name` leaves them."""


@contextmanager
def _as_outlines(path: Path) -> Iterator[None]:
    """Raise `Unreadable` for whatever makes a file no GeoJSON of outlines: its text, its depth, a value's type."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Unreadable(
            f"{path.name} is not a GeoJSON file of region outlines",
            where=str(path),
            remedy="save the layer as GeoJSON, a FeatureCollection in degrees (WGS 84)",
        ) from None


def _rings(geometry: Mapping[str, Any], path: Path) -> Iterator[Ring]:
    """The rings of an outline, outer ones counter-clockwise and holes clockwise, whichever way the file has them."""
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        raise Unreadable(
            f"{path.name}: an outline is a {kind}, not a Polygon", remedy="save areas, not points or lines"
        )
    for polygon in [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]:
        for k, ring in enumerate(polygon):
            points = tuple((float(p[0]), float(p[1])) for p in ring)
            if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
                raise ValueError(points)
            twice = sum(xa * yb - xb * ya for (xa, ya), (xb, yb) in itertools.pairwise(points))
            yield points if (twice > 0) == (k == 0) else points[::-1]


def _touching(rings: Mapping[str, Sequence[Ring]]) -> tuple[tuple[str, str], ...]:
    """The pairs of regions with two corners in common or more."""
    owners: dict[Point, set[str]] = {}
    for region, own in rings.items():
        for x, y in (p for ring in own for p in ring):
            owners.setdefault((round(x, ROUND), round(y, ROUND)), set()).add(region)
    common: dict[tuple[str, str], int] = {}
    for names in owners.values():
        for pair in itertools.combinations(sorted(names), 2):
            common[pair] = common.get(pair, 0) + 1
    return tuple(sorted(pair for pair, n in common.items() if n > 1))


def _middle(rings: Sequence[Ring], path: Path) -> Point:
    """The centroid of the outline in degrees, as of a flat figure."""
    total, x_sum, y_sum = 0.0, 0.0, 0.0
    x0, y0 = next((point for ring in rings for point in ring), (0.0, 0.0))
    for ring in rings:
        for (xa, ya), (xb, yb) in itertools.pairwise([(x - x0, y - y0) for x, y in ring]):
            cross = xa * yb - xb * ya
            total += cross / 2
            x_sum += (xa + xb) * cross / 6
            y_sum += (ya + yb) * cross / 6
    if total == 0:
        raise Unreadable(f"{path.name}: an outline without an area", remedy="leave it out of the file")
    x, y = x0 + x_sum / total, y0 + y_sum / total
    if abs(x) > 180 or abs(y) > 90:
        raise OutOfRange(
            f"{path.name}: an outline at {x:.0f}, {y:.0f} is not in degrees", remedy="save it in WGS 84 (EPSG:4326)"
        )
    return x, y


def _fewer(ring: Ring) -> Ring:
    """A ring with few corners: every n-th, the first and the last."""
    step = max(1, len(ring) // CORNERS)
    return (*ring[:-1:step], ring[-1])


def _refuse_twins(made: Geography) -> None:
    if not made.regions:
        raise UsageError(f"{made.title} has no region", remedy="write one region a line, its name in the column region")
    owner: dict[str, str] = {}
    for region in made.regions:
        for spelling in dict.fromkeys(plain_name(n) for n in (region.name, *region.aliases)):
            if owner.setdefault(spelling, region.name) != region.name or (
                spelling == plain_name(region.name) and sum(r.name == region.name for r in made.regions) > 1
            ):
                raise DuplicateKeys(
                    f"{made.title} has two regions called {spelling!r}",
                    example=f"{owner[spelling]}, {region.name}",
                    remedy="keep one line for each region, and each alias for one of them",
                )


def _with_tiles(made: Geography) -> Geography:
    """The same with cells of a tile map, where all regions have a place, and short labels."""
    labels = _labels([r.label or r.name for r in made.regions])
    placed = all(math.isfinite(r.longitude) and math.isfinite(r.latitude) for r in made.regions)
    own = [r.tile for r in made.regions]
    middles = [(r.longitude, r.latitude) for r in made.regions]
    cells = own if None not in own else tiles(middles) if placed and len(own) > 1 else own
    regions = (replace(r, tile=t, label=n) for r, t, n in zip(made.regions, cells, labels, strict=True))
    return replace(made, regions=tuple(regions))


def _labels(names: Sequence[str]) -> list[str]:
    """Three letters of each name, others where two would be alike."""
    found: list[str] = []
    for name in names:
        letters = [c for c in name if c.isalnum()] or ["?"]
        tries = ["".join(letters[:3]), *("".join([*letters[:2], c]) for c in letters[3:])]
        tries += ["".join([*letters[:2], str(n)]) for n in range(1, 10)]
        found.append(next((t for t in tries if t.upper() not in {f.upper() for f in found}), "".join(letters[:3])))
    return found


def joined(known: Geography, own: Geography) -> Geography:
    """A country's regions with what a file says of them: outlines, neighbours, and places where it has them.

    Regions that the file lacks stay as they are. Of two regions of the file it says whether they are neighbours, of
    other pairs the country. Where the country is a union of several (the EU), regions of the file whose codes begin
    with the letters of no member are left out: maps of Eurostat have Norway and Turkey too.

    Raises `UnknownName` for another region of the file that is none of the country's, as for a code of another version
    of NUTS.
    """
    usual: dict[str, str] = {}
    for region in own.regions:
        found = next((r for n in (region.name, *region.aliases, *region.codes) if (r := known.region(n))), None)
        if found is not None:
            usual[region.name] = found.name
        elif not _of_no_member(region, known):
            raise _stranger(region, known, own)
    if not usual:
        raise UnknownName(
            f"{own.title} has no region of {known.title}", remedy="name the country, or the file, of these regions"
        )
    places = {usual[r.name]: r for r in own.regions if r.name in usual and math.isfinite(r.longitude) and not own.flat}
    regions = tuple(
        replace(r, longitude=places[r.name].longitude, latitude=places[r.name].latitude) if r.name in places else r
        for r in known.regions
    )
    drawn = None if own.outlines is None else {usual[n]: rings for n, rings in own.outlines.items() if n in usual}
    whole = replace(known, regions=regions, outlines=drawn)
    if own.borders is None:
        return whole
    told = set(usual.values())
    ends = {tuple(sorted((usual[a], usual[b]))) for a, b in own.borders if a in usual and b in usual}
    ends |= {pair for pair in known.borders or () if not told.issuperset(pair)}
    left = {pair for pair in known.unknown if not told.issuperset(pair)}
    unknown = tuple(sorted((a, b) for a, b in left if a not in told or (b, a) not in left))
    return replace(whole, borders=tuple(sorted((a, b) for a, b in ends)), unknown=unknown)


def _of_no_member(region: Region, union: Geography) -> bool:
    """Whether a region's codes are those of a country that is not of the union; never in a country that is none."""
    members = {r.codes[0][:2] for r in union.regions if r.codes and r.codes[0][:2].isalpha()}
    return (
        len(members) > 1 and bool(region.codes) and all(c[:2].isalpha() and c[:2] not in members for c in region.codes)
    )


def _stranger(region: Region, known: Geography, own: Geography) -> UnknownName:
    once = next((found for n in (*region.codes, region.name) if (found := known.once(n))), None)
    if once is not None:
        now = " and ".join(map(repr, once.now))
        return UnknownName(
            f"{own.title} has {once.spelling!r} of {once.version}, in {known.title} {now}",
            remedy="take the file of the version that is built in (docs/geography.md), or name the file alone",
        )
    return UnknownName(
        f"{own.title} has {region.name!r}, which is not a region of {known.title}",
        remedy=did_you_mean(region.name, [r.name for r in known.regions]),
    )


def rule_of_neighbours(rule: str) -> tuple[str, float]:
    """``nearest`` and how many, or ``within`` and how many kilometres. Raises `UsageError` for another rule."""
    word, _, text = rule.partition(":")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if word not in ("nearest", "within") or not 0 < number < math.inf or (word == "nearest" and number % 1):
        raise UsageError(f"neighbours = {rule!r} is not a rule", remedy='write "nearest:4" or "within:300" (km)')
    return word, number


def with_neighbours(geography: Geography, rule: str) -> Geography:
    """The same with neighbours by distance: ``nearest:4``, ``within:300`` (km).

    Of regions equally far away the first by name is nearer. Raises `UsageError` for another rule, and for a region
    without a place.
    """
    word, number = rule_of_neighbours(rule)
    names = sorted(r.name for r in geography.regions)
    lacking = [r.name for r in geography.regions if not (math.isfinite(r.longitude) and math.isfinite(r.latitude))]
    if lacking:
        raise UsageError(
            f"neighbours by distance need a place for each region, and {lacking[0]!r} has none",
            remedy="add longitude and latitude (or x and y, in km)",
        )
    pairs = set()
    for a in names:
        far = sorted((geography.kilometres(a, b), b) for b in names if b != a)
        near = far[: int(number)] if word == "nearest" else [one for one in far if one[0] <= number]
        pairs |= {(min(a, b), max(a, b)) for _, b in near}
    return replace(geography, borders=tuple(sorted(pairs)), unknown=())
