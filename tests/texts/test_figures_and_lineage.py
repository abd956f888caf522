"""Figures and the ways of numbers are made in the language that is spoken; what decides among texts are ids."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import report_example as example
from integrade.report.addresses import find, table_named
from integrade.report.figures import CODES, map_figure, ranking_figure, waterfall_figure
from integrade.report.lineage import counts_rows, is_rows, lineage_of, parts_of, told
from integrade.report.meaning import MEANINGS, OF_A_DIFFERENCE, OF_A_TERM
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.report.style import specification, tip
from integrade.study.printed import all_tables
from integrade.subjects.audit.page import audit_page
from integrade.subjects.audit.switches import Audit, Headline, Switch
from integrade.verdicts.naming import kind_word, move_word, step_word
from plainwords.account import Entry
from plainwords.texts import language_spoken, messages, say, speaking


def rows_of(chart: Any) -> list[dict[str, Any]]:
    return [row for rows in specification(chart)["datasets"].values() for row in rows]


def test_a_tile_has_letters_in_english_and_the_short_name_in_chinese() -> None:
    index = example.study().index
    letters = {r["code"] for r in rows_of(map_figure(index)) if "code" in r}
    assert letters <= set(CODES.values())
    with speaking("zh"):
        rows = [r for r in rows_of(map_figure(index)) if "code" in r]
    assert {r["code"] for r in rows} == {r["region"] for r in rows}
    assert not any(r["code"].isascii() for r in rows)


def test_the_order_of_regions_names_them_as_the_rows_do() -> None:
    with speaking("zh"):
        spec = specification(ranking_figure(example.study().index))
    named = {r["region"] for rows in spec["datasets"].values() for r in rows}
    assert set(spec["layer"][0]["encoding"]["y"]["sort"]) == named
    assert not any(name.isascii() for name in named)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_bars_of_rows_say_table_number_and_reason(language: str) -> None:
    said = {"en": "Customs: 9,314,112 read (rows)", "zh": "海关记录：读入 9,314,112 行（rows）"}
    with speaking(language):
        labels = [r["label"] for r in rows_of(waterfall_figure(example.study().account)) if "label" in r]
    assert said[language] in labels


def test_a_line_of_a_tooltip_has_a_title_in_every_language() -> None:
    assert tip("year:Q", "d").to_dict() == {"field": "year", "format": "d", "title": "year", "type": "quantitative"}
    with speaking("zh"):
        assert tip("year:Q").to_dict()["title"] == "年份"


def test_the_way_of_a_number_is_the_same_in_both_languages() -> None:
    known = example.study()

    def way() -> tuple[list[str], list[str]]:
        found = lineage_of(find(table_named(all_tables(known), "table4"), "2.market"), known)
        parts = parts_of(found)
        return [part.heading for part in parts], [line for part in parts for line in part.lines]

    english, lines = way()
    with speaking("zh"):
        chinese, others = way()
    assert english[:4] == ["Number", "Model", "Sample", "Standard errors"]
    assert chinese[:4] == ["数字", "模型", "样本", "标准误"]
    assert "估计系数；星号来自其 p 值" in others
    assert "estimator: least squares" in lines
    assert "估计方法：最小二乘法" in others
    numbers = [sorted(re.findall(r"\d[\d,.]*\d", " ".join(text))) for text in (lines, others)]
    assert numbers[0] == numbers[1]


def test_entries_and_notes_are_told_apart_by_their_ids() -> None:
    noted = Entry("quality", "quality", "note", say("lineage.none"), 0)
    assert not told(noted)  # whatever its words are
    assert told(Entry("quality", "quality", "note", say("account.settings", settings="sigma=5"), 0))
    assert not told(Entry("quality", "quality", "note", "a list of goods", 0))
    assert not counts_rows(say("numerals.infinite"))
    assert counts_rows("12 rows dropped, a value missing: roa 12")
    assert is_rows("rows")
    assert not is_rows(say("lineage.rows", rows=5))


def test_a_difference_is_known_by_the_kind_of_its_origin() -> None:
    from integrade.report.meaning import meaning_of

    def of(origin: Origin) -> str:
        row = Row("test", ("Market: p", "0.01"), "market.p")
        return meaning_of(PrintedTable("8", "T", ("", "(1)-(2)"), (row,), origins=(origin,)), 0, 1)

    assert of(Origin("state less other", kind="difference")) == "p of the difference; state less other"
    assert of(Origin("state less other")) == "state less other"


def test_every_meaning_is_in_the_catalogue() -> None:
    known = {f"meaning.{name}" for name in messages("en", "meaning")}
    assert {*OF_A_TERM.values(), *MEANINGS.values(), *OF_A_DIFFERENCE.values()} <= known


def test_words_of_steps_moves_and_kinds() -> None:
    assert step_word("cpi_2004.xlsx") == "cpi_2004.xlsx"
    assert move_word("p10 to p50") == "p10 to p50"
    assert move_word("a move of one's own") == "a move of one's own"
    with speaking("zh"):
        assert (step_word("customs"), kind_word("dropped"), move_word("p10 to p50")) == (
            "海关记录",
            "剔除",
            "p10 到 p50",
        )


def audit() -> Audit:
    base = Headline(1_234, 0.5, -0.1, 2.5, "[2, 3]", 0.001, (0.4, 0.3, 0.5), (-0.3, -0.4, -0.2), 0.4, "CR3 by region")
    flat = Headline(1_200, 0.5, 0.1, 2.5, "[2, 3]", 0.5, (0.1, -0.3, 0.5), (0.1, -0.4, 0.2), 0.4, "iid")
    moved = (Switch("regression.vcov", "CR3", "iid", "", flat), Switch("a.b", "1", "2", "", None, "no such column"))
    return Audit("Firms & markets", "market", "quality", "quality ~ market + market^2 | firm", base, moved)


def test_the_audit_is_a_page_in_either_language() -> None:
    english, chinese = audit_page(audit()), audit_page(audit(), "zh")
    assert "The verdict differs under these choices: regression.vcov = iid (no clear shape)." in english
    assert "以下研究设定得到不同结论：regression.vcov = iid（形状不明确）。" in chinese
    assert '<html lang="zh-CN">' in chinese
    assert "基准：quality ~ market + market^2 | firm，CR3 by region，1,234 个观测。结论：U 型检验为倒 U 型" in chinese
    words = json.loads(chinese.split('id="words">')[1].split("</script>")[0])
    assert words["rowAndColumn"] == "行 {row}，列 {column}"
    assert language_spoken() == "en"
