"""Codes: families over editions against a brute-force twin, and countries against the codes that BACI comes with."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import integrade as ig
from each import each
from integrade.cli import run
from integrade.engine.frames import Engine
from integrade.errors import CodesReadAsNumbers, Coverage, MissingColumn, UsageError
from integrade.sources import code_families, harmonise
from integrade.sources.meaning.countries import iso3
from integrade.sources.tables.families import edition_of
from integrade.study.config import Source
from integrade.study.data.tables import read_source
from integrade.study.inputs import everything_of, reading_of
from library import shared

LINKS = pl.DataFrame(
    {
        "HS2007": ["010110", "010110", "010190", "847130", "999999"],
        "HS2012": ["010121", "010130", "010130", "847130", None],
    }
)
LATER = pl.DataFrame({"HS 2012": ["010121", "847130", "010129"], "HS 2017": ["010121", "847130", "010121"]})


def notes(table: Any) -> str:
    return str(table.account)


def brute_force(edges: Iterable[tuple[Any, Any]]) -> set[frozenset[Any]]:
    """Families by repeated merging of sets, which is slow and plainly right."""
    sets: dict[Any, set[Any]] = {}
    for a, b in edges:
        joined = sets.get(a, {a}) | sets.get(b, {b})
        for node in joined:
            sets[node] = joined
    return {frozenset(one) for one in sets.values()}


def test_families_are_connected_components() -> None:
    table = code_families([LINKS, LATER])
    rows = table.polars()
    found = {(e, c): f for _, e, c, f, _ in rows.iter_rows()}
    assert found == {
        (2007, "010110"): "010110",
        (2012, "010121"): "010110",
        (2012, "010130"): "010110",
        (2007, "010190"): "010110",
        (2017, "010121"): "010110",
        (2012, "010129"): "010110",
        (2007, "847130"): "847130",
        (2012, "847130"): "847130",
        (2017, "847130"): "847130",
    }
    assert rows.filter(pl.col("family") == "847130")["size"].to_list() == [3, 3, 3]
    assert "1 row dropped: a code missing" in notes(table)
    assert "2 families of 9 codes in 3 editions; the largest, '010110', has 6 codes" in notes(table)
    # HS 2007 to 2012: 010110 is split, 010130 merges two, 010110 is split into a code that merges
    assert "HS 2007 to HS 2012: 3 codes, 1 match one to one, 1 are split, 1 codes" in notes(table)


def test_families_as_published_equal_the_brute_force_twin() -> None:
    files = [shared(f"data/sigma_concordance/hs{i}_hs{i - 1}.csv.gz") for i in (2, 3, 4)]
    rows = code_families(files).polars()
    years = {"HS1": 1996, "HS2": 2002, "HS3": 2007, "HS4": 2012}
    edges = []
    for file in files:
        table = pl.read_csv(file, infer_schema=False)
        first, second = [c for c in table.columns if c.endswith("_6d")]
        edges += [((years[first[:3]], a), (years[second[:3]], b)) for a, b in table.select(first, second).rows()]
    expected = brute_force(edges)
    members: dict[str, set[tuple[int, str]]] = {}
    for _, edition, code, family, _ in rows.iter_rows():
        members.setdefault(family, set()).add((edition, code))
    assert {frozenset(one) for one in members.values()} == expected
    assert len(members) == len(expected)
    assert rows["size"].max() == max(len(one) for one in expected)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30))
def test_families_of_any_tables_equal_the_twin(pairs: list[tuple[int, int, int]]) -> None:
    years = (2002, 2007, 2012, 2017)
    tables = [
        pl.DataFrame({f"HS{years[k]}": [str(a) for a, _ in rows], f"HS{years[k + 1]}": [str(b) for _, b in rows]})
        for k in range(3)
        if (rows := [(a, b) for one, a, b in pairs if one == k])
    ]
    found: dict[str, set[tuple[int, str]]] = {}
    for _, edition, code, family, _ in code_families(tables).polars().iter_rows():
        found.setdefault(family, set()).add((edition, code))
    expected = brute_force(((years[k], str(a)), (years[k + 1], str(b))) for k, a, b in pairs)
    assert {frozenset(one) for one in found.values()} == expected


def test_both_directions_are_compared() -> None:
    backward = pl.DataFrame({"HS2012": ["010121", "010130", "847130"], "HS2007": ["010110", "010190", "847130"]})
    text = notes(code_families([LINKS, backward]))
    assert "warning: 1 pairs of HS 2007 and HS 2012 are listed in one direction only; both directions are used" in text
    assert "(e.g. 010110 and 010130)" in text
    whole = pl.concat([backward, pl.DataFrame({"HS2012": ["010130"], "HS2007": ["010110"]})])
    assert "one direction only" not in notes(code_families([LINKS, whole]))


def test_a_name_used_again_is_told_apart() -> None:
    links = pl.DataFrame({"HS2007": ["1", "2"], "HS2012": ["3", "2"]})
    again = pl.DataFrame({"HS2012": ["1"], "HS2017": ["4"]})
    rows = code_families([links, again]).polars()
    assert rows.filter(pl.col("edition") == 2017)["family"].to_list() == ["1@2012"]


@each(
    ("heading", "edition"),
    [
        ("HS0_6d", "HS 1988"),
        ("HS92", "HS 1988"),
        ("H1", "HS 1996"),
        ("From HS 2012", "HS 2012"),
        ("HS 2022", "HS 2022"),
        ("cic02", "GB/T 4754 2002"),
        ("GBT4754_2011", "GB/T 4754 2011"),
        ("行业代码2002", "GB/T 4754 2002"),
        ("hs6_2007", "HS 2007"),
        ("HS4_6d", "HS 2012"),
        ("hs6", "None"),
        ("HS_6d", "None"),
        ("HS2013", "None"),
        ("code", "None"),
        ("share", "None"),
    ],
)
def test_headings_name_editions(heading: str, edition: str) -> None:
    assert str(edition_of(heading)) == edition


def test_correspondence_tables_that_are_none() -> None:
    with pytest.raises(MissingColumn, match="1 of its headings name an edition"):
        code_families(pl.DataFrame({"HS2007": ["1"], "new": ["2"]}))
    assert code_families(pl.DataFrame({"HS2007": ["1"], "new": ["2"]}), columns={"new": "HS2012"}).polars().height == 2
    with pytest.raises(CodesReadAsNumbers, match="HS2012"):
        code_families(pl.DataFrame({"HS2007": ["1"], "HS2012": [2]}))
    with pytest.raises(UsageError, match="GB/T 4754 and HS"):
        code_families([LINKS, pl.DataFrame({"cic02": ["1"], "cic11": ["2"]})])


CUSTOMS = "firm,product,destination,year,value,quantity\n" + "".join(
    f"F{i},{code},{country},{year},{100 + i},{5 + i}\n"
    for i, (code, country, year) in enumerate(
        [
            ("01011010", "美国", 2010),
            ("01019000", "日本", 2011),
            ("01013000", "韩国", 2012),
            ("01012910", "月球", 2015),
            ("01012100", "德国", 2018),
            ("84713000", "美国", 2018),
            ("55555500", "美国", 2018),
        ]
    )
)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_customs_in_families_and_iso_codes(tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "c.csv").write_text(CUSTOMS, encoding="utf-8")
    LINKS.write_csv(tmp_path / "a.csv")
    LATER.write_csv(tmp_path / "b.csv")
    table = ig.read_customs(
        tmp_path / "c.csv", engine=engine, countries="iso3", families=[tmp_path / "a.csv", tmp_path / "b.csv"]
    )
    rows = table.polars().sort("firm")
    assert rows["product"].to_list() == [*["010110"] * 5, "847130", "555555"]
    assert rows["destination"].to_list() == ["USA", "JPN", "KOR", "月球", "DEU", "USA", "USA"]
    text = notes(table)
    assert (
        "product grouped into families over HS 2007, 2012, 2017: 6 rows matched, 4 of them moved to another code"
        in text
    )
    assert "1 rows whose code is in no correspondence table keep their code" in text
    assert "destination: 1 rows not matched to an ISO country left unchanged (e.g. 月球)" in text


def test_one_edition_for_all_rows(tmp_path: Path) -> None:
    rows = pl.DataFrame({"product": ["010130", "010121"], "year": [2020, 2020]})
    families = code_families([LINKS, LATER])
    assert harmonise(rows, families, edition=2012)["product"].to_list() == ["010110", "010110"]
    by_year = harmonise(rows, families)["product"].sort().to_list()
    assert by_year == ["010110", "010130"], "010130 is no code of HS 2017, and stays"
    with pytest.raises(UsageError, match="no edition 2002 of HS"):
        harmonise(rows, families, edition=2002)
    with pytest.raises(Coverage, match="no code of 'product'"):
        harmonise(rows.with_columns(product=pl.lit("9")), families)
    with pytest.raises(MissingColumn, match="no column 'produkt'"):
        harmonise(rows, families, column="produkt")
    (tmp_path / "g.csv").write_text("region,year,real_gdp\nA,2004,1\n")
    with pytest.raises(UsageError, match="gdp has no codes that change"):
        ig.read_gdp(tmp_path / "g.csv", families=["x.csv"])
    with pytest.raises(UsageError, match="gdp has no column of countries"):
        ig.read_gdp(tmp_path / "g.csv", countries="iso3")


def test_industries_change_in_the_years_of_the_survey(tmp_path: Path) -> None:
    (tmp_path / "cic.csv").write_text("cic2002,cic2011\n1311,1310\n1312,1310\n2011,2010\n")
    firms = "firm,year,industry\nA,2004,1311\nB,2012,1312\nC,2013,1310\nD,2002,2011\n"
    (tmp_path / "f.csv").write_text(firms)
    rows = ig.read_firms(tmp_path / "f.csv", families=[tmp_path / "cic.csv"]).polars().sort("firm")
    assert rows["industry"].to_list() == ["1311", "1311", "1311", "2011"]


def test_exporters_of_a_source_that_are_countries(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("t,i,j,k,v,q\n2020,4,842,71120,1,1\n2020,710,251,71120,1,2\n")
    rows = ig.read_customs(tmp_path / "b.csv", source="baci", countries="iso3").polars().sort("firm")
    assert rows.select("firm", "destination").rows() == [("AFG", "USA"), ("ZAF", "FRA")]


def test_countries_as_baci_lists_them() -> None:
    path = shared("data/baci_sample/country_codes_V202201.csv")
    with path.open(encoding="latin-1", newline="") as file:
        rows = [r for r in list(csv.reader(file))[1:] if r[4] != "N/A"]
    gone = {"CSK", "DDR", "ANT", "SUN", "SCG"}  # states that are no more have no ISO 3166-1 code
    for number, short, _, _, three in rows:
        wanted = None if three in gone else three
        assert iso3(number) == wanted, (number, three)
        assert iso3(short) == wanted, (short, three)


@each(
    ("text", "code"),
    [
        ("美国", "USA"),
        ("韩国", "KOR"),
        ("台湾省", "TWN"),
        ("香港", "HKG"),
        ("刚果（金）", "COD"),
        (" usa ", "USA"),
        ("Korea, Republic of", "KOR"),
        ("EL", "GRC"),
        ("UK", "GBR"),
        ("U ARAB EMTS", "ARE"),
        ("S19", "TWN"),
        ("World", None),
        ("0", None),
        ("W00", None),
    ],
)
def test_countries_by_other_names(text: str, code: str | None) -> None:
    assert iso3(text) == code


def test_india_names_nearly_all_countries() -> None:
    names = pl.read_parquet(shared("data/india_exports/india_exports_hs8_destination_fy.parquet"), columns=["country"])
    unknown = [n for n in names["country"].unique().to_list() if iso3(n) is None]
    assert sorted(unknown) == [
        "INSTALLATIONS IN INTERNATIONAL WATERS",
        "NETHERLANDANTIL",
        "PANAMA C Z",
        "UNION OF SERBIA & MONTENEGRO",
        "UNSPECIFIED",
    ]


def test_command_and_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.csv").write_text(CUSTOMS + CUSTOMS.partition("\n")[2].replace("F", "G"), encoding="utf-8")
    LINKS.write_csv(tmp_path / "a.csv")
    out = tmp_path / "q.csv"
    call = ["quality", str(tmp_path / "c.csv"), "--sigma", "5", "--effects", "product", "--out", str(out)]
    assert run([*call, "--families", str(tmp_path / "a.csv"), "--countries", "iso3", "--edition", "2007"]) == 0
    said = capsys.readouterr().err
    assert "product grouped into families over HS 2007, 2012" in said
    assert "countries as ISO 3166" in said
    (tmp_path / "mine.toml").write_text("")
    source = Source(files=["c.csv"], families=["a.csv"], source="mine.toml")
    assert {f.name for f in everything_of(source, tmp_path) if isinstance(f, Path)} == {"c.csv", "a.csv", "mine.toml"}
    assert reading_of(source, tmp_path).source == str(tmp_path / "mine.toml")
    assert reading_of(Source(files=[], source="baci"), tmp_path).source == "baci"
    given = Source(files=["c.csv"], families=["a.csv"], edition=2012, countries="iso3")
    rows = read_source("customs", given, tmp_path, "polars").polars()
    assert set(rows.filter(pl.col("product").str.starts_with("0101"))["product"]) == {"010110", "010129", "010190"}
    assert {"USA", "JPN"} <= set(rows["destination"])
