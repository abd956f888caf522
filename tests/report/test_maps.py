"""Maps of regions outside China: tiles of a country, outlines of a user's own file, greys, words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrade.errors import Coverage
from integrade.geography import Geography, Region, built_in
from integrade.report.figures import map_figure
from integrade.report.map_letters import LETTER, letters_at
from integrade.study.results import places_in
from integrade.verdicts.bundle import Index, IndexPoint

POINTS = tuple(
    IndexPoint(name, year, 0.01, 2.0 + i + year - 2000, None)
    for i, name in enumerate(("Penang", "Kedah", "W.P. Kuala Lumpur"))
    for year in (2000, 2001)
)
INDEX = Index("none", 3, 4, (), (), POINTS)


def with_places(where: Geography | None) -> Index:
    return replace(INDEX, places=places_in(where, sorted({p.region for p in POINTS})))


def values(chart: Any) -> list[dict[str, Any]]:
    """Every row that a specification has inline."""
    return [row for rows in chart["datasets"].values() for row in rows]


def test_a_country_has_its_tiles_those_without_an_index_grey() -> None:
    chart = map_figure(with_places(built_in()["MY"])).to_dict()
    rows = [r for r in values(chart) if "code" in r]
    assert {r["code"] for r in rows if "integration" in r} == {"PNG", "KDH", "KUL"}
    assert {r["region"] for r in rows if "integration" in r} == {"Penang", "Kedah", "W.P. Kuala Lumpur"}
    assert len({r["code"] for r in rows if "integration" not in r}) == 13
    assert "One tile per region" in str(chart)
    assert "provinc" not in str(chart)


@pytest.mark.parametrize("code", ["EU", "EU2"])
def test_every_region_of_a_country_has_a_tile_of_its_own(code: str) -> None:
    where = built_in()[code]
    names = [r.name for r in where.regions]
    points = tuple(IndexPoint(name, 2000, 0.01, 1.0 + i, None) for i, name in enumerate(names))
    chart = map_figure(replace(INDEX, points=points, places=places_in(where, names))).to_dict()
    assert len({r["code"] for r in values(chart) if "code" in r}) == len(names)


def test_outlines_of_a_file_are_drawn_instead() -> None:
    square = (((100.0, 5.0), (101.0, 5.0), (101.0, 6.0), (100.0, 6.0), (100.0, 5.0)),)
    names = ("Penang", "Kedah", "W.P. Kuala Lumpur", "Perak")
    regions = tuple(Region(n, tile=(i, 0), label=n[:3]) for i, n in enumerate(names))
    own = Geography("my.geojson", "my.geojson", regions=regions, outlines=dict.fromkeys(names, square))
    chart = map_figure(with_places(own)).to_dict()
    shapes = [r for r in values(chart) if r.get("type") == "Feature"]
    assert {r["region"] for r in shapes} == set(names)
    assert "geoshape" in str(chart)
    assert "Boundaries" in str(chart)
    corner = shapes[0]["geometry"]["coordinates"][0][0][1]
    assert corner == pytest.approx([101 * 0.9954, 5], abs=0.01)  # the cosine of 5.5 degrees


def test_letters_stand_within_outlines_as_large_as_fits() -> None:
    """A map of a user's outlines named no region: nobody could tell which was which on paper."""
    tall = ((0.0, 0.0), (1.0, 0.0), (1.0, 8.0), (0.0, 8.0), (0.0, 0.0))
    found = letters_at(tall, "ABC")
    assert found is not None
    assert (found.x, found.size) == pytest.approx((0.5, 1 / (LETTER * 3)))
    assert found.y == pytest.approx(4.0), "in the middle of equal places"
    horseshoe = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (6.0, 9.0), (6.0, 3.0), (3.0, 3.0), (3.0, 9.0), (0.0, 9.0))
    within = letters_at(horseshoe, "A")
    assert within is not None
    assert not (3 < within.x < 6 and within.y > 3), "not in the bay"
    assert within.y + within.size * 1.15 / 2 <= 9
    assert letters_at(((0.0, 0.0), (1.0, 0.0), (2.0, 0.0)), "A") is None


def test_outlines_have_their_letters_and_grey_ones_too() -> None:
    rings = {n: _square(i) for i, n in enumerate(("Penang", "Kedah", "W.P. Kuala Lumpur", "Perak"))}
    regions = tuple(Region(n, tile=(i, 0), label="" if n == "Kedah" else n[:3]) for i, n in enumerate(rings))
    own = Geography("my.geojson", "my.geojson", regions=regions, outlines=rings)
    chart = map_figure(with_places(own)).to_dict()
    rows = {r["region"]: r for r in values(chart) if "room" in r}
    assert {r["letters"] for r in rows.values()} == {"Pen", "Kedah", "W.P", "Per"}
    for i, name in enumerate(rings):
        assert (100 + 2 * i) * 0.99 < rows[name]["x"] < 101 + 2 * i
        assert 5 < rows[name]["y"] < 6
    texts = [layer for layer in chart["layer"] if layer["mark"]["type"] == "text" and "longitude" in layer["encoding"]]
    assert [layer["encoding"].get("color", {}).get("condition") is not None for layer in texts] == [False, True]
    assert all("datum.room" in layer["mark"]["fontSize"]["expr"] for layer in texts)


def _square(i: int) -> tuple[tuple[tuple[float, float], ...], ...]:
    west = 100.0 + 2 * i
    return (((west, 5.0), (west + 1, 5.0), (west + 1, 6.0), (west, 6.0), (west, 5.0)),)


def test_regions_of_nowhere_have_no_map() -> None:
    assert with_places(None).places == with_places(Geography("f", "f", regions=(Region("Penang"),))).places == ()
    with pytest.raises(Coverage, match="no region of the index has a place on the map") as refused:
        map_figure(with_places(None))
    assert "[geography]" in refused.value.remedy
