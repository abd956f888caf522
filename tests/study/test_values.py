"""What the rows tell of a study is told by `check`, with the line of study.toml: regions, pairs and groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from integrade.cli import run
from integrade.errors import IntegradeError, UnknownName
from integrade.study.run import check_study
from plainwords.texts import speaking

STUDY = """title = "t"
quality.sigma = 5
[prices]
files = ["prices.csv"]
basis = "link"
[customs]
files = ["customs.csv"]
[firms]
files = ["firms.csv"]
[controls]
fic = "none"
[regression]
controls = ["scale"]
"""
NAMES = ("Leventina", "Lavizzara", "Val d'Anniviers/Eifischtal", "Uri")


def price_rows(regions: Sequence[str], years: Iterable[int]) -> list[str]:
    """Link indices of four goods, from which an index can be made where four regions are."""
    cells = [(i, r, y, k) for i, r in enumerate(regions) for y in years for k in range(4)]
    return [f"{r},{y},g{k},{101 + (i * 3 + k * 5 + y * i * k) % 7}" for i, r, y, k in cells]


def write(folder: Path, below: str, top: str = "", names: tuple[str, ...] = NAMES) -> Path:
    regions, years = names, (2006, 2007)
    prices = price_rows(regions, years)
    codes, kinds = ("1012", "1310", "3101", "3212"), ("Privato", "Estero", "Pubblico", "Privato")
    firms = [f"F{i},{y},{r},{10 + i},{codes[i % 4]},{kinds[i % 4]},same" for y in years for i, r in enumerate(regions)]
    texts = {
        "study.toml": top + STUDY + below,
        "prices.csv": "\n".join(["region,year,commodity,index", *prices]),
        "firms.csv": "\n".join(["firm,year,region,assets,industry,ownership,kind", *firms]),
        "customs.csv": "firm,product,destination,year,value,quantity\nF0,010121,USA,2006,10,2\nF1,010121,USA,2007,10,2",
        "tech.csv": "code,group\n10,low\n13,high",
        "none.csv": "code,group\n01,low\n02,high",
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder


def warned(root: Path) -> list[str]:
    found, account = check_study(root)
    assert found == ()
    return [str(e.reason) for e in account if e.kind == "warning" and e.step == "check"]


def refused(root: Path) -> list[IntegradeError]:
    return list(check_study(root)[0])


@pytest.mark.parametrize(
    ("below", "place"),
    [
        ('[integration]\npairs = "adjacent"\n', "study.toml:15 [integration] pairs"),
        ('[[indices]]\nname = "near"\npairs = "adjacent"\n', "study.toml:16 [[indices]] pairs"),
        ('[spillover]\nneighbours = "adjacent"\n', "study.toml:15 [spillover] neighbours"),
        ("[spillover]\n", "study.toml:14 [spillover] neighbours (default)"),
        ('[[instruments]]\nbuilder = "neighbour"\npairs = "adjacent"\n', "study.toml:16 [[instruments]] pairs"),
    ],
)
def test_neighbours_by_border_need_a_country_or_a_file(tmp_path: Path, below: str, place: str) -> None:
    (problem,) = refused(write(tmp_path, below))
    assert problem.what.startswith(f"{place}: ")
    assert "needs the places of the regions: 'Lavizzara' is not a region of a built-in country" in problem.what
    assert "a file of pairs" in problem.remedy
    assert '[geography] file = "regions.csv"' in problem.remedy
    china = ("Beijing", "天津", "Hebei", "Shanxi")
    assert refused(write(tmp_path, below, names=china)) == []
    mixed = write(tmp_path, below, names=(*china, "Lavizzara"), top='without_regions = ["Lavizzara"]\n')
    assert refused(mixed) == [], "what the study leaves out has no neighbours"


def test_a_section_that_does_not_run_has_no_neighbours(tmp_path: Path) -> None:
    assert refused(write(tmp_path, '[spillover]\nrun = false\n[[instruments]]\nbuilder = "lagged"\n')) == []


def test_versions_of_a_curve_that_would_be_left_out_are_warned_of(tmp_path: Path) -> None:
    (said,) = warned(write(tmp_path, '[curve]\nindices = [{}, { pairs = "adjacent" }]\n'))
    assert said.startswith("study.toml:15 [curve] indices: a run leaves this out: ")
    assert "'Lavizzara' is no" in said


def test_adjacent_pairs_that_preset_complete_adds_are_left_out_with_a_warning(tmp_path: Path) -> None:
    said = [one for one in warned(write(tmp_path, "", top='preset = "complete"\n')) if "leaves this out" in one]
    assert len(said) == 1
    assert "[indices] pairs (default)" in said[0]
    assert "'Lavizzara' is no" in said[0]


def test_regions_that_no_table_has_are_told_with_the_nearest_name(tmp_path: Path) -> None:
    sample = '[[samples]]\nname = "s"\nwithout_regions = ["Uri", "leventine"]\n'
    one, two = refused(write(tmp_path, sample, top='without_regions = ["Val d\'Anniviers"]\n'))
    assert type(one) is type(two) is UnknownName
    assert one.what.startswith("study.toml:1 without_regions: ")
    assert 'did you mean "Val d\'Anniviers/Eifischtal"?' in one.remedy
    assert two.what.startswith("study.toml:17 [[samples]] without_regions: ")
    assert "did you mean 'Leventina'?" in two.remedy


@pytest.mark.parametrize(
    ("section", "english", "chinese"),
    [
        (
            'by = "region"\nhow = "area"',
            "no region in the data belongs to an area that integrade knows",
            "数据中的地区不在软件已收录的国家分区之内",
        ),
        ('by = "ownership"\nhow = "ownership"', "no value of ownership means state-owned", "没有表示国有的取值"),
        ('by = "industry"\nhow = "list"\nfile = "none.csv"', "has a group in none.csv", "在none.csv中有分组"),
    ],
)
def test_groups_that_a_run_would_leave_out_are_warned_of(
    tmp_path: Path, section: str, english: str, chinese: str
) -> None:
    root = write(tmp_path, f"[[groups]]\n{section}\n")
    (said,) = warned(root)
    assert said.startswith("study.toml:14 [[groups]]: a run leaves this out: ")
    assert english in said
    with speaking("zh"):
        (said,) = warned(root)
    assert "study.toml:14 [[groups]]：运行时不会纳入：" in said
    assert chinese in said


def test_groups_that_are_there_are_not_warned_of(tmp_path: Path) -> None:
    assert warned(write(tmp_path, '[[groups]]\nby = "ownership"\nhow = "ownership"\nstate = ["Pubblico"]\n')) == []


def test_a_cut_beyond_the_years_is_told_once(tmp_path: Path) -> None:
    root = write(tmp_path, '[[groups]]\nby = "year"\nhow = "period"\nfirst_of_later = 2020\n')
    found, account = check_study(root)
    assert [p.what.partition(":")[2][:2] for p in found] == ["17"]
    assert not [e for e in account if e.step == "check"]


def test_accounts_of_one_year_are_not_told_to_cut_it(tmp_path: Path) -> None:
    root = write(tmp_path, '[[groups]]\nby = "year"\nhow = "period"\nfirst_of_later = 2006\n')
    rows = (root / "firms.csv").read_text(encoding="utf-8").splitlines()
    at = rows[0].split(",").index("year")
    kept = [row for row in rows if row.split(",")[at] in ("year", "2006")]
    (root / "firms.csv").write_text("\n".join(kept), encoding="utf-8")
    (problem,) = [p for p in check_study(root)[0] if "leaves one period" in p.what]
    assert problem.remedy == "leave this [[groups]] section out: one year cannot be cut into two periods"


def test_codes_that_a_list_lacks_are_warned_of(tmp_path: Path) -> None:
    (said,) = warned(write(tmp_path, '[[groups]]\nby = "industry"\nhow = "list"\nfile = "tech.csv"\n'))
    assert said.startswith("study.toml:14 [[groups]]: 4 of 8 rows have no group in tech.csv")
    assert said.endswith("industry 3101, 3212")


def test_a_column_with_one_value_makes_no_groups(tmp_path: Path) -> None:
    (problem,) = refused(write(tmp_path, '[[groups]]\nby = "kind"\n'))
    assert problem.what == "study.toml:14 [[groups]]: column 'kind' of the accounts has one value, so no groups"
    assert problem.example == "same"


def test_warnings_are_counted_beside_no_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(write(tmp_path, '[[groups]]\nby = "region"\nhow = "area"\n'))]) == 0
    assert "no problem found; 2 warnings above" in capsys.readouterr().err
    assert run(["check", str(write(tmp_path, ""))]) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("no problem found; 1 warning above (-v shows ")  # one good tells no basis


@pytest.mark.parametrize(
    ("below", "top", "place"),
    [
        ("", 'without_regions = ["Leventina", "Lavizzara", "Uri"]\n', "study.toml:1 without_regions"),
        (
            '[[samples]]\nname = "one"\nwithout_regions = ["Leventina", "Lavizzara", "Uri"]\n',
            "",
            "[[samples]] without_regions",
        ),
    ],
)
def test_a_study_without_pairs_of_regions_is_refused(tmp_path: Path, below: str, top: str, place: str) -> None:
    said = [str(one) for one in refused(write(tmp_path, below, top))]
    assert any(place in one and "1 of 4 regions would be left" in one for one in said), said


@pytest.mark.parametrize("value", ["true", "7"])
def test_a_file_is_not_named_by_a_number(tmp_path: Path, value: str) -> None:
    said = [str(one) for one in refused(write(tmp_path, f"[integration]\npairs = {value}\n"))]
    assert any("[integration] pairs: a file or a word is written in quotes" in one for one in said), said


@pytest.mark.parametrize(
    ("below", "said"),
    [
        (
            "lags = [1, 12]\nleads = []",
            (
                "study.toml:15 [lags] lags: a run leaves this out: with a lag of 1 year, the treatment (2006-2007) "
                "has a "
                "value in 1 of the firms' years (2006-2007)",
                "study.toml:15 [lags] lags: a run leaves this out: with a lag of 12 years, the treatment (2006-2007) "
                "has "
                "a value in 0 of the firms' years (2006-2007)",
            ),
        ),
        (
            "lags = []\nleads = [2]",
            (
                "study.toml:16 [lags] leads: a run leaves this out: with a lead of 2 years, the treatment "
                "(2006-2007) has "
                "a value in 0 of the firms' years (2006-2007)",
            ),
        ),
        ("lags = []\nleads = []", ()),
        ("run = false\nlags = [12]", ()),
    ],
)
def test_lags_beyond_the_years_of_the_index_are_warned_of(tmp_path: Path, below: str, said: tuple[str, ...]) -> None:
    assert warned(write(tmp_path, f"[lags]\n{below}\n")) == list(said)


def test_a_lag_that_a_longer_index_has_is_not_warned_of(tmp_path: Path) -> None:
    root = write(tmp_path, "[lags]\nlags = [3]\nleads = []\n")
    longer = price_rows(NAMES, range(2003, 2008))
    (root / "prices.csv").write_text("\n".join(["region,year,commodity,index", *longer]), encoding="utf-8")
    assert warned(root) == []


@pytest.mark.parametrize(
    ("where", "empty"),
    [
        ("year <= 2005", True),
        ("year <= 2006", False),
        ('ownership == "Nobody"', True),
        ("market > 99", False),  # not known before the index is
    ],
)
def test_samples_without_rows_are_warned_of(tmp_path: Path, where: str, empty: bool) -> None:
    said = warned(write(tmp_path, f"[[samples]]\nname = \"early\"\nwhere = '{where}'\n"))
    place = "study.toml:16 [[samples]] where: a run leaves this out: "
    assert said == ([f"{place}no row of firms in years of the index satisfies {where}"] if empty else [])


def test_years_that_an_index_of_levels_loses_are_not_years_of_the_index(tmp_path: Path) -> None:
    root = write(tmp_path, "[[samples]]\nname = \"first\"\nwhere = 'year == 2006'\n")
    file = root / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"link"', '"fixed"'), encoding="utf-8")
    found, account = check_study(root)
    assert found == ()
    said = [str(e.reason) for e in account]
    assert "the index covers 2007, firms 2006-2007: 1 year missing (2006), 4 firm-years" in said
    assert any("no row of firms in years of the index satisfies year == 2006" in one for one in said)


@pytest.mark.parametrize(("sigma", "told"), [('"iv"', True), ('{ sound = "iv" }', True), ("5", False)])
def test_an_elasticity_that_is_estimated_is_not_checked_and_that_is_said(
    tmp_path: Path, sigma: str, told: bool
) -> None:
    root = write(tmp_path, "")
    file = root / "study.toml"
    text = file.read_text(encoding="utf-8").replace("quality.sigma = 5", f"quality.sigma = {sigma}")
    file.write_text(text, encoding="utf-8")
    found, account = check_study(root)
    assert found == ()
    place = "study.toml:2 [quality] sigma: only a run can show whether products have enough rows"
    assert any(str(e.reason).startswith(place) for e in account) == told


def noted(root: Path) -> list[str]:
    """The notes of a study without a problem that say what is known when it runs."""
    found, account = check_study(root)
    assert found == ()
    return [str(e.reason) for e in account if e.step == "check" and e.kind == "note"]


ESTIMATE = "only a run can show whether products have enough rows to estimate sigma"


@pytest.mark.parametrize(
    ("below", "place"),
    [
        ('[[outcomes]]\nname = "estimated"\nsigma = "iv"\n', "study.toml:16 [[outcomes]] sigma"),
        ('[curve]\nqualities = [{}, { sigma = "iv" }]\n', "study.toml:15 [curve] qualities"),
    ],
)
def test_other_outcomes_whose_elasticity_is_estimated_are_told_too(tmp_path: Path, below: str, place: str) -> None:
    assert noted(write(tmp_path, below)) == [f"{place}: {ESTIMATE}"]
    assert noted(write(tmp_path, below.replace('"iv"', "7"))) == []


@pytest.mark.parametrize(
    ("below", "place", "columns"),
    [
        ("[[samples]]\nname = \"s\"\nwhere = 'market > 99 and year > 1'\n", "16 [[samples]] where", "market"),
        ('[[groups]]\nby = "market"\n', "14 [[groups]]", "market"),
    ],
)
def test_what_later_steps_make_is_named_as_not_checked(tmp_path: Path, below: str, place: str, columns: str) -> None:
    said = "only a run can show whether it has rows, because the accounts have no"
    assert noted(write(tmp_path, below)) == [f"study.toml:{place}: {said} {columns}"]
