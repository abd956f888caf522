"""The report in Chinese: every sentence of the English one has its Chinese, with the same numbers."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import report_example as example
from integrade import errors
from integrade.report.chinese import HOLE, LATIN, NAME, catalogue, in_chinese
from integrade.report.document import Document, Points
from integrade.report.printed import PrintedTable
from integrade.report.style import Drawing
from integrade.study.printed import report_in

REPORT = Path(__file__).parents[1] / "src" / "integrade" / "report"
OTHER_PAGES = {"audit", "comparison", "curve"}  # pages of their own commands, in English
NO_WORDS = {
    "__init__",
    "addresses",
    "chinese",
    "contents",
    "fonts",
    "html",
    "hypotheses",
    "language",
    "latex",
    "latex_document",
    "lineage_json",
    "markdown",
    "markup",
    "paper",
    "pdf",
    "robustness_table",
    "self_contained",
    "style",
    "tables",
    "typst_source",
    "word",
    "word_grid",
    "write",
}
NOT_SAID = {"R2_within", "Figure {}", "Table {}", "Layout", "PrintedTable"}  # keys and patterns
CODE = re.compile(r"datum\.|^width - |^\W*\w+[.=]\w|\.wild$|:[NOQ]$")
ROW_OF_DATA = re.compile(r"\S*[=_/]\S*|（例如 .*?）|<\w+>")


def sample(expression: ast.expr) -> str:
    """What may stand in a hole of an f-string: what its maker makes."""
    text = ast.unparse(expression)
    return "p = 0.0100" if text.startswith("p_equals") else "[1, 2]" if text.startswith("interval") else "12"


def filled(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    assert isinstance(node, ast.JoinedStr)
    parts = [v.value if isinstance(v, ast.Constant) else sample(v.value) for v in node.values]  # type: ignore[attr-defined]
    return "".join(str(p) for p in parts)


def unsaid(tree: ast.AST) -> set[ast.AST]:
    """Strings that no reader sees: docstrings, errors, comparisons, keys, arguments of Altair, parts of f-strings."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Compare() | ast.MatchValue():
                parts = [node]
            case (
                ast.Subscript(slice=part)
                | ast.AnnAssign(annotation=part)
                | ast.FormattedValue(format_spec=ast.JoinedStr() as part)
            ):
                parts = [part]
            case ast.FunctionDef(returns=part) if part is not None:
                parts = [part]
            case ast.arg(annotation=part) if part is not None:
                parts = [part]
            case ast.keyword(arg="color" | "align" | "baseline" | "orient" | "y2" | "x2" | "text" | "format" | "field"):
                parts = [node]
            case ast.Call(func=ast.Attribute(attr="get" | "removeprefix" | "removesuffix" | "startswith" | "replace")):
                parts = list(node.args)
            case ast.Call(func=ast.Name(id=name)) if hasattr(errors, name):
                parts = [node]
            case ast.JoinedStr():
                found |= {v for v in node.values if isinstance(v, ast.Constant)}
        found |= {inner for part in parts for inner in ast.walk(part)}
    return found


def sentences(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = unsaid(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node not in hidden:
            text = (filled(node) or "").strip()
            wordless = NAME.fullmatch(text) and not text[:1].isupper()
            if LATIN.search(text) and not wordless and text not in NOT_SAID and not CODE.search(text):
                yield text


def waiting(text: str) -> list[str]:
    """English words that the table of words does not know."""
    return [word for word in LATIN.findall(ROW_OF_DATA.sub("", text)) if word not in catalogue().latin]


@pytest.mark.parametrize("path", sorted(REPORT.glob("*.py")), ids=lambda p: p.stem)
def test_every_english_sentence_has_its_chinese(path: Path) -> None:
    """A sentence without Chinese is added to report/chinese.toml: "English {a}" = "Chinese {a}"."""
    if path.stem in NO_WORDS | OTHER_PAGES:
        assert path.exists()
        return
    assert {text: made for text in sentences(path) if waiting(made := in_chinese(text))} == {}


def test_the_check_finds_what_is_missing() -> None:
    text = "A sentence that nobody has translated about {x}."
    assert waiting(in_chinese(text))
    assert list(sentences(REPORT / "tables.py"))


def texts(document: Document) -> Iterator[str]:
    """Everything a reader of the report sees but the table of settings and that of raw files."""
    yield from (document.title, document.lead)
    for v in document.verdicts:
        yield from (v.hypothesis, v.statement, v.sentence)
    for n in document.numbers:
        yield from (n.name, n.value)
    for part in document.parts:
        yield part.name
        for section in part.sections:
            yield from (section.short, section.title)
    for block in document.blocks():
        match block:
            case PrintedTable():
                own = block.number in ("A4", "A5")
                yield from (block.title, *block.columns, *block.notes)
                yield from (cell for row in block.cells() for cell in row if not own)
            case Drawing():
                yield from shown(block.spec)
            case Points():
                yield from (block.heading, *block.items)
            case text:
                yield text


def test_what_the_page_says_of_a_number_is_chinese(chinese: Document) -> None:
    table = chinese.lineage["tables"]["table4"]
    assert table["caption"] == "表 4  产品质量的基准回归"
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
    assert "datum.series === '全国'" in trend  # a name in an expression follows the name in the rows
    assert '"text": "逐年市场分割，2004—2013 年：全国、东部、中部、西部"' in trend.replace(
        "，东部，中部，西部", "、东部、中部、西部"
    )


def test_standard_terms() -> None:
    """The words an economist would write, chosen here by hand."""
    for english, chinese in {
        "Turning point": "拐点",
        "Standard errors": "标准误",
        "Clusters": "聚类",
        "inverted U": "倒 U 形",
        "Wild cluster bootstrap": "野聚类自助法",
        "fixed effects: 12": "固定效应：12",
        "winsorise": "缩尾",
        "Joint significance": "联合显著性",
        "Share past the turning point": "越过拐点的占比",
        "Instruments": "工具变量",
        "Omitted variables": "遗漏变量",
        "First stage Market": "第一阶段：市场一体化",
        "c.Market#c.Market": "c.市场一体化#c.市场一体化",
        "L2.Market": "L2.市场一体化",
        "(2) Quality": "(2) 产品质量",
    }.items():
        assert in_chinese(english) == chinese


def test_labels_of_the_study_stay() -> None:
    assert in_chinese("(1) Quality", frozenset({"Quality"})) == "(1) Quality"
    assert in_chinese("Mediation by RD", frozenset({"RD"})) == "以RD为中介变量"


def test_a_name_that_the_table_does_not_know_stays() -> None:
    assert in_chinese("Bavaria") == "Bavaria"
    assert in_chinese("4 dropped: value missing") == "剔除 4：金额缺失"


def test_every_hole_of_a_translation_is_one_of_its_sentence() -> None:
    import tomllib

    table = tomllib.loads((REPORT / "chinese.toml").read_text(encoding="utf-8"))
    for section in table.values():
        for one, other in section.items():
            assert set(HOLE.findall(other)) <= set(HOLE.findall(one)), one
