"""Regions of a user's own: tables, outlines, neighbours by rule; what is missing is said with a remedy that works."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.engine.frames import Table, collect, enter
from integrade.errors import (
    DuplicateKeys,
    IntegradeError,
    MissingColumn,
    NotANumber,
    OutOfRange,
    UnknownName,
    UnknownRegion,
    Unreadable,
    UsageError,
    speaking,
)
from integrade.geography import Geography, built_in, country, geography_from
from integrade.geography.telling import why_unknown
from integrade.integration import RelativePrice, gravity, relative_price
from integrade.integration.given import distances_between
from integrade.integration.pairs import choose_pairs
from integrade.integration.units import groups_of
from integrade.sources import read_prices
from integrade.sources.meaning.regions import leave_out_regions, one_spelling, respell
from integrade.sources.tables.geography import joined, read_geography
from integrade.subjects.groups.splits import group_column
from integrade.subjects.spillover.model import spillover

TABLE = """region,aliases,code,area,longitude,latitude,neighbours
Nakuru,Nakuru Town;Rift,32,West,36.07,-0.30,Nairobi
Nairobi,,47,Centre,36.82,-1.29,Machakos
Machakos,,16,Centre,37.26,-1.52,
Mombasa,,01,Coast,39.66,-4.05,
"""


def written(folder: Path, text: str, name: str = "places.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def prices(regions: list[str], years: int = 3) -> pl.DataFrame:
    draw = np.random.default_rng(3)
    rows = [(r, 2000 + t, f"g{k}", 100 + draw.normal()) for r in regions for t in range(years) for k in range(5)]
    return pl.DataFrame(rows, schema=["region", "year", "commodity", "index"], orient="row")


def test_two_names_that_become_one_region_are_refused(tmp_path: Path) -> None:
    rows = [
        f"{s},{y},{g},{100 + y % 7}" for s in ("Penang", "George Town", "Perak") for y in (2001, 2002) for g in "ab"
    ]
    path = tmp_path / "p.csv"
    path.write_text("region,year,commodity,index\n" + "\n".join(rows), encoding="utf-8")
    own = built_in()["MY"].called({"George Town": "Pulau Pinang"})
    with pytest.raises(DuplicateKeys, match="once 'George Town' is 'Pulau Pinang'") as refused:
        respell(read_prices(path), own)
    assert """where='region != "George Town"'""" in refused.value.remedy
    kept = respell(read_prices(path, where='region != "George Town"'), own)
    assert set(kept.polars()["region"]) == {"Pulau Pinang", "Perak"}


def test_a_table_has_names_codes_places_and_neighbours(tmp_path: Path) -> None:
    kenya = read_geography(written(tmp_path, TABLE))
    assert isinstance(kenya, Geography)
    assert kenya.neighbours("rift") == ("Nairobi",)
    assert kenya.neighbours("Nairobi") == ("Machakos", "Nakuru")  # each pair stands once in the file
    assert kenya.neighbours("Mombasa") == ()
    assert kenya.region("01") is kenya.region("Mombasa")
    assert kenya.kilometres("Nairobi", "Mombasa") == pytest.approx(441, abs=5)
    assert len({r.tile for r in kenya.regions}) == len({r.label for r in kenya.regions}) == 4


def test_plane_coordinates_are_kilometres(tmp_path: Path) -> None:
    flat = read_geography(written(tmp_path, "market,x,y\nA,0,0\nB,300,400\n"))
    assert flat is not None
    assert flat.kilometres("A", "B") == 500
    assert flat.borders is None


def test_neighbours_by_distance_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "market,x,y\nA,0,0\nB,1,0\nC,3,0\nD,100,0\n")
    nearest, within = (read_geography(path, neighbours=rule) for rule in ("nearest:1", "within:2.5"))
    assert nearest is not None
    assert within is not None
    assert nearest.borders == (("A", "B"), ("B", "C"), ("C", "D"))
    assert within.borders == (("A", "B"), ("B", "C"))
    with pytest.raises(UsageError, match="is not a rule"):
        read_geography(path, neighbours="nearest:half")


def box(name: str, x: float, y: float, w: float = 1, **more: str) -> dict[str, object]:
    ring = [[x, y], [x + w, y], [x + w, y + 1], [x, y + 1], [x, y]]
    return {
        "type": "Feature",
        "properties": {"NAME_1": name, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_outlines_with_a_common_edge_are_neighbours_and_a_common_point_is_no_border(tmp_path: Path) -> None:
    """Four squares that meet in a corner, as Utah, Colorado, New Mexico and Arizona do."""
    layer = [box("UT", 0, 1, group="north"), box("CO", 1, 1), box("AZ", 0, 0), box("NM", 1, 0), box("Far", 9, 9)]
    path = written(tmp_path, json.dumps({"type": "FeatureCollection", "features": layer}), "four.geojson")
    found = read_geography(str(path))
    assert found is not None
    assert found.borders == (("AZ", "NM"), ("AZ", "UT"), ("CO", "NM"), ("CO", "UT"))
    utah = found.region("ut")
    assert utah is not None
    assert (utah.longitude, utah.latitude, utah.area) == (0.5, 1.5, "north")
    assert found.outlines is not None
    assert set(found.outlines) == {"UT", "CO", "AZ", "NM", "Far"}


def test_the_middle_does_not_depend_on_which_way_rings_run(tmp_path: Path) -> None:
    def square(x: float, size: float) -> list[list[float]]:
        return [[x, 0], [x + size, 0], [x + size, size], [x, size], [x, 0]]

    hole = [[0.25, 0.5], [0.5, 0.5], [0.5, 0.75], [0.25, 0.75], [0.25, 0.5]]
    middles = []
    for turned in (1, -1):
        parts = [[square(0, 1)[::turned], hole], [square(9, 1)]]
        one = {
            "type": "Feature",
            "properties": {"name": "Twins"},
            "geometry": {"type": "MultiPolygon", "coordinates": parts},
        }
        path = written(
            tmp_path, json.dumps({"type": "FeatureCollection", "features": [one]}), f"turned{turned}.geojson"
        )
        found = read_geography(str(path))
        assert found is not None
        middles.append((found.regions[0].longitude, found.regions[0].latitude))
    weighted = (0.5 + 9.5 - 0.375 / 16) / (2 - 1 / 16)
    assert middles[0] == pytest.approx(middles[1])
    assert middles[0][0] == pytest.approx(weighted)


def test_nuts_2_of_a_users_file_have_their_nuts_1_as_area(tmp_path: Path) -> None:
    layer = [box("Oberbayern", 0, 0, NUTS_ID="DE21"), box("Schwaben", 1, 0, NUTS_ID="DE27")]
    found = read_geography(written(tmp_path, json.dumps({"features": layer}), "nuts.json"))
    assert found is not None
    assert [r.area for r in found.regions] == ["DE2", "DE2"]
    assert found.region("DE27") is found.region("schwaben")


POLYGON_OF_WORDS = {"type": "Polygon", "coordinates": [[["x", "y"]]]}


@each(
    ("text", "name", "error", "says"),
    [
        ("region,lon,lat\nA,200,0\n", "a.csv", OutOfRange, "beyond 180 degrees"),
        ("region,lon,lat\nA,x,0\n", "a.csv", NotANumber, "'x' is not a number"),
        ("region,neighbours\nA,B\n", "a.csv", UnknownName, "'B', which is not a region"),
        ("region,neighbours\nA,A\n", "a.csv", UnknownName, "itself"),
        ("region,aliases\nA,X\nB,x\n", "a.csv", DuplicateKeys, "two regions called 'x'"),
        ("{}", "a.geojson", Unreadable, "not a GeoJSON"),
        ("[" * 100_000, "a.geojson", Unreadable, "not a GeoJSON"),
        (json.dumps({"features": [1]}), "a.geojson", Unreadable, "not a GeoJSON"),
        (json.dumps({"features": [{"properties": {"name": "A"}, "geometry": [1]}]}), "a.geojson", Unreadable, "Geo"),
        (json.dumps({"features": [{**box("A", 0, 0), "geometry": POLYGON_OF_WORDS}]}), "a.geojson", Unreadable, "G"),
        (json.dumps({"features": [{"properties": {"k": "A"}, "geometry": None}]}), "a.geojson", MissingColumn, "k"),
    ],
)
def test_what_a_file_lacks_is_told(tmp_path: Path, text: str, name: str, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        read_geography(written(tmp_path, text, name))


def test_a_country_is_found_by_code_or_name_and_others_are_refused(tmp_path: Path) -> None:
    assert read_geography("my") is read_geography("Malaysia") is country("MY")
    assert read_geography(None) is None
    with pytest.raises(UnknownName, match="did you mean 'Malaysia'"):
        read_geography("Malasia")
    with pytest.raises(IntegradeError, match="no file of regions"):
        read_geography(str(tmp_path / "none.csv"))


STATES = ["Penang", "Kedah", "Perak", "Selangor", "Sabah"]


def test_adjacent_pairs_distances_and_areas_of_another_country() -> None:
    """Before, every country but China was refused."""
    pairs = choose_pairs("adjacent", STATES)
    named = {(STATES[i], STATES[j]) for i, j in zip(pairs.first, pairs.second, strict=True)}
    assert named == {("Penang", "Kedah"), ("Penang", "Perak"), ("Kedah", "Perak"), ("Perak", "Selangor")}
    assert groups_of(STATES, None) == ("Peninsular Malaysia",) * 4 + ("East Malaysia",)
    far = distances_between(STATES, None)
    assert far[0, 4] == pytest.approx(1860, abs=60)
    assert np.isnan(np.diag(far)).all()
    assert len(choose_pairs("within:200", STATES)) == 4
    made = relative_price(prices(STATES), pairs="adjacent", basis="link")
    assert set(made.drop_nulls("segmentation")["region"]) == {"Penang", "Kedah", "Perak", "Selangor"}


def test_regions_of_a_file_are_adjacent_far_and_grouped(tmp_path: Path) -> None:
    path = str(written(tmp_path, TABLE))
    names = ["Rift", "Nairobi", "Machakos", "Mombasa"]
    pairs = choose_pairs("adjacent", names, geography=path)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert groups_of(names, None, path) == ("West", "Centre", "Centre", "Coast")
    assert distances_between(names, None, path)[1, 3] == pytest.approx(441, abs=5)
    panel = pl.DataFrame({"region": names, "year": [2000] * 4})
    assert group_column(panel, "area", geography=path)["area"].to_list() == ["West", "Centre", "Centre", "Coast"]
    made = spillover(prices=prices(names), method=RelativePrice(geography=path, basis="link"))
    assert made.polars().filter(pl.col("n_neighbours") > 0)["region"].unique().sort().to_list() == [
        "Machakos",
        "Nairobi",
        "Rift",
    ]


@pytest.mark.parametrize(
    ("regions", "what", "remedy"),
    [
        (["Lavizzara", "Leventina"], "'Lavizzara' is not a region of a built-in country", 'geography="regions.csv"'),
        (["AL", "PA", "MS"], "the regions may be those of Brazil and United States", 'geography="US"'),
        (["Kedah", "Perak", "Pulau Pinag"], "2 of 3 regions are states of Malaysia, 'Pulau Pinag'", "Pulau Pinang"),
    ],
)
def test_what_is_missing_for_neighbours_is_said(regions: list[str], what: str, remedy: str) -> None:
    with pytest.raises(UnknownName) as refused:
        choose_pairs("adjacent", regions)
    assert what in refused.value.what
    assert remedy in refused.value.remedy


def test_the_remedies_help(tmp_path: Path) -> None:
    assert len(choose_pairs("adjacent", ["AL", "PA", "MS"], geography="US")) == 1
    named = country("MY")
    assert named is not None
    own = named.called({"Pulau Pinag": "Pulau Pinang"})
    assert len(choose_pairs("adjacent", ["Kedah", "Perak", "Pulau Pinag"], geography=own)) == 3
    path = written(tmp_path, "region,neighbours\nLazio,Umbria\nUmbria,\n")
    assert len(choose_pairs("adjacent", ["Lazio", "Umbria"], geography=str(path))) == 1
    with pytest.raises(UnknownName, match="has no coordinates of regions"):
        choose_pairs("within:100", ["Lazio", "Umbria"], geography=str(path))
    bare = written(tmp_path, "region\nLazio\nUmbria\n", "bare.csv")
    with pytest.raises(UnknownName, match=r"needs the borders of the regions, and bare\.csv has none"):
        choose_pairs("adjacent", ["Lazio", "Umbria"], geography=str(bare))


def test_pairs_of_a_file_meet_in_any_spelling() -> None:
    pairs = choose_pairs([("Pulau Pinang", "KEDAH"), ("MY-08", "Penang")], STATES)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 1), (0, 2)]


def test_a_table_with_a_state_in_two_spellings_has_one() -> None:
    rows = pl.DataFrame({"region": ["Penang", "Pulau Pinang", "Kedah"], "year": [1, 2, 1]})
    frame, notes = one_spelling(enter(rows), "as_is", "prices")
    assert sorted(collect(frame)["region"]) == ["Kedah", "Pulau Pinang", "Pulau Pinang"]
    said = [str(e.reason) for e in notes]
    assert said == ["1 spellings of regions harmonised, 1 rows", "3 region names are all states of Malaysia"]
    assert leave_out_regions(rows, ["penang"]).height == 1


def test_names_that_may_be_of_two_countries_or_of_none_are_told() -> None:
    _, notes = one_spelling(enter(pl.DataFrame({"region": ["AL", "PA", "MS"]})), "as_is", "prices")
    assert 'Brazil (country = "BR"), United States (country = "US")' in notes[0].reason
    _, notes = one_spelling(
        enter(pl.DataFrame({"region": ["Kedah", "Perak", "Johor", "Pulau Pinag"]})), "as_is", "prices"
    )
    assert notes[0].kind == "warning"
    assert (
        "3 of 4 region names are states of Malaysia; these are not: Pulau Pinag (1 row, nearest Pulau Pinang)"
        in notes[0].reason
    )


def test_a_named_country_writes_usual_names_and_refuses_others() -> None:
    table = Table("firms", pl.DataFrame({"region": ["07", "Penang", "MY-08"], "year": [1, 1, 1]}))
    found = respell(table, country("MY"))
    assert sorted(found.polars()["region"]) == ["Perak", "Pulau Pinang", "Pulau Pinang"]
    odd = Table("firms", pl.DataFrame({"region": ["Pulau Pinag", "Perak", "Pulau Pinag"]}))
    with pytest.raises(UnknownRegion, match=r"'Pulau Pinag' \(2 rows of firms\) is not a region of Malaysia, nearest"):
        respell(odd, country("MY"))


@each(
    ("code", "usual", "spellings"),
    [
        ("MX", "Ciudad de México", ("México, D.F.", "Mexico DF", "Cd. de México", "Área Met. de la Cd. de México")),
        ("MX", "México", ("Edo. México", "México (Estado de)")),
        ("BR", "Distrito Federal", ("Brasília (DF)", "Brasilia - DF", "Distrito Federal (Brasília)")),
        ("MY", "Kuala Lumpur", ("Kuala Lumpur (W.P.)", "Kuala Lumpur F.T.")),
        ("ID", "DKI Jakarta", ("Jakarta Capital City",)),
        ("IN", "Delhi", ("Delhi (NCT)", "N.C.T. of Delhi")),
        ("US", "District of Columbia", ("Washington D. C.",)),
    ],
)
def test_capital_districts_have_their_old_and_official_names(code: str, usual: str, spellings: tuple[str, ...]) -> None:
    assert {country(code).usual(one) for one in spellings} == {usual}


@pytest.mark.parametrize(
    ("code", "name", "regions"),
    [
        ("MX", "Valle de México", ("Ciudad de México", "México")),
        ("US", "Kansas City", ("Kansas",)),
        ("BR", "Rio de Janeiro (capital)", ("Rio de Janeiro",)),
    ],
)
def test_a_part_of_a_name_is_asked_for_and_no_alias_is_offered(code: str, name: str, regions: tuple[str, ...]) -> None:
    others = [r.name for r in country(code).regions if r.name not in regions]
    odd = Table("firms", pl.DataFrame({"region": [name, *others]}))
    may_be = f"which may be {' or '.join(map(repr, regions))} or none of them"
    with pytest.raises(UnknownRegion, match=re.escape(may_be)) as refused:
        respell(odd, country(code))
    assert f'write "..." for "{name}"' in refused.value.remedy
    why, remedy = why_unknown([name, *others])
    assert may_be in why
    assert f'write "..." for "{name}"' in remedy


def test_flows_without_distances_take_those_of_a_named_geography() -> None:
    far = distances_between(STATES, None)
    draw = np.random.default_rng(2)
    rows = [
        (
            a,
            b,
            t,
            float(np.exp(5 - (0 if a == b else np.log(far[i, j])) + draw.normal(0, 0.1))),
            None if a != b else 30.0,
        )
        for t in (2000, 2001)
        for i, a in enumerate(STATES)
        for j, b in enumerate(STATES)
    ]
    flows = pl.DataFrame(rows, schema=["origin", "destination", "year", "value", "distance"], orient="row")
    with pytest.raises(IntegradeError, match="distance"):
        gravity(flows)
    table = gravity(Table("flows", flows), geography="MY")
    assert any("between their centres" in str(e.reason) and e.rows == 20 for e in table.account)
    whole = flows.with_columns(
        distance=pl.Series([30.0 if a == b else far[STATES.index(a), STATES.index(b)] for a, b, *_ in rows])
    )
    assert gravity(whole)["border_effect"].to_list() == pytest.approx(table.polars()["border_effect"].to_list())


def test_a_country_takes_outlines_and_neighbours_of_a_file(tmp_path: Path) -> None:
    layer = [box("Penang", 100, 5), box("KEDAH", 101, 5), box("Elsewhere", 110, 5)]
    path = written(tmp_path, json.dumps({"features": layer[:2]}), "two.geojson")
    known, own = country("MY"), read_geography(str(path))
    assert known is not None
    assert own is not None
    both = joined(known, own)
    assert both.borders == known.borders, "of regions that the file lacks the country says who the neighbours are"
    assert set(both.outlines or ()) == {"Kedah", "Pulau Pinang"}
    assert both.region("MY-07") is both.region("Penang")
    assert both.kilometres("Penang", "Kedah") == pytest.approx(111, abs=2)
    odd = read_geography(str(written(tmp_path, json.dumps({"features": layer}), "three.geojson")))
    assert odd is not None
    with pytest.raises(UnknownName, match="'Elsewhere', which is not a region of Malaysia"):
        joined(known, odd)


def layer_of(folder: Path, boxes: list[dict[str, object]], name: str = "nuts.geojson") -> Geography:
    found = read_geography(str(written(folder, json.dumps({"features": boxes}), name)))
    assert found is not None
    return found


BAVARIA = [
    box("Oberbayern", 11, 48, NUTS_ID="DE21"),
    box("Niederbayern", 12, 48, NUTS_ID="DE22"),
    box("Tirol", 11, 47, NUTS_ID="AT33"),
    box("Salzburg und Umgebung", 12, 47, NUTS_ID="AT32"),
]


def test_neighbours_that_a_country_does_not_know_are_refused_and_a_file_says_them(tmp_path: Path) -> None:
    names = ["Oberbayern", "Niederbayern", "Tirol", "Salzburg"]
    with pytest.raises(UnknownName) as refused:
        choose_pairs("adjacent", names)
    assert "European Union (NUTS 2) has no neighbours for 2 of the 4 regions: Niederbayern, Oberbayern" in str(
        refused.value
    )
    assert "a file with their outlines" in refused.value.remedy
    with pytest.raises(UnknownName, match=r"for 29 of the 242 regions.* and others"):
        choose_pairs("adjacent", [r.codes[0] for r in built_in()["EU2"].regions])
    assert len(choose_pairs("adjacent", ["Tirol", "Salzburg", "Vorarlberg"])) == 2
    assert len(choose_pairs("nearest:1", names)) >= 2
    both = joined(built_in()["EU2"], layer_of(tmp_path, BAVARIA))
    assert both.neighbours("Lazio") == built_in()["EU2"].neighbours("Lazio")
    assert both.without_neighbours_known(names) == ()
    pairs = choose_pairs("adjacent", names, geography=both)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert both.without_neighbours_known([*names, "Schwaben", "Weser-Ems"]) == ("Schwaben",), "the file lacks it"
    assert joined(both, layer_of(tmp_path, BAVARIA[:2])).without_neighbours_known(names) == ()


def test_a_map_of_nuts_has_other_countries_and_no_other_version(tmp_path: Path) -> None:
    two = built_in()["EU2"]
    wider = joined(two, layer_of(tmp_path, [*BAVARIA, box("Ticino", 11, 46, NUTS_ID="CH07")]))
    assert set(wider.outlines or ()) == {"Oberbayern", "Niederbayern", "Tirol", "Salzburg"}
    assert wider.region("Ticino") is None
    for name, code, says in (
        ("Grande Lisboa", "PT1A", "'PT1A' of NUTS 2024, in .* 'Área Metropolitana de Lisboa'"),
        ("Centre", "FR24", "'FR24' of NUTS 2013, in .* 'Centre-Val de Loire'"),
        ("Nowhere", "DE2X", "'Nowhere', which is not a region"),
    ):
        with pytest.raises(UnknownName, match=says):
            joined(two, layer_of(tmp_path, [*BAVARIA, box(name, 0, 0, NUTS_ID=code)]))
    with pytest.raises(UnknownName, match="has no region of European Union"):
        joined(two, layer_of(tmp_path, [box("Ticino", 11, 46, NUTS_ID="CH07")]))


def test_codes_of_another_version_are_refused_with_the_region_of_today() -> None:
    rows = Table("prices", pl.DataFrame({"region": ["FR24", "FR10", "PL12", "PL12", "DE21"], "year": [1, 1, 1, 2, 1]}))
    with pytest.raises(UnknownRegion) as refused:
        respell(rows, country("EU2"))
    assert (
        "'PL12' (2 rows of prices) is not a region of European Union (NUTS 2), but one of NUTS 2013: its area is in "
        "'Warszawski stołeczny' and 'Mazowiecki regionalny' today"
    ) in refused.value.what
    assert refused.value.remedy.startswith("recode the files to the present regions")
    with speaking("file"), pytest.raises(UnknownRegion, match="Mazowiecki") as refused_in_a_file:
        respell(rows, country("EU2"))
    own = '[geography] aliases = { "PL12" = "PL12" }'
    assert own in refused_in_a_file.value.remedy
    kept = built_in()["EU2"].called({"PL12": "PL12", "FR24": "Centre-Val de Loire"})
    assert "PL12" in respell(rows, kept).polars()["region"].to_list()
    assert "FR24 (1 row, NUTS 2013: today Centre-Val de Loire)" in refused.value.what
    _, notes = one_spelling(enter(pl.DataFrame({"region": ["FR24", "FR10", "DE21", "DE22"]})), "as_is", "prices")
    assert "these are not: FR24 (1 row, NUTS 2013: today Centre-Val de Loire)" in notes[0].reason
    with pytest.raises(
        UnknownName, match=r"'FR24' is not one of them \(NUTS 2013: today 'Centre-Val de Loire'\)"
    ) as told:
        choose_pairs("adjacent", ["FR24", "FR10", "FRE1"])
    assert 'write "Centre-Val de Loire" for "FR24" in the data' in told.value.remedy
    old = ["FR10", "FR24", "FR26", "FR42", "FR71"]
    with pytest.raises(
        UnknownName, match=r"1 of 5 regions are NUTS 2 regions of the EU, 'FR24' is not one of them \(NUTS 2013: "
    ):
        choose_pairs("adjacent", old)
    _, notes = one_spelling(enter(pl.DataFrame({"region": old})), "as_is", "prices")
    assert (
        "1 of 5 region names are NUTS 2 regions of the EU; these are not: FR24 (1 row, NUTS 2013: today "
        in notes[0].reason
    )
    own = built_in()["EU2"].called({"FR24": "Centre-Val de Loire"})
    assert len(choose_pairs("adjacent", ["FR24", "FR10", "FRE1"], geography=own)) == 1
    with pytest.raises(UnknownName, match="its area is in 'Warszawski stołeczny' and") as told:
        choose_pairs("adjacent", ["PL12", "PL21", "PL22"])
    assert "recode the files to the present regions" in told.value.remedy


def test_names_of_both_levels_of_nuts_may_be_either() -> None:
    _, notes = one_spelling(enter(pl.DataFrame({"region": ["Berlin", "Hamburg", "Bremen"]})), "as_is", "prices")
    assert 'European Union (country = "EU"), European Union (NUTS 2) (country = "EU2")' in notes[0].reason
    with pytest.raises(UnknownName, match=r"those of European Union and European Union \(NUTS 2\)") as refused:
        choose_pairs("adjacent", ["Berlin", "Brandenburg", "Bremen"])
    assert 'geography="EU" or geography="EU2"' in refused.value.remedy
    assert len(choose_pairs("adjacent", ["Berlin", "Brandenburg", "Bremen"], geography="EU2")) == 1


@pytest.mark.parametrize(("name", "first"), [("PL", "EU2"), ("Poland", "EU2"), ("fr", "EU2")])
def test_a_member_of_the_union_is_found_among_its_regions(name: str, first: str) -> None:
    with pytest.raises(UnknownName) as refused:
        geography_from(name)
    assert refused.value.remedy.startswith(f"its regions are among those of {first} (European Union (NUTS 2): ")
    with pytest.raises(UnknownName) as refused:
        geography_from("PA")
    assert "its regions" not in refused.value.remedy
