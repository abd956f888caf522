"""Read a user's own regions: a table of names, areas, positions and neighbours, or outlines as GeoJSON."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from rawcells import doors

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
"""Names of the columns in a table of regions, as normalised by `plain_name`."""
PROPERTIES = (
    *("name", "NAME", "region", "state", "province", "shapeName", "NAME_1", "ADM1_EN", "name_en", "NAME_LATN", "nome"),
    *("NOMGEO", "Name"),
)
"""Properties that may name outlines; the first one that all outlines have is used."""
OUTLINES = (".geojson", ".json")
ROUND = 6
"""Corners of two outlines are the same if their degrees agree in this number of decimals.

Six decimals are about 10 cm. The value is a convention.
"""
CORNERS = 120
"""A ring with at least twice this many corners is simplified for maps (a convention)."""

Point = tuple[float, float]
Ring = tuple[Point, ...]


def read_geography(choice: Any, *, name: str | None = None, neighbours: str | None = None) -> Geography | None:
    """Return the regions of a country, of a file or of a `Geography`; None for None.

    A table has a column of names (``region``, or the first column). It may also have ``aliases`` and ``codes`` (several
    separated by ;), ``area``, ``label``, and ``column`` and ``row`` (cell of a tile map, from 0). The position is in
    ``longitude`` and ``latitude`` (degrees) or in ``x`` and ``y`` (km). ``neighbours`` has names separated by ;, and
    each pair has to be written only once. GeoJSON has an outline for each region. Its centroid is the position of the
    region. Regions with two corners in common are neighbours (one common point is not a border). The area of a NUTS 2
    region is the NUTS 1 region that contains it, found from the code NUTS_ID.

    Args:
        choice: a built-in country (``MY``, ``Malaysia``), a file, a `Geography`, or None.
        name: the column or property that has the names, if it is not found automatically.
        neighbours: ``nearest:4`` (one of the two regions is among the four nearest of the other) or ``within:300``
            (km), used instead of borders.

    Missing values: a region without a position has no distances; in a table without the column ``neighbours``, no
    region has any.

    Raises: `UnknownName` for a name that is neither a country nor a file; `FileMissing`, `Unreadable`, `MissingColumn`,
        `NotANumber`; `OutOfRange` beyond 180 or 90 degrees; `DuplicateKeys` if two regions have the same name or
        spelling.

    Example:
        >>> read_geography("Malaysia").neighbours("Penang")
        ('Kedah', 'Perak')
    """
    if choice is None:
        return None
    geography = choice if isinstance(choice, Geography) else _named(choice, name)
    return with_neighbours(geography, neighbours) if neighbours else geography


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
        countries = [n for known_country in built_in().values() for n in (known_country.code, known_country.title)]
        raise UnknownName(f"no geography {str(choice)!r}", remedy=did_you_mean(str(choice), countries))
    geography = _of_outlines(path, name) if path.suffix.lower() in OUTLINES else _of_table(path, name)
    _refuse_twins(geography)
    return _with_tiles(geography)


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
        region = _text(row[named])
        if not region:
            continue
        where = f"{path.name}, row {i}"
        tile = (_number(cell["column"], where), _number(cell["row"], where)) if {"column", "row"} <= set(at) else None
        regions.append(
            Region(
                region,
                tuple(_several(cell.get("aliases", ""))),
                tuple(_several(cell.get("codes", ""))),
                cell.get("area", ""),
                _degrees(cell.get(east, ""), where, 0 if flat else 180),
                _degrees(cell.get(north, ""), where, 0 if flat else 90),
                None if tile is None else (int(tile[0]), int(tile[1])),
                cell.get("label", ""),
            )
        )
        beside[region] = _several(cell.get("neighbours", ""))
    geography = Geography(path.name, path.name, "regions", tuple(regions), None, (), flat)
    return replace(geography, borders=_borders(geography, beside, path)) if "neighbours" in at else geography


def _borders(geography: Geography, beside: Mapping[str, Sequence[str]], path: Path) -> tuple[tuple[str, str], ...]:
    """Return each pair of neighbours once, even if only one of the two regions names the other."""
    pairs = set()
    for here, others in beside.items():
        for neighbour in others:
            region = geography.region(neighbour)
            if region is None or region.name == here:
                what = "itself" if region else f"{neighbour!r}, which is not a region"
                raise UnknownName(
                    f"{path.name}: {here!r} has the neighbour {what}",
                    remedy=did_you_mean(neighbour, [r.name for r in geography.regions]),
                )
            pairs.add((min(here, region.name), max(here, region.name)))
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
    degrees = _number(cell, where) if cell else math.nan
    if most and abs(degrees) > most:
        raise OutOfRange(
            f"{cell} is beyond {most:g} degrees", where=where, remedy="call columns of kilometres x and y, not degrees"
        )
    return degrees


def _of_outlines(path: Path, name: str | None) -> Geography:
    with _as_outlines(path):
        features = json.loads(doors.read_text(path, encoding="utf-8-sig"))["features"]
        every: list[dict[str, Any]] = [{**(feature.get("properties") or {})} for feature in features]
    known = [p for p in PROPERTIES if every and all(_text(own.get(p)) for own in every)]
    named = name if name is not None else next(iter(known), None)
    if named is None or not all(_text(own.get(named)) for own in every):
        keys = sorted({k for own in every for k in own})
        raise MissingColumn(
            f"{path.name}: no property of the outlines is known as the name of the region",
            remedy=f"specify it: {option('name', ...)}; or call it name in the file; there are {', '.join(keys)}",
        )
    rings: dict[str, list[Ring]] = {}
    codes: dict[str, list[str]] = {}
    areas: dict[str, str] = {}
    for feature, own in zip(features, every, strict=True):
        region = _text(own[named])
        with _as_outlines(path):
            rings.setdefault(region, []).extend(_rings({**(feature.get("geometry") or {})}, path))
        codes.setdefault(region, []).extend(_text(v) for k, v in own.items() if plain_name(k) in CODES and _text(v))
        nuts = _text(own.get("NUTS_ID"))
        area = next((_text(v) for k, v in own.items() if plain_name(k) in COLUMNS["area"]), "")
        areas[region] = area or (nuts[:3] if len(nuts) == 4 else "")
    middles = {region: _middle(own, path) for region, own in rings.items()}
    regions = tuple(Region(r, (), tuple(dict.fromkeys(codes[r])), areas[r], *middles[r]) for r in rings)
    drawn = {region: tuple(_fewer(ring) for ring in own) for region, own in rings.items()}
    return Geography(path.name, path.name, "regions", regions, _touching(rings), outlines=drawn)


CODES = ("code", "codes", "iso31662", "nutsid", "statefp", "fips", "geoid", "hasc1", "stusps", "shapeiso")
"""Properties with the codes of outlines, as normalised by `plain_name`."""


@contextmanager
def _as_outlines(path: Path) -> Iterator[None]:
    """Raise `Unreadable` if a file is not GeoJSON of outlines: its text, nesting or types of values are wrong."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Unreadable(
            f"{path.name} is not a GeoJSON file of region outlines",
            where=str(path),
            remedy="save the layer as GeoJSON, a FeatureCollection in degrees (WGS 84)",
        ) from None


def _rings(geometry: Mapping[str, Any], path: Path) -> Iterator[Ring]:
    """Yield the rings of an outline; outer rings are turned counter-clockwise and holes clockwise."""
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
    """Return the pairs of regions with two or more corners in common."""
    owners: dict[Point, set[str]] = {}
    for region, outline in rings.items():
        for x, y in (p for ring in outline for p in ring):
            owners.setdefault((round(x, ROUND), round(y, ROUND)), set()).add(region)
    common: dict[tuple[str, str], int] = {}
    for names in owners.values():
        for pair in itertools.combinations(sorted(names), 2):
            common[pair] = common.get(pair, 0) + 1
    return tuple(sorted(pair for pair, n in common.items() if n > 1))


def _middle(rings: Sequence[Ring], path: Path) -> Point:
    """Return the centroid of an outline in degrees, computed as if the outline were flat."""
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
    """Keep the last corner of a ring and every n-th one; n is the number of corners divided by `CORNERS`."""
    step = max(1, len(ring) // CORNERS)
    return (*ring[:-1:step], ring[-1])


def _refuse_twins(geography: Geography) -> None:
    if not geography.regions:
        raise UsageError(
            f"{geography.title} has no region", remedy="write one region a line, its name in the column region"
        )
    owner: dict[str, str] = {}
    for region in geography.regions:
        for spelling in dict.fromkeys(plain_name(n) for n in (region.name, *region.aliases)):
            if owner.setdefault(spelling, region.name) != region.name or (
                spelling == plain_name(region.name) and sum(r.name == region.name for r in geography.regions) > 1
            ):
                raise DuplicateKeys(
                    f"{geography.title} has two regions called {spelling!r}",
                    example=f"{owner[spelling]}, {region.name}",
                    remedy="keep one line for each region, and each alias for one of them",
                )


def _with_tiles(geography: Geography) -> Geography:
    """Add short labels, and cells of a tile map if all regions have a position."""
    labels = _labels([r.label or r.name for r in geography.regions])
    placed = all(math.isfinite(r.longitude) and math.isfinite(r.latitude) for r in geography.regions)
    tiles_given = [r.tile for r in geography.regions]
    middles = [(r.longitude, r.latitude) for r in geography.regions]
    cells = (
        tiles_given if None not in tiles_given else tiles(middles) if placed and len(tiles_given) > 1 else tiles_given
    )
    regions = (replace(r, tile=t, label=n) for r, t, n in zip(geography.regions, cells, labels, strict=True))
    return replace(geography, regions=tuple(regions))


def _labels(names: Sequence[str]) -> list[str]:
    """Return the first three letters of each name, or other letters if two labels would be equal."""
    labels: list[str] = []
    for name in names:
        letters = [c for c in name if c.isalnum()] or ["?"]
        tries = ["".join(letters[:3]), *("".join([*letters[:2], c]) for c in letters[3:])]
        tries += ["".join([*letters[:2], str(n)]) for n in range(1, 10)]
        labels.append(next((t for t in tries if t.upper() not in {f.upper() for f in labels}), "".join(letters[:3])))
    return labels


def joined(known: Geography, own: Geography) -> Geography:
    """Add the outlines, neighbours and positions of a file to the regions of a country.

    Regions that the file lacks stay unchanged. The file decides which of the regions that it contains are neighbours;
    the country decides for all other pairs. If the country is a union (the EU), regions whose codes begin with the
    letters of no member are left out. Maps of Eurostat, for example, include Norway.

    Raises `UnknownName` for any other region of the file that the country does not have, for example a code of another
    version of NUTS.
    """
    usual: dict[str, str] = {}
    for region in own.regions:
        region_known = next((r for n in (region.name, *region.aliases, *region.codes) if (r := known.region(n))), None)
        if region_known is not None:
            usual[region.name] = region_known.name
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
    regions_of_file = set(usual.values())
    ends = {tuple(sorted((usual[a], usual[b]))) for a, b in own.borders if a in usual and b in usual}
    ends |= {pair for pair in known.borders or () if not regions_of_file.issuperset(pair)}
    left = {pair for pair in known.unknown if not regions_of_file.issuperset(pair)}
    unknown = tuple(sorted((a, b) for a, b in left if a not in regions_of_file or (b, a) not in left))
    return replace(whole, borders=tuple(sorted((a, b) for a, b in ends)), unknown=unknown)


def _of_no_member(region: Region, union: Geography) -> bool:
    """Return whether the codes of a region belong to a country outside the union.

    The result is False if ``union`` is a single country.
    """
    members = {r.codes[0][:2] for r in union.regions if r.codes and r.codes[0][:2].isalpha()}
    return (
        len(members) > 1 and bool(region.codes) and all(c[:2].isalpha() and c[:2] not in members for c in region.codes)
    )


def _stranger(region: Region, known: Geography, own: Geography) -> UnknownName:
    once = next((former for n in (*region.codes, region.name) if (former := known.once(n))), None)
    if once is not None:
        now = " and ".join(map(repr, once.now))
        return UnknownName(
            f"{own.title} has {once.spelling!r} of {once.version}, in {known.title} {now}",
            remedy="take the file of the version that is built in (docs/geography.md), or name only the file",
        )
    return UnknownName(
        f"{own.title} has {region.name!r}, which is not a region of {known.title}",
        remedy=did_you_mean(region.name, [r.name for r in known.regions]),
    )


def rule_of_neighbours(rule: str) -> tuple[str, float]:
    """Split a rule into ``nearest`` and a number, or ``within`` and kilometres. Raises `UsageError` for other rules."""
    word, _, text = rule.partition(":")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if word not in ("nearest", "within") or not 0 < number < math.inf or (word == "nearest" and number % 1):
        raise UsageError(f"neighbours = {rule!r} is not a rule", remedy='write "nearest:4" or "within:300" (km)')
    return word, number


def with_neighbours(geography: Geography, rule: str) -> Geography:
    """Return the geography with neighbours by distance: ``nearest:4``, ``within:300`` (km).

    Of regions at the same distance, the first by name counts as nearer. Raises `UsageError` for another rule, and for a
    region without a position.
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
        near = far[: int(number)] if word == "nearest" else [distance for distance in far if distance[0] <= number]
        pairs |= {(min(a, b), max(a, b)) for _, b in near}
    return replace(geography, borders=tuple(sorted(pairs)), unknown=())
