"""The Chinese report beside the English one: the same numbers, standard terms, the labels of the study."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import report_example as example
from integrade.report.document import Document, Points, shaped
from integrade.report.printed import PrintedTable
from integrade.report.style import Drawing
from integrade.study.printed import report_in
from plainwords.texts import Said, say, speaking


def texts(document: Document) -> Iterator[str]:
    """Everything a reader of the report sees but the table of settings and that of raw files."""
    yield from (document.title, document.abstract)
    for v in document.verdicts:
        yield from (v.hypothesis, v.statement, v.sentence)
    for n in document.brief.numbers:
        yield from (n.name, n.value)
    for part in document.parts:
        yield part.name
        for section in part.sections:
            yield from (section.short, section.title)
    for block in document.blocks():
        match block:
            case PrintedTable():
                own = block.number in ("B2", "B3")
                yield from (block.title, *block.columns, *block.notes)
                yield from (cell for row in block.cells() for cell in row if not own)
            case Drawing(name="map"):  # the Chinese one has names in place of values
                pass
            case Drawing():
                yield " ".join(shown(block.spec))  # titles break at other places
            case Points():
                yield from (block.heading, *block.items)
            case text:
                yield text


def test_what_the_page_says_of_a_number_is_chinese(chinese: Document) -> None:
    table = chinese.lineage["tables"]["table4"]
    assert table["caption"] == "表 4  出口产品质量的基准回归"
    assert [row[0] for row in table["rows"]][:1] == ["market"]  # addresses stay
    assert table["columns"][0][1] == "(1) 产品质量"
    said = {line for heading, lines in chinese.lineage["parts"] for line in (heading, *lines)}
    assert {"标准误", "模型", "估计系数；星号来自其 p 值"} <= said
    assert not any("estimated coefficient" in line for line in said)


def shown(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "datasets":
                yield from (
                    v
                    for rows in inner.values()
                    for r in rows
                    for k, v in r.items()
                    if isinstance(v, str) and k != "colour"
                )
            elif name not in ("config", "$schema", "tooltip"):  # a tooltip gets a title that English does without
                yield from shown(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner, key)
    elif isinstance(value, str) and key in ("title", "text", "subtitle", "description", "domain", "sort"):
        yield value


@pytest.fixture(scope="module")
def english() -> Document:
    return report_in("en", example.study())


@pytest.fixture(scope="module")
def chinese() -> Document:
    return report_in("zh", example.study())


NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def test_numbers_and_shapes_are_those_of_the_english_report(english: Document, chinese: Document) -> None:
    for one, other in zip(english.tables(), chinese.tables(), strict=True):
        assert one.number == other.number
        for mine, yours in zip(one.cells(), other.cells(), strict=True):
            for a, b in zip(mine, yours, strict=True):
                assert sorted(NUMBER.findall(a)) == sorted(NUMBER.findall(b)), (a, b)
    for a, b in zip(texts(english), texts(chinese), strict=True):
        assert sorted(NUMBER.findall(a)) == sorted(NUMBER.findall(b)), (a, b)


def test_figures_keep_their_data(english: Document, chinese: Document) -> None:
    for name, one in english.drawings().items():
        other = chinese.drawings()[name]
        numbers = [re.findall(r"-?\d+\.\d+", json.dumps(list(d.spec["datasets"].values()))) for d in (one, other)]
        assert numbers[0] == numbers[1]
        assert one.spec["config"] == other.spec["config"]
    trend = json.dumps(chinese.drawings()["trend"].spec, ensure_ascii=False)
    assert '"series": "全国"' in trend
    assert '"text": "逐年市场分割，2004—2013 年：全国、东部、中部、西部"' in trend.replace(
        "，东部，中部，西部", "、东部、中部、西部"
    )


def test_a_paper_and_its_appendix_have_no_english_paragraph(chinese: Document) -> None:
    """Sentences are joined to paragraphs only for files that are printed."""
    printed = shaped(chinese, "full")
    said = [block for part in printed.values() for block in part.blocks() if isinstance(block, Said)]
    assert {text.language for text in said} == {"zh"}
    assert any(text.key == "listed.sentences" for text in said)


def test_standard_terms() -> None:
    """The words an economist would write, chosen here by hand."""
    with speaking("zh"):
        for key, chinese in {
            "headline.turning-point": "拐点及其 95% 置信区间",
            "regression.standard-errors": "标准误",
            "regression.clusters": "聚类数",
            "shapes.inverted-u": "倒 U 型",
            "document.instruments-short": "工具变量",
            "document.sensitivity-short": "遗漏变量",
        }.items():
            assert say(key) == chinese


def test_labels_of_the_study_stay() -> None:
    """Also one that is an English word of a catalogue."""
    labelled = replace(example.study(), labels={"quality": "Quality", "market": "Openness"})
    table = next(t for t in report_in("zh", labelled).tables() if t.number == "4")
    assert table.columns[1] == "(1) Quality"
    assert {row.cells[0] for row in table.rows} >= {"Openness", "Openness²"}
