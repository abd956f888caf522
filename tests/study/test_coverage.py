"""Whether the tables of a study meet is told before anything runs."""

from __future__ import annotations

import re
from pathlib import Path

from integrade.errors import Coverage
from integrade.study.coverage import Seen, coverage
from integrade.study.run import check_study

STUDY = """title = "t"
[prices]
files = ["prices.csv"]
basis = "link"
[customs]
files = ["customs.csv"]
[firms]
files = ["firms.csv"]
[[covariates]]
files = ["rd.csv"]
[quality]
sigma = 5
[controls]
fic = "none"
[regression]
controls = ["scale"]
"""


def write(folder: Path, **tables: str) -> Path:
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def prices(*years: int) -> str:
    regions = ("北京市", "上海市", "山西省", "辽宁省")
    cells = [(i, r, y, k) for i, r in enumerate(regions) for y in years for k in range(4)]
    rows = [f"{r},{y},g{k},{101 + (i * 3 + k * 5 + y * i * k) % 7}" for i, r, y, k in cells]
    return "region,year,commodity,index\n" + "\n".join(rows) + "\n"


def firms(*years: int) -> str:
    rows = [f"F{i},{y},{r},{10 + i}" for y in years for i, r in enumerate(("Beijing", "上海", "Hebei"))]
    return "firm,year,region,assets\n" + "\n".join(rows) + "\n"


CUSTOMS = "firm,product,destination,year,value,quantity\nF0,010121,USA,2006,10,2\nX9,010121,USA,2007,10,2\n"
RD = "region,year,rd\n北京,2006,1.5\n河北省,2007,2.5\n"


def test_check_says_which_years_and_regions_are_missing(tmp_path: Path) -> None:
    found, account = check_study(
        write(tmp_path, prices=prices(*range(2006, 2018)), firms=firms(*range(2004, 2014)), customs=CUSTOMS, rd=RD)
    )
    assert found == ()
    said = [f"{e.kind}: {e.reason}" for e in account if e.step == "coverage"]
    assert "warning: the index covers 2006-2017, firms 2004-2013: 2 years missing (2004, 2005), 6 firm-years" in said
    assert "warning: 1 of 3 regions of firms, 10 rows, not in prices: Hebei (10 rows)" in said
    assert "note: 1 firms are in customs and in firms; 1 exporters have no accounts" in said
    assert "warning: 1 of 3 regions of firms, 10 rows, not in covariates: Shanghai (10 rows)" in said
    assert any(r.startswith("warning: customs covers 2006-2007, firms 2004-2013: 8 years missing") for r in said)


def test_tables_that_do_not_meet_are_problems_at_once(tmp_path: Path) -> None:
    other = CUSTOMS.replace("F0", "10001")
    found, _ = check_study(write(tmp_path, prices=prices(1999), firms=firms(2006), customs=other, rd=RD))
    assert [type(p) for p in found] == [Coverage] * len(found)
    assert [p.what for p in found] == ["prices and firms have no year in common", "no firm of customs is in firms"]
    assert "the index covers 1999, firms 2006" in found[0].example
    assert "customs: 10001, X9; firms: F0, F1, F2" in found[1].example


def test_codes_of_firms_that_differ_in_signs_alone_are_shown() -> None:
    ours = Seen("firms", {2006: 2}, {"firm": frozenset({"521-000-00-13", "521-000-79-32"})})
    theirs = Seen("customs", {2006: 2}, {"firm": frozenset({"5210000013", "5210007932"})})
    (problem,), _ = coverage([theirs, ours])
    alike = (
        "without punctuation and blanks 2 of 2 match (521-000-00-13 and 5210000013). In the column of firms replace "
        "them: "
    )
    way = """polars.col(HEADING).str.replace_all(r"[\\W_]", "")"""
    assert problem.remedy == f"write each firm the same way in both tables: {alike}{way}"
    pattern = way.partition('r"')[2].partition('"')[0]
    assert {re.sub(pattern, "", name) for name in ours.units["firm"]} == theirs.units["firm"]


def test_linked_firms_need_not_share_codes() -> None:
    ours = Seen("firms", {2006: 2}, {"firm": frozenset("AB")})
    theirs = Seen("customs", {2006: 2}, {"firm": frozenset("XY")})
    assert [p.code for p in coverage([theirs, ours])[0]] == ["D210"]
    assert coverage([theirs, ours], linked=True) == ([], [])
    assert coverage([theirs]) == ([], [])


def test_deflators_go_by_the_first_digits_of_an_industry() -> None:
    firms = Seen("firms", {2005: 2}, {"industry": frozenset({"1711", "2630"})})
    by_two = {"industry": frozenset({"17", "26"})}
    assert coverage([firms, Seen("deflators", {2005: 2}, by_two)]) == ([], [])
    (problem,), _ = coverage([firms, Seen("covariates", {2005: 2}, by_two)])
    assert "no industry of covariates is in firms" in problem.what
    _, (entry,) = coverage([firms, Seen("deflators", {2005: 1}, {"industry": frozenset({"17"})})])
    assert "1 of 2 industries of firms not in deflators: 26" in entry.reason


STATES = ("Johor", "Kedah", "Pulau Pinang", "Perak")


def malaysia(folder: Path, spelt: tuple[str, ...], extra: str = "") -> Path:
    rows = [f"{r},{y},g,101" for r in STATES for y in (2006, 2007)]
    owners = [f"F{i},{y},{r},{10 + i}" for y in (2006, 2007) for i, r in enumerate(spelt)]
    write(
        folder,
        prices="region,year,commodity,index\n" + "\n".join(rows) + "\n",
        firms="firm,year,region,assets\n" + "\n".join(owners) + "\n",
        customs=CUSTOMS,
        rd="region,year,rd\nJohor,2006,1\nJohor,2007,1\n",
    )
    (folder / "study.toml").write_text(STUDY + extra, encoding="utf-8")
    return folder


def told(folder: Path) -> list[str]:
    found, account = check_study(folder)
    return [str(p) for p in found] + [f"{e.kind}: {e.reason}" for e in account if e.step == "coverage"]


def test_a_region_that_may_be_a_slip_is_refused_by_rows_and_the_remedy_works(tmp_path: Path) -> None:
    """Two files that spell one state in two ways lost its rows in silence."""
    spelt = ("JOHOR", "Kedah", "Pulau Pinag", "Perak")
    refused = told(malaysia(tmp_path, spelt))[0]
    assert "D220 'Pulau Pinag' (2 rows of firms) is not a region of prices, nearest 'Pulau Pinang'" in refused
    line = '[geography]\naliases = { "Pulau Pinag" = "Pulau Pinang" }\n'
    assert '[geography] aliases = { "Pulau Pinag" = "Pulau Pinang" }' in refused
    after = told(malaysia(tmp_path, spelt, line))
    assert not any("D220" in line or "not in prices" in line for line in after)
    kept = told(malaysia(tmp_path, spelt, line.replace("Pinang", "Pinag")))
    assert "warning: 1 of 4 regions of firms, 2 rows, not in prices: Pulau Pinag (2 rows, nearest Pulau Pinang)" in kept


def test_regions_without_an_index_are_counted_with_the_nearest_name(tmp_path: Path) -> None:
    found = told(malaysia(tmp_path, ("Johor", "Kedah Baru", "Perak", "Elsewhere")))
    assert (
        "warning: 2 of 4 regions of firms, 4 rows, not in prices: Elsewhere (2 rows), "
        "Kedah Baru (2 rows, nearest Kedah)"
    ) in found


def test_a_slip_beside_its_region_is_a_warning_with_the_line_that_mends_it(tmp_path: Path) -> None:
    spelt = ("Johor", "Pulau Pinang", "Pulau Pinag")
    line = '[geography] aliases = { "Pulau Pinag" = "Pulau Pinang" }'
    found = told(malaysia(tmp_path, spelt))
    (said,) = [one for one in found if "not in prices" in one]
    assert said.endswith(f"(2 rows, nearest Pulau Pinang); if Pulau Pinag is that region, write {line}")
    mended = told(malaysia(tmp_path, spelt, line.replace("] ", "]\n") + "\n"))
    assert not any("not in prices" in one for one in mended)


def test_an_alias_must_mean_a_region_and_a_country_must_be_built_in(tmp_path: Path) -> None:
    wrong = '[geography]\ncountry = "CN"\naliases = { "Pekin" = "Bejing" }\n'
    found = told(malaysia(tmp_path, STATES, wrong))
    assert any("'Pekin' means 'Bejing'" in one and "did you mean 'Beijing'" in one for one in found)
    found = told(malaysia(tmp_path, STATES, '[geography]\ncountry = "Cina"\n'))
    assert any("no geography 'Cina'" in one and "did you mean 'China'" in one for one in found)


def test_a_named_country_refuses_names_that_are_none_of_its_regions(tmp_path: Path) -> None:
    found = told(malaysia(tmp_path, STATES, '[geography]\ncountry = "China"\n'))
    assert "'Johor' (2 rows of prices) is not a region of China" in found[0]
    assert "4 such names" in found[0]
