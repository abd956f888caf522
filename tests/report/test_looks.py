"""Rows, order, labels, headings, digits and scale of a printed table, in every format."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import docx
import pytest

import report_example as example
from integrade.errors import UnknownName, UsageError
from integrade.report.addresses import find
from integrade.report.alignment import marked, width_of
from integrade.report.latex import to_latex
from integrade.report.layouts import in_two
from integrade.report.looks import with_fitting_look, with_look
from integrade.report.markup import to_csv, to_html, to_markdown, to_text
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.tables import all_tables
from integrade.report.typst_source import to_typst
from integrade.study.printed import compose, write_report
from integrade.verdicts.table_looks import TableLook

LOOK = TableLook(
    statistic="p",
    rows=("market^2", "market", "fic"),
    labels={"market": "Integration"},
    gof=("R2", "N", "firm_fe"),
    add_rows={"Province trends": ("No", "Yes")},
    spanners={"Baseline": (1, 2)},
    digits=2,
    scale={"market^2": 100},
)


def tables(**looks: TableLook) -> dict[str, PrintedTable]:
    named = {name.removeprefix("of_"): look for name, look in looks.items()}
    return {t.number: t for t in all_tables(replace(example.study(), looks=named))}


PLAIN = tables()
TABLE4 = PLAIN["4"]


def test_a_look_chooses_rows_order_labels_digits_and_scale() -> None:
    table = with_look(TABLE4, LOOK)
    assert [(row.key, row.cells[0]) for row in table.rows if row.kind != "statistic"] == [
        ("market^2", "Market² (× 100)"),
        ("market", "Integration"),
        ("fic", "FIC"),
        ("R2", "R-squared"),
        ("N", "Observations"),
        ("firm_fe", "Firm FE"),
        ("province_trends", "Province trends"),
    ]
    cells = {row.key: row.cells[1:] for row in table.rows}
    assert cells["market"] == ("0.05**", "0.05**")  # 0.0534
    assert cells["market^2"] == ("-0.66***", "-0.66***")  # -0.0066 times 100
    assert cells["market.p"] == tuple(f"({c.headline['market'].p_value:.4f})" for c in example.study().benchmark)
    assert cells["province_trends"] == ("No", "Yes")
    assert table.notes[0].startswith("p-values in parentheses")
    assert not any("Rademacher" in note for note in table.notes), "no row is left that needs the note"


def test_addresses_stay_whatever_a_look_drops_moves_and_renames() -> None:
    table = with_look(TABLE4, replace(LOOK, digits=None, scale={}))
    for row in ("market", "market^2", "market.t", "market.se", "N", "firm_fe"):
        asked = find(table, f"2.{row}")
        plain = find(TABLE4, f"2.{row}")
        assert asked.address == plain.address
    with pytest.raises(UnknownName):
        find(table, "2.scale")


def test_a_look_is_that_of_one_table_or_of_all() -> None:
    found = tables(of_4=TableLook(statistic="t"), **{"of_": TableLook(statistic="p", digits=1)})
    assert found["4"].rows[1].key == "market.t"
    assert found["4"].rows[0].cells[1] == "0.1**"
    assert found["2"].rows[0].cells[2] == f"{example.describes()[0].minimum:.1f}"
    assert found["2"].rows[0].cells[1] == "594,596", "a count has no decimals"


def test_segmentation_is_printed_times_a_thousand_unless_the_study_or_its_preset_says_otherwise() -> None:
    assert "(× 1,000)" in PLAIN["1"].title
    for other in (
        tables(of_1=TableLook(scale={"segmentation": 1}))["1"],
        next(t for t in all_tables(replace(example.study(), preset="published")) if t.number == "1"),
    ):
        assert "×" not in other.title
        assert re.fullmatch(r"0\.\d{6}", other.rows[0].cells[1])
        plain = {row.key: row.cells for row in PLAIN["1"].rows}
        assert all(f"{1000 * float(row.cells[1]):.3f}" == plain[row.key][1] for row in other.rows)
        assert all(row.cells[2::2] == plain[row.key][2::2] for row in other.rows), "ranks are no quantities"


def test_a_journal_prints_the_rows_that_an_author_names_and_all_others_are_in_the_appendix() -> None:
    asked = with_look(TABLE4, TableLook(gof=("N", "df"), rows=("market", "constant")))
    main, appendix = in_two(asked, "C1")
    assert [row.key for row in main.rows] == ["market", "market.se", "constant", "N", "df"]
    assert appendix is not None
    assert not appendix.rows
    only_terms, rest = in_two(with_look(TABLE4, TableLook(rows=("market",))), "C1")
    assert [row.key for row in only_terms.rows][:3] == ["market", "market.se", "N"]
    assert rest is not None
    assert any(row.key == "df" for row in rest.rows)


def test_the_rows_of_a_table_without_coefficients_are_chosen_too() -> None:
    table = with_look(PLAIN["2"], TableLook(rows=("market", "quality"), scale={"market": 10}, digits=1))
    assert [row.cells[0] for row in table.rows] == ["Market (× 10)", "Quality"]
    market = next(d for d in example.describes() if d.variable == "market")
    assert table.rows[0].cells[2] == f"{10 * market.minimum:.1f}"


PANELS = PrintedTable(
    "6",
    "A mediator",
    ("", "(1)", "(2)"),
    (
        Row("coefficient", ("Market", "1.0", "2.0"), "market"),
        Row("count", ("Observations", "10", "10"), "N"),
        Row("panel", ("Indirect effect", "Estimate", "p")),
        Row("test", ("At the median", "0.5", "0.1"), "indirect.p50"),
        Row("panel", ("Tests",)),
        Row("test", ("Joint", "0.2", "0.3"), "joint"),
    ),
)


def test_rows_keep_the_headings_of_their_columns() -> None:
    table = with_look(PANELS, TableLook(gof=("joint", "indirect.p50", "N")))
    assert [row.cells[0] for row in table.rows] == [
        *("Market", "Joint", "Indirect effect", "At the median", "Observations")
    ]


def test_names_that_a_table_does_not_have_are_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"\[tables.4\] rows: no row 'makret'") as caught:
        with_look(TABLE4, TableLook(rows=("makret",)))
    assert "market" in str(caught.value)
    with pytest.raises(UnknownName, match="must be named in gof"):
        with_look(TABLE4, TableLook(rows=("N",)))
    with pytest.raises(UsageError, match="1 cells, and the table has 2 columns"):
        with_look(TABLE4, TableLook(add_rows={"Trends": ("No",)}))
    for columns in ((1, 3), (0, 1), (), (2, 3)):
        with pytest.raises(UsageError, match="spanners"):
            with_look(TABLE4, TableLook(spanners={"A": columns}))
    with pytest.raises(UsageError, match="spanners"):
        with_look(TABLE4, TableLook(spanners={"A": (1, 2), "B": (2,)}))
    fit = example.study().benchmark[0].headline
    dropped = replace(TABLE4, origins=tuple(replace(o, fit=replace(fit, dropped={"rd": "x"})) for o in TABLE4.origins))
    assert with_look(dropped, TableLook(rows=("rd", "market"))).rows[0].key == "market"


def test_headings_over_columns_are_in_every_format(tmp_path: Path) -> None:
    table = with_look(TABLE4, LOOK)
    assert r" & \multicolumn{2}{c}{Baseline} \\" in to_latex(table)
    assert r"\cmidrule(lr){2-3}" in to_latex(table)
    assert '<td></td><th scope="colgroup" colspan="2">Baseline</th></tr><tr>' in to_html(table)
    for text in (to_markdown(table), to_csv(table), to_text(table)):
        assert "Baseline: (1) Quality" in text
    word = docx.Document(str(table.save(tmp_path / "t.docx"))).tables[0]
    assert [cell.text for cell in word.rows[0].cells] == ["", "Baseline", "Baseline"]
    source = to_typst(compose(replace(example.study(), looks={"4": LOOK})), dict.fromkeys(FIGURES, "x.svg"), ("Serif",))
    assert 'table.cell(colspan: 2, align: center, inset: between, strong("Baseline"))' in source
    assert "table.hline(start: 1, end: 3" in source


FIGURES = list(compose(example.study()).drawings())


def test_decimal_marks_stand_below_each_other_in_word_and_pdf(tmp_path: Path) -> None:
    """From the right edge of a column, what follows the mark and the indent are as wide in every number."""
    table = TABLE4
    word = docx.Document(str(table.save(tmp_path / "t.docx", "full"))).tables[0]
    size, seen = 20 * word.rows[1].cells[0].paragraphs[0].runs[0].font.size.pt, 0
    for column in (1, 2):
        marks = set[int]()
        for at, cells in enumerate(marked(table).cells):
            number, cell = cells[column], word.rows[at + 1].cells[column]
            indent = cell.paragraphs[0].paragraph_format.right_indent
            assert (number is None) == (indent is None)
            if number is not None:
                assert cell.text == "".join(number)
                marks.add(round(indent.twips + size * width_of(number.after), -1))
                seen += 1
        assert len(marks) <= 2, "but for rounding"
        assert max(marks) - min(marks) <= 10
    assert seen > 20
    source = to_typst(compose(example.study()), dict.fromkeys(FIGURES, "x.svg"), ("Serif",))
    estimate = "".join(f'"{part}", ' for part in marked(table).cells[0][1] or ())
    assert f"number({estimate}" in source


def test_counts_and_words_are_centred_as_in_latex() -> None:
    cells = dict(zip((row.key for row in TABLE4.rows), marked(TABLE4).cells, strict=True))
    assert cells["N"][1] is cells["firm_fe"][1] is cells["clusters"][1] is None
    assert cells["market"][1] == ("0", ".0534**")
    assert cells["market.se"][1] == ("(0", ".0197)")
    assert cells["market^2"][1] is not None
    assert cells["market^2"][1].before == "\u22120"


def test_a_key_that_does_not_fit_is_left_out_and_the_table_is_printed_with_the_others() -> None:
    look = TableLook(rows=("makret",), labels={"market": "Integration"}, add_rows={"Trends": ("No", "Yes")}, digits=2)
    table, problems = with_fitting_look(TABLE4, look)
    assert table == with_look(TABLE4, replace(look, rows=None))
    (why,) = problems
    assert str(why).startswith("[tables.4] rows: no row 'makret' in table 4; did you mean 'market'?")
    assert str(why).endswith("The table is printed without this key.")
    assert with_fitting_look(TABLE4, LOOK) == (with_look(TABLE4, LOOK), [])


def test_a_report_with_an_unknown_row_is_written_and_warns(tmp_path: Path) -> None:
    results = replace(example.study(), looks={"4": TableLook(rows=("makret",))})
    told: list[str] = []
    written = write_report(results, tmp_path, ("md",), shape="brief", tell=told.append)
    assert all(path.exists() for path in written)
    assert any("no row 'makret' in table 4" in str(one) for one in told)


def test_a_number_in_other_units_keeps_its_t_and_p() -> None:
    k = TABLE4.rows[0].numbers[0]
    scaled = with_look(TABLE4, TableLook(scale={"market": -100})).rows[0].numbers[0]
    assert (scaled.statistic, scaled.p_value) == (k.statistic, k.p_value)
    assert (scaled.conf_low, scaled.conf_high) == pytest.approx((-100 * k.conf_high, -100 * k.conf_low))
