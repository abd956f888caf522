"""Forms of tables beside those that packages print: models in rows, pairs of names and values, intervals, groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from printed_documents import typeset
from tablecheck.documents import read_documents
from tablecheck.layout import parts, read_tables
from tablecheck.printed import PublishedTable
from tablecheck.review import review


def tables(path: Path, text: str) -> list[PublishedTable]:
    path.write_text(text, encoding="utf-8")
    return [t for d in read_documents([path]) for t in read_tables(d)]


ROWS = {
    "errors beside": "Outcome,Treatment,S.E.,p,Control mean,N\n"
    "Sales,0.31***,0.08,0.000,2.4,1200\nWages,0.05,0.06,0.405,1.1,1180\n",
    "errors below": "Outcome,ITT,p-value,Mean,N\n"
    "Sales,0.31***,0.000,2.4,1200\n,(0.08),,,\nWages,0.05,0.405,1.1,1180\n,(0.06),,,\n",
    "in the cell": 'Outcome,b,95% CI,Obs.\nSales,0.31 (0.08),"0.15, 0.47",1200\nWages,0.05 (0.06),"-0.07, 0.17",1180\n',
    "ends of intervals": "Outcome,Effect,SE,95% CI low,95% CI high,Observations\n"
    "Sales,0.31,0.08,0.15,0.47,1200\nWages,0.05,0.06,-0.07,0.17,1180\n",
}


@pytest.mark.parametrize("form", ROWS)
def test_models_in_rows(form: str, tmp_path: Path) -> None:
    (table,) = tables(tmp_path / "a.csv", ROWS[form])
    assert [(c.label, c.nobs.value) for c in table.columns if c.nobs] == [("Sales", 1200), ("Wages", 1180)]
    estimates = [next(iter(c.estimates.values())) for c in table.columns]
    assert [e.b.value for e in estimates if e.b] == [0.31, 0.05]
    errors = [e.se or next(iter(e.loose.values())) for e in estimates]
    assert [n.value for n in errors if n] == [0.08, 0.06]
    if "CI" in ROWS[form]:
        assert [(e.interval[0].value, e.interval[1].value) for e in estimates if e.interval] == [
            (0.15, 0.47),
            (-0.07, 0.17),
        ]


def test_a_wrong_star_of_a_model_in_a_row_is_found(tmp_path: Path) -> None:
    wrong = ROWS["errors beside"].replace("0.05,0.06", "0.05***,0.06")
    assert not [f for f in review(tables(tmp_path / "a.csv", ROWS["errors beside"])).findings if f.grade != "note"]
    found = review(tables(tmp_path / "a.csv", wrong)).findings
    assert [f.check for f in found if f.grade == "contradiction"] == ["stars"]


def test_terms_with_their_own_observations_are_terms_of_rows_too(tmp_path: Path) -> None:
    (table,) = tables(tmp_path / "a.csv", "Study,Estimate,Std. Error,N\nA,0.2,0.1,100\nB,0.4,0.2,200\nC,0.1,0.05,300\n")
    assert [c.nobs.value for c in table.columns if c.nobs] == [100, 200, 300]


def test_pairs_of_names_and_values_may_have_empty_cells_between(tmp_path: Path) -> None:
    text = "y,Coef.,St.Err.,t-value\nx,0.5,0.1,5.00\nR-squared,,0.2,Number of obs\n"
    (table,) = tables(tmp_path / "a.csv", text.replace("Number of obs", "Number of obs,,80").replace("\n", ",,\n", 2))
    (column,) = table.columns
    assert (column.nobs and column.nobs.value, column.sizes["r2"].value) == (80, 0.2)


def test_one_heading_over_the_two_ends_of_an_interval(tmp_path: Path) -> None:
    html = (
        "<table><tr><th></th><th>b</th><th colspan=2>95% CI</th></tr>"
        "<tr><td>x</td><td>0.5</td><td>0.3</td><td>0.7</td></tr>"
        "<tr><td>z</td><td>0.2</td><td>-0.1</td><td>0.5</td></tr></table>"
    )
    (table,) = tables(tmp_path / "a.html", html)
    ends = [e.interval for e in table.columns[0].estimates.values()]
    assert [(i[0].value, i[1].value) for i in ends if i] == [(0.3, 0.7), (-0.1, 0.5)]


def test_groups_that_have_numbers_for_names_stand_over_statistics(tmp_path: Path) -> None:
    (table,) = tables(tmp_path / "a.csv", ",0,,1,\n,Mean,SD,Mean,SD\nx,1.5,0.2,1.7,0.3\nz,2.5,0.4,2.7,0.5\n")
    assert [d.rows["x"]["mean"].value for d in table.described] == [1.5, 1.7]


def test_a_coefficient_without_anything_beside_it_between_others_is_one(tmp_path: Path) -> None:
    text = (
        ",(1),(2)\nx,0.5***,0.4***\nw,,1.003\nConstant,2.2***,3.1***\nAge of firms,12.1,12.3\n* p<0.05 *** p<0.01,,\n"
    )
    (table,) = tables(tmp_path / "a.csv", text)
    assert list(table.columns[1].estimates) == ["x", "w", "constant"]


def test_a_number_that_may_be_broken_over_two_lines_lowers_what_is_claimed(tmp_path: Path) -> None:
    cells = "[Market], [0.3], [(0.21)], [], [12], [], [Size], [0.51], [(0.22)], [Age], [0.61], [(0.24)]"
    typeset(
        tmp_path / "a.pdf", f"Table 1. Broken\n\n#table(columns: 3, stroke: none, [], [b], [s.e.], {cells})\n#lorem(30)"
    )
    (read,) = [t for d in read_documents([tmp_path / "a.pdf"]) for t in read_tables(d)]
    assert "0.3 12" in " ".join(read.doubts)


CHINESE = {
    "t below": """表4 基准回归结果,,,
,(1),(2),(3)
被解释变量：,lnexport,lnexport,quality
市场一体化,0.031***,0.029***,0.018**
,(3.78),(3.55),(2.10)
企业规模,,0.215***,0.199***
,,(5.38),(4.10)
控制变量,否,是,是
个体固定效应,是,是,是
年份固定效应,控制,控制,控制
样本量,12406,12406,11020
调整后R²,0.187,0.203,0.171
注：括号内为t值；***、**、*分别表示在1%、5%、10%水平上显著，标准误聚类到企业层面。,,,
""",
    "quoted stars": """变量,模型1,模型2,模型3
解释变量,,,
市场一体化,0.031***（3.78）,0.029***（3.55）,0.018**（2.10）
控制变量,,,
企业规模,,0.215***（5.38）,0.199***（4.10）
时间效应,固定,固定,固定
个体效应,固定,固定,固定
样本数,12406,12406,11020
调整R方,0.187,0.203,0.171
"说明：小括号内为t值，“***”“**”“*”分别表示在1%、5%、10%的显著性水平下显著，聚类到企业层面。",,,
""",
}


@pytest.mark.parametrize("form", CHINESE)
def test_chinese_forms(form: str, tmp_path: Path) -> None:
    found = tables(tmp_path / "a.csv", CHINESE[form])
    (table,) = found
    assert (table.notes.levels, table.notes.brackets) == ({"***": 0.01, "**": 0.05, "*": 0.1}, {"(": "t"})
    assert table.notes.clustered == "企业"
    assert [c.sizes["n"].value for c in table.columns] == [12406, 12406, 11020]
    assert [c.sizes["r2_adjusted"].value for c in table.columns] == [0.187, 0.203, 0.171]
    assert [list(c.effects.values())[-2:] for c in table.columns] == [[True, True]] * 3
    assert [e.t.value for e in table.columns[2].estimates.values() if e.t] == [2.10, 4.10]
    assert not [f for f in review(found).findings if f.grade != "note"]


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (
            "Kleibergen-Paap rk LM统计量,45.2\n,[0.000]\nKleibergen-Paap Wald F统计量,100.1\n,{16.38}\n",
            "注：()内为稳健标准误，[]内为p值，{}内为Stock-Yogo检验10%水平上的临界值；*、**、***分别表示10%、5%、1%的显著性水平",
        ),
        (
            "Hansen J,4.21\n,[0.120]\nCragg-Donald Wald F,100.1\n,[16.38]\nAR(2),1.2\n,[0.230]\n",
            "Standard errors in parentheses and p-values in brackets. * p<0.1; ** p<0.05; *** p<0.01",
        ),
    ],
)
def test_statistics_of_tests_are_no_coefficients(rows: str, note: str, tmp_path: Path) -> None:
    text = f',(1)\n市场一体化,0.520***\n,(0.150)\n{rows}样本数,8316\n"{note}",\n'
    found = tables(tmp_path / "a.csv", text)
    assert [list(c.estimates) for t in found for c in t.columns] == [["市场一体化"]]
    assert found[0].notes.brackets.get("{") is None
    assert not [f for f in review(found).findings if f.grade != "note"]


def test_headings_of_errors_are_told_behind_a_chinese_colon(tmp_path: Path) -> None:
    text = (
        ",市场一体化：标准误（t 值）,市场一体化：p 值\n同方差,0.0058 (-49.73),<0.0001\n企业,0.0075 (-37.95),<0.0001\n"
    )
    assert not any(t.columns for t in tables(tmp_path / "a.csv", text))


def test_a_full_width_comma_is_none_of_decimals(tmp_path: Path) -> None:
    text = "变量,(1)\n市场,0.51***\n,(0.10)\n样本，2013,0.3\n"
    assert not tables(tmp_path / "a.csv", text)[0].doubts


def test_the_interval_of_a_share_need_not_be_even(tmp_path: Path) -> None:
    text = 'Parameter,Estimate,95% CI\nx,0.50,"[0.30, 0.70]"\nw,0.40,"[0.20, 0.60]"\nv,0.30,"[0.10, 0.50]"\n'
    found = tables(tmp_path / "a.csv", f'{text}Share mediated,0.53,"[0.46, 0.67]"\n')
    assert len(found[0].columns[0].estimates) == 4
    assert not [f for f in review(found).findings if f.grade != "note"]


def test_terms_with_the_rows_of_their_category_are_one_model(tmp_path: Path) -> None:
    text = 'Characteristic,N,OR,95% CI,p-value\nAge,200,1.02,"1.00, 1.04",0.10\nDrug A,4,—,—,\n'
    (table,) = tables(tmp_path / "a.csv", f'{text}Drug B,196,1.21,"0.66, 2.24",0.5\n')
    (column,) = table.columns
    assert (list(column.estimates), column.nobs, table.doubts) == (["age", "drugb"], None, ())


def test_means_beside_effects_are_no_effects(tmp_path: Path) -> None:
    text = "Outcome,Mean,S.E.,Effect of reform,S.E.,N\nSales,24.0,0.8,0.31***,0.08,1200\n"
    found = tables(tmp_path / "a.csv", f"{text}Wages,11.0,0.6,0.25***,0.06,1180\n* p<0.1 ** p<0.05 *** p<0.01,,,,,\n")
    assert [list(c.estimates) for t in found for c in t.columns] == [["effectofreform"]] * 2
    assert not [f for f in review(found).findings if f.grade != "note"]


@pytest.mark.parametrize("head", ["item {}", "{}"])
@pytest.mark.parametrize("columns", [30, 120])
def test_a_wide_table_is_read_in_a_bounded_number_of_looks_at_each_cell(
    columns: int, head: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, heads = [], []
    is_filled, head_at = parts.Parts.is_filled, parts.head_at
    monkeypatch.setattr(parts.Parts, "is_filled", lambda own, i, j: looks.append((i, j)) or is_filled(own, i, j))
    monkeypatch.setattr(parts, "head_at", lambda *at: heads.append(at) or head_at(*at))
    lines = [",".join(["area", *(head.format(1 + j % 8) for j in range(columns))])]
    lines += [
        ",".join([f"{i + 1}. place", *(f"{0.1 + i / 100 + j / 1000:.3f}" for j in range(columns))]) for i in range(8)
    ]
    (table,) = tables(tmp_path / "a.csv", "\n".join(lines) + "\n")
    assert not table.is_understood
    assert len(looks) <= 10 * 8 * columns
    assert len(heads) <= 20 * columns
