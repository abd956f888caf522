"""Forms of tables beside those that packages print: models in rows, pairs of names and values, intervals, groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrade.published.documents import read_documents
from integrade.published.layout import read_tables
from integrade.published.printed import PublishedTable
from integrade.published.review import review
from printed_documents import typeset


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
