"""Provinces: the contiguity count that validates the list, names in every spelling met in raw files, the tile map."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from each import each
from integrade.geography import (
    CAPITALS,
    CONTIGUITY,
    LAND_BORDERS,
    MUNICIPALITIES,
    PROVINCES,
    kilometres,
    neighbours,
    province_of,
)
from library import shared


def test_groups_are_those_of_official_statistics() -> None:
    assert Counter(p.group for p in PROVINCES) == {"East": 11, "Central": 8, "West": 12}
    assert MUNICIPALITIES == ("Beijing", "Tianjin", "Shanghai", "Chongqing")
    west = {p.english for p in PROVINCES if p.group == "West"}
    assert {"Guangxi", "Inner Mongolia", "Chongqing"} <= west


def test_sixty_eight_land_borders_and_one_by_convention() -> None:
    """METHODS 1.2: 68 land pairs, 69 with Guangdong-Hainan, 64 land pairs without Tibet."""
    names = {p.english for p in PROVINCES}
    assert len(set(LAND_BORDERS)) == 68
    assert len(CONTIGUITY) == 69
    assert sum("Tibet" not in pair for pair in LAND_BORDERS) == 64
    assert all(a < b and {a, b} <= names for a, b in CONTIGUITY)
    assert {p.english for p in PROVINCES if not neighbours(p.english, sea=False)} == {"Hainan"}


def test_twenty_eight_units_have_the_published_sixty_one_pairs() -> None:
    """METHODS 1.2: without Hainan and Tibet, Chongqing merged into Sichuan, exactly 61 pairs (Gui et al. 2006)."""
    merged = {
        tuple(sorted("Sichuan" if name == "Chongqing" else name for name in pair))
        for pair in CONTIGUITY
        if not {"Hainan", "Tibet"} & set(pair)
    }
    assert len({pair for pair in merged if pair[0] != pair[1]}) == 61


def test_pairs_equal_the_stored_list() -> None:
    with shared("golden/contiguity_cn31.csv").open(encoding="utf-8") as file:
        rows = [{r[side].replace("InnerM", "Inner M") for side in ("a", "b")} for r in csv.DictReader(file)]
    assert sorted(map(sorted, rows)) == sorted(map(sorted, CONTIGUITY))


@each("p", PROVINCES, ids=lambda p: p.english)
def test_every_province_is_found_by_each_of_its_names(p) -> None:
    spaced = "\u3000".join(p.chinese_short)
    for name in (
        p.english,
        p.english.upper(),
        p.pinyin.lower(),
        p.chinese_short,
        p.chinese_long,
        spaced,
        f" {p.english} ",
    ):
        assert province_of(name) is p, name


@each(
    ("name", "english"),
    [
        ("InnerMongolia", "Inner Mongolia"),
        ("inner  mongolia", "Inner Mongolia"),
        ("Nei Mongol", "Inner Mongolia"),
        ("Nei Menggu", "Inner Mongolia"),
        ("内蒙", "Inner Mongolia"),
        ("Xizang", "Tibet"),
        ("西藏", "Tibet"),
        ("Shaanxi", "Shaanxi"),
        ("Shanxi", "Shanxi"),
        ("陕西省", "Shaanxi"),
        ("山西省", "Shanxi"),
        ("广西壮族", "Guangxi"),
        ("广西省", "Guangxi"),
        ("广西自治区", "Guangxi"),
        ("新疆维吾尔", "Xinjiang"),
        ("宁夏回族自治区", "Ningxia"),
        ("Hebei Province", "Hebei"),
        ("Beijing Municipality", "Beijing"),
        ("Guangxi Zhuang Autonomous Region", "Guangxi"),
        ("Hēilóngjiāng", "Heilongjiang"),
        ("北  京", "Beijing"),
    ],
)
def test_spellings_met_in_raw_files(name: str, english: str) -> None:
    found = province_of(name)
    assert found is not None
    assert found.english == english


@each("name", ["吉林市", "Jilin City", "全国", "香港", "Taiwan", "", "市", "海南州", "江", "地区"])
def test_what_is_not_a_province_is_none(name: str) -> None:
    assert province_of(name) is None


def test_tiles_are_distinct_and_keep_neighbours_near() -> None:
    cells = {p.english: (p.tile_column, p.tile_row) for p in PROVINCES}
    assert len(set(cells.values())) == 31
    steps = [max(abs(x - y) for x, y in zip(cells[a], cells[b], strict=True)) for a, b in CONTIGUITY]
    assert max(steps) <= 3, "no pair of neighbours is more than three tiles apart"
    assert sum(step == 1 for step in steps) >= 50, "most neighbours touch on the tile map"
    assert cells["Heilongjiang"][1] == 0
    assert cells["Hainan"][1] == max(row for _, row in cells.values())
    assert {cells["Xinjiang"][0], cells["Tibet"][0]} == {0}


def test_distances_between_capitals() -> None:
    # great-circle distances of the city pairs as commonly published, to the ten kilometres that centres differ by
    published = {("Beijing", "Shanghai"): 1068, ("Beijing", "Guangdong"): 1890, ("Hainan", "Heilongjiang"): 3250}
    assert {pair: kilometres(*pair) for pair in published} == pytest.approx(published, abs=30)
    assert kilometres("Tibet", "Tibet") == 0
    assert sorted(CAPITALS) == sorted(p.english for p in PROVINCES)
    near = [kilometres(a, b) for a, b in LAND_BORDERS]
    assert max(near) < 1700, "capitals of neighbours: none further than Xinjiang and Gansu"
