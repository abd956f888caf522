"""The built-in countries: neighbours against facts from elsewhere, middles, tiles, names."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from each import each
from integrade.errors import UnknownName
from integrade.geography import (
    Geography,
    Region,
    built_in,
    candidates,
    country,
    geography_of,
    nearest,
    slip_of,
    unmatched,
)
from integrade.geography.countries import PLACES
from integrade.geography.telling import why_unknown

SIZES = {"BR": 27, "CN": 31, "EU": 92, "EU2": 242, "ID": 34, "IN": 36, "MX": 32, "MY": 16, "US": 51, "VN": 63}
SIZES["YRD"] = 41
BOXES = {  # degrees west, east, south, north of each country
    "BR": (-74.0, -34.7, -33.8, 5.3),
    "CN": (73.5, 135.1, 18.1, 53.6),
    "EU": (-31.4, 34.7, 27.5, 70.2),
    "EU2": (-61.6, 55.6, -21.3, 70.2),  # Guadeloupe to La Réunion
    "ID": (95.0, 141.1, -11.1, 6.1),
    "IN": (68.1, 97.5, 6.7, 37.1),
    "MX": (-118.5, -86.7, 14.5, 32.8),
    "MY": (99.6, 119.3, 0.8, 7.4),
    "US": (-179.2, -66.9, 18.9, 71.4),
    "VN": (102.1, 109.5, 8.5, 23.4),
    "YRD": (114.8, 122.9, 27.1, 35.2),
}


@each("code", sorted(SIZES))
def test_a_country_is_whole(code: str) -> None:
    one = built_in()[code]
    west, east, south, north = BOXES[code]
    names = [r.name for r in one.regions]
    assert len(set(names)) == len(names) == SIZES[code]
    assert len({r.tile for r in one.regions}) == len({r.label for r in one.regions}) == len(names)
    placed = [r for r in one.regions if math.isfinite(r.longitude)]
    assert len(placed) == len(names) - (code == "EU")  # the French regions overseas have no middle
    assert all(west < r.longitude < east and south < r.latitude < north for r in placed)
    assert all(len(r.label) <= (4 if code == "EU2" else 3) and r.area for r in one.regions)
    assert one.borders is not None
    assert all(a < b and {a, b} <= set(names) for a, b in one.borders)
    assert len(set(one.borders)) == len(one.borders)
    for r in one.regions:
        if not any(r.name in pair for pair in one.unknown):
            assert {a for pair in one.borders if r.name in pair for a in pair} - {r.name} == set(one.neighbours(r.name))
        for spelling in (r.name, r.name.upper(), *r.aliases, *r.codes):
            assert one.region(spelling) is r, spelling
    assert country(one.title) is country(code.lower()) is one


@each("path", sorted(PLACES.glob("*.toml")), ids=lambda p: p.name)
def test_a_country_is_small(path: Path) -> None:
    assert path.stat().st_size < (40_000 if path.stem == "eu2" else 30_000)


def test_contiguous_states_have_the_107_borders_of_the_stanford_graphbase() -> None:
    """Knuth's contiguous-usa.dat: 107 pairs of the 48 states and the District; a common point is no border."""
    usa = built_in()["US"]
    assert usa.borders is not None
    assert len(usa.borders) == 107
    assert usa.neighbours("Alaska") == usa.neighbours("Hawaii") == ()
    corners = {"Arizona", "Colorado", "New Mexico", "Utah"}
    assert {p for p in usa.borders if set(p) <= corners} == {
        ("Arizona", "New Mexico"),
        ("Arizona", "Utah"),
        ("Colorado", "New Mexico"),
        ("Colorado", "Utah"),
    }
    assert usa.neighbours("Maine") == ("New Hampshire",)
    assert max(len(usa.neighbours(r.name)) for r in usa.regions) == len(usa.neighbours("Missouri")) == 8
    assert len(usa.neighbours("Tennessee")) == 8
    assert usa.neighbours("DC") == ("Maryland", "Virginia")


NEIGHBOURS = {  # as encyclopaedias and statistical offices list them
    ("BR", "SP"): ("Mato Grosso do Sul", "Minas Gerais", "Paraná", "Rio de Janeiro"),
    ("BR", "Bahia"): (
        "Alagoas",
        "Espírito Santo",
        "Goiás",
        "Minas Gerais",
        "Pernambuco",
        "Piauí",
        "Sergipe",
        "Tocantins",
    ),
    ("BR", "DF"): ("Goiás", "Minas Gerais"),
    ("BR", "Rio Grande do Sul"): ("Santa Catarina",),
    ("MY", "Penang"): ("Kedah", "Perak"),
    ("MY", "Pahang"): ("Johor", "Kelantan", "Negeri Sembilan", "Perak", "Selangor", "Terengganu"),
    ("MY", "Selangor"): ("Kuala Lumpur", "Negeri Sembilan", "Pahang", "Perak", "Putrajaya"),
    ("MY", "Labuan"): (),
    ("MY", "Sarawak"): ("Sabah",),
    ("IN", "Telangana"): ("Andhra Pradesh", "Chhattisgarh", "Karnataka", "Maharashtra"),
    ("IN", "Kerala"): ("Karnataka", "Puducherry", "Tamil Nadu"),
    ("IN", "Sikkim"): ("West Bengal",),
    ("MX", "CDMX"): ("Morelos", "México"),
    ("MX", "Yucatán"): ("Campeche", "Quintana Roo"),
    ("MX", "Veracruz"): ("Chiapas", "Hidalgo", "Oaxaca", "Puebla", "San Luis Potosí", "Tabasco", "Tamaulipas"),
    ("ID", "Central Java"): ("DI Yogyakarta", "Jawa Barat", "Jawa Timur"),
    ("ID", "Bali"): (),
    ("ID", "North Kalimantan"): ("Kalimantan Timur",),
    ("EU", "DE3"): ("Brandenburg",),
    ("EU", "Saxony"): (
        *("Bayern", "Brandenburg", "Makroregion południowo-zachodni", "Makroregion północno-zachodni"),
        *("Sachsen-Anhalt", "Thüringen", "Česko"),
    ),
    ("EU", "LU0"): ("Grand Est", "Rheinland-Pfalz", "Région wallonne", "Saarland"),
    ("EU", "Lithuania"): ("Latvija", "Makroregion wschodni"),
    ("EU", "Brussels"): ("Vlaams Gewest",),
    ("EU", "ITG"): (),
    ("EU", "ES6"): ("Centro (ES)", "Continente", "Este"),
    ("EU2", "Lombardy"): (
        *("Emilia-Romagna", "Piemonte", "Provincia Autonoma di Bolzano/Bozen"),
        *("Provincia Autonoma di Trento", "Veneto"),
    ),
    ("EU2", "DE30"): ("Brandenburg",),
    ("EU2", "PL91"): ("Mazowiecki regionalny",),
    ("EU2", "Alentejo"): (*("Algarve", "Andalucía", "Centro (PT)", "Extremadura"), "Área Metropolitana de Lisboa"),
    ("EU2", "Sicily"): (),
    ("EU2", "SI04"): ("Friuli-Venezia Giulia", "Jadranska Hrvatska", "Kärnten", "Vzhodna Slovenija"),
    ("EU2", "Vidurio ir vakarų Lietuvos regionas"): ("Latvija", "Podlaskie", "Sostinės regionas"),
    ("EU2", "Picardie"): (
        *("Champagne-Ardenne", "Haute-Normandie", "Ile-de-France", "Nord-Pas de Calais"),
        "Prov. Hainaut",
    ),
    ("VN", "Cà Mau"): ("Bạc Liêu", "Kiên Giang"),
    ("VN", "Trà Vinh"): ("Bến Tre", "Sóc Trăng", "Vĩnh Long"),
    ("YRD", "上海市"): ("Jiaxing", "Nantong", "Suzhou (Jiangsu)"),
    ("YRD", "舟山"): ("Ningbo",),
    ("YRD", "南京"): ("Changzhou", "Chuzhou", "Ma'anshan", "Xuancheng", "Yangzhou", "Zhenjiang"),
    ("YRD", "杭州市"): ("Huangshan", "Huzhou", "Jiaxing", "Jinhua", "Quzhou", "Shaoxing", "Xuancheng"),
    ("YRD", "合肥"): ("Anqing", "Chuzhou", "Huainan", "Lu'an", "Ma'anshan", "Tongling", "Wuhu"),
    ("YRD", "宿州"): ("Bengbu", "Huaibei", "Suqian", "Xuzhou"),
    ("YRD", "安徽省六安市"): ("Anqing", "Fuyang", "Hefei", "Huainan"),
}


@each("at", sorted(NEIGHBOURS))
def test_neighbours_are_those_of_other_sources(at: tuple[str, str]) -> None:
    assert built_in()[at[0]].neighbours(at[1]) == NEIGHBOURS[at]


AREAS = {
    "EU2": {
        **{"Austria": 9, "Belgium": 11, "Bulgaria": 6, "Croatia": 4, "Cyprus": 1, "Czechia": 8, "Denmark": 5},
        **{"Estonia": 1, "Finland": 5, "France": 27, "Germany": 38, "Greece": 13, "Hungary": 8, "Ireland": 3},
        **{"Italy": 21, "Latvia": 1, "Lithuania": 2, "Luxembourg": 1, "Malta": 1, "Netherlands": 12, "Poland": 17},
        **{"Portugal": 7, "Romania": 8, "Slovakia": 4, "Slovenia": 2, "Spain": 19, "Sweden": 8},
    },
    "EU": {
        **{"Austria": 3, "Belgium": 3, "Bulgaria": 2, "Croatia": 1, "Cyprus": 1, "Czechia": 1, "Denmark": 1},
        **{"Estonia": 1, "Finland": 2, "France": 14, "Germany": 16, "Greece": 4, "Hungary": 3, "Ireland": 1},
        **{"Italy": 5, "Latvia": 1, "Lithuania": 1, "Luxembourg": 1, "Malta": 1, "Netherlands": 4, "Poland": 7},
        **{"Portugal": 3, "Romania": 4, "Slovakia": 1, "Slovenia": 1, "Spain": 7, "Sweden": 3},
    },
    "US": {"Northeast": 9, "Midwest": 12, "South": 17, "West": 13},
    "BR": {"North": 7, "Northeast": 9, "Southeast": 4, "South": 3, "Central-West": 4},
    "MY": {"Peninsular Malaysia": 13, "East Malaysia": 3},
    "VN": {
        "Red River Delta": 11,
        "Northern Midlands and Mountains": 14,
        "North Central and Central Coast": 14,
        "Central Highlands": 5,
        "Southeast": 6,
        "Mekong River Delta": 13,
    },
    "MX": {"North": 6, "North-Centre": 10, "Centre": 8, "South": 8},
    "YRD": {"Shanghai": 1, "Jiangsu": 13, "Zhejiang": 11, "Anhui": 16},
}


@each("code", sorted(AREAS))
def test_areas_have_as_many_regions_as_their_offices_say(code: str) -> None:
    areas = [r.area for r in built_in()[code].regions]
    assert {name: areas.count(name) for name in areas} == AREAS[code]


def test_distances_are_those_of_an_atlas() -> None:
    """Middles of Ohio and Indiana, about 300 km; of Johor and Sabah across the sea, about 1,600 km."""
    assert built_in()["US"].kilometres("OH", "IN") == pytest.approx(302, abs=15)
    assert built_in()["MY"].kilometres("Johor", "Sabah") == pytest.approx(1590, abs=40)


def test_names_tell_the_country_where_they_tell_one_alone() -> None:
    assert geography_of(["Penang", "SELANGOR", "W.P. Kuala Lumpur"]) is built_in()["MY"]
    assert geography_of(["MY-07", "MY-08"]) is built_in()["MY"]
    assert geography_of(["SP", "RJ", "MG", "DF"]) is built_in()["BR"]
    assert geography_of(["PA", "AL", "MS"]) is None  # Pará or Pennsylvania
    assert {c.geography.code for c in candidates(["PA", "AL", "MS"]) if c.known == 3} == {"BR", "US"}
    assert geography_of(["01", "02", "04"]) is None  # figures tell no country
    assert geography_of(["Penang", "Atlantis"]) is None
    assert geography_of([]) is None


def test_cities_of_the_yangtze_delta_are_one_connected_map() -> None:
    delta = built_in()["YRD"]
    names = [r.name for r in delta.regions]
    assert all(delta.neighbours(name) for name in names)
    assert all(a in delta.neighbours(b) for a in names for b in delta.neighbours(a))
    reached, fresh = {"Shanghai"}, {"Shanghai"}
    while fresh:
        fresh = {b for a in fresh for b in delta.neighbours(a)} - reached
        reached |= fresh
    assert reached == set(names)
    assert len(delta.borders or ()) == 99
    assert max(delta.kilometres(a, b) for a, b in delta.borders or ()) < 220, "neighbours have seats near each other"


def test_names_of_two_cities_are_no_names_and_shanghai_alone_is_no_country() -> None:
    delta = built_in()["YRD"]
    assert delta.region("Suzhou") is delta.region("Taizhou") is None
    assert delta.perhaps("Suzhou City") == ("Suzhou (Anhui)", "Suzhou (Jiangsu)")
    assert delta.perhaps("taizhou") == ("Taizhou (Jiangsu)", "Taizhou (Zhejiang)")
    for name in ("苏州", "苏州市", "江苏省苏州市", "江苏苏州", "Suzhou, Jiangsu", "Suzhou Shi (Jiangsu)"):
        assert delta.usual(name) == "Suzhou (Jiangsu)"
    assert delta.usual("宿州市") == "Suzhou (Anhui)"
    assert geography_of(["上海", "南京市", "Lu'an"]) is delta
    assert geography_of(["上海", "江苏", "浙江"]) is built_in()["CN"]
    assert geography_of(["上海"]) is None  # a province and a city of the delta


def test_a_name_of_two_cities_is_refused_with_both() -> None:
    names = [r.name for r in built_in()["YRD"].regions if not r.name.startswith("Suzhou")]
    what, remedy = why_unknown([*names, "Suzhou"])
    assert "'Suzhou (Anhui)' or 'Suzhou (Jiangsu)'" in what
    assert "Huzhou" not in what + remedy, "a city with a similar name is another city"


def test_lists_of_both_levels_of_nuts_are_told_apart() -> None:
    one, two = built_in()["EU"], built_in()["EU2"]
    assert geography_of([r.name for r in one.regions]) is geography_of([r.codes[0] for r in one.regions]) is one
    assert geography_of([r.name for r in two.regions]) is geography_of([r.codes[0] for r in two.regions]) is two
    assert geography_of(["Berlin", "Bayern", "Île-de-France"]) is one
    assert geography_of(["Berlin", "Upper Bavaria", "Île-de-France"]) is two
    assert geography_of(["DE3", "DE6", "FR1"]) is one
    assert geography_of(["DE30", "DE60", "FR10"]) is two
    both = ["Berlin", "Hamburg", "Île-de-France", "Luxembourg"]
    assert geography_of(both) is None
    assert {c.geography.code for c in candidates(both) if c.known == 4} == {"EU", "EU2"}
    assert geography_of(["Nord-Ovest", "Nord-Est", "Sud"]) is one  # Nord-Est is of Italy there, of Romania here
    assert geography_of(["Nord-Vest", "Nord-Est", "Sud-Est"]) is two
    assert two.region("LU") is two.region("LU00")
    assert one.region("SI") is one.region("SI0")
    assert two.region("SI") is two.region("DE3") is two.region("Limburg") is two.region("Hainaut") is None


def test_codes_of_other_versions_of_nuts_are_no_regions_and_tell_those_of_today() -> None:
    two = built_in()["EU2"]
    codes = {r.codes[0] for r in two.regions}
    assert len(two.former) > 100
    assert not codes & {one.spelling for one in two.former}
    assert all(two.region(one.spelling) is None and set(one.now) <= {r.name for r in two.regions} for one in two.former)
    told = {name: two.once(name) for name in ("FR24", "PL12", "pt1a", "Grande Lisboa", "Mazowieckie")}
    assert {name: (f.version, f.now) for name, f in told.items() if f} == {
        "FR24": ("NUTS 2013", ("Centre-Val de Loire",)),
        "PL12": ("NUTS 2013", ("Warszawski stołeczny", "Mazowiecki regionalny")),
        "pt1a": ("NUTS 2024", ("Área Metropolitana de Lisboa",)),
        "Grande Lisboa": ("NUTS 2024", ("Área Metropolitana de Lisboa",)),
        "Mazowieckie": ("NUTS 2013", ("Warszawski stołeczny", "Mazowiecki regionalny")),
    }
    assert {name: f.same for name, f in told.items() if f} == {
        **{"FR24": True, "PL12": False, "pt1a": False, "Grande Lisboa": False, "Mazowieckie": False}
    }
    assert two.nearest("FR24") == "Centre-Val de Loire"
    assert two.once("FR10") is two.once("Atlantis") is two.called({"FR24": "FRB0"}).once("FR24") is None
    assert built_in()["EU"].once("FR3") == ("FR3", "NUTS 2013", ("Hauts-de-France",), False)


def test_neighbours_that_are_not_known_are_not_none() -> None:
    """Natural Earth has Bavaria, not its parts: Tyrol borders some of them, Lazio none."""
    two = built_in()["EU2"]
    with pytest.raises(UnknownName, match="not all neighbours of 'Oberbayern' are known"):
        two.neighbours("Oberbayern")
    with pytest.raises(UnknownName, match=r"not all neighbours of 'Tirol' are known .*\(Mittelfranken, "):
        two.neighbours("Tirol")
    assert len(two.neighbours("Lazio")) == 6
    assert two.without_neighbours_known(["Tirol", "DE21", "Lazio"]) == ("Oberbayern",)
    assert two.without_neighbours_known(["DE94", "DE21", "Lazio"]) == ()
    assert len(two.without_neighbours_known([r.name for r in two.regions])) == 29
    bare = Geography("f", "bare", regions=(Region("A"), Region("B")))
    assert bare.without_neighbours_known(["A", "B"]) == ("A", "B")
    with pytest.raises(UnknownName, match="not all neighbours of 'A' are known"):
        bare.neighbours("A")


def test_codes_and_names_of_a_country_meet() -> None:
    usa = built_in()["US"]
    assert usa.region("06") is usa.region("6") is usa.region("CA") is usa.region("us-ca") is usa.region("California")
    assert unmatched({"06": 3, "TX": 2, "Calfornia": 9}, ["California", "Texas"], usa)[0][:3] == (
        "Calfornia",
        9,
        "California",
    )


def test_near_is_told_and_figures_are_never_near() -> None:
    assert nearest("Wilayah Kuala Lumpur", ["Kuala Lumpur", "Perak"]) == "Kuala Lumpur"
    assert nearest("Region 1", ["Region 2"]) is None
    assert slip_of("Sarawak", "Sarwaak")
    assert not slip_of("Region 1", "Region 2")
    assert not slip_of("Perak", "Perak")


def test_a_geography_without_regions_has_aliases_only() -> None:
    own = Geography("", "ours").called({"Pulau Pinag": "Penang"})
    assert own.usual("PULAU PINAG") == "Penang"
    assert own.usual("Elsewhere") == "Elsewhere"
    assert own.region("Penang") is None
    flat = Geography("f", "flat", regions=(Region("A", longitude=0, latitude=0), Region("B", longitude=3, latitude=4)))
    assert Geography("f", "flat", regions=flat.regions, flat=True).kilometres("A", "B") == 5
