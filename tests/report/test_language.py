"""The composed report in each language: English without Chinese, Chinese without English, but for data and terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import report_example as example
import situation_example
from integrade.report.document import Document, Points, verdict_blocks, verdict_heading
from integrade.report.language import said_in
from integrade.report.printed import PrintedTable
from integrade.report.style import Drawing
from integrade.study.finished import results_in
from integrade.study.printed import compose, report_in
from integrade.study.show import last_run
from integrade.verdicts.bundle import StudyResults
from integrade.wording.numerals import capital
from plainwords.texts import Said, say, speaking

CHINESE = re.compile("[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]*[a-z]{2,}[A-Za-z]*|[A-Z]{2,}")
FORMULA = re.compile(r"[\w.^:]+ ~ [^；。]*")
CODE = re.compile(
    r"https?://\S+|\[\[\w+\]\]|\w+\([^()]*\)|\S*[=_/^<>]\S*|\w+(?:\.\w+)+|\b[pst] [<=]|\bp\d+\b|\b[LF]\d*\.|\bs\.[ed]\."
    r"|\b[0-9a-f]{10,12}\b"
)
"""Formulas, settings, sections of the study file, names of files, percentiles, lags as Stata writes them, hashes."""

TERMS = frozenset(
    re.findall(
        r"\w+",
        """Anderson Aroian BCa BIC Bai Brown CNY CR CSV Carter Cattaneo Cinelli Cook Excel Fieller GMM Goodman
        HS HTML Hausman Hazlett Holm IMSE Kleibergen LIML LM LaTeX Lind Mehlum Montiel Mundlak OLS ORIV Olea
        Oster Paap Pearson Pflueger ROA Rademacher Rubin SHA SIMEX SLS Simonsohn Sanderson Schnepel Sobel
        Spearman Stata Steigerwald UTF VIF Wald Webb Windmeijer Word XML delta exp fixest gb iid integrade
        ivreg ln log logit reghdfe sqrt sup tF""",
    )
)
"""What Chinese economists write in Latin letters: names of tests, estimators and authors, abbreviations."""

OWN_TABLES = ("B2", "B3")
"""Tables of settings and raw files: what stands in them is the study's."""


def frame(document: Document) -> Iterator[str]:
    """Title page, verdicts, headings, paragraphs and lists; the title is the study's own."""
    yield from (document.byline, document.abstract)
    with speaking(document.language):
        for v in document.verdicts:
            yield verdict_heading(v)
            for block in verdict_blocks(v):
                yield from block.items if isinstance(block, Points) else (str(block),)
    for n in document.brief.numbers:
        yield from (n.name, n.value)
    for part in document.parts:
        yield part.name
        for section in part.sections:
            yield from (section.short, section.title)
    sections = (
        s for part in document.parts for s in part.sections if "references" not in s.key
    )  # works keep their titles
    for block in (*document.brief.blocks(), *(b for s in sections for b in s.blocks)):
        match block:
            case PrintedTable() | Drawing():
                pass
            case Points():
                yield from (block.heading, *block.items)
            case text:
                yield text


def tables(document: Document) -> Iterator[str]:
    """Titles, headings, cells and notes."""
    for table in document.tables():
        yield from (table.title, *table.columns, *table.notes)
        if table.number not in OWN_TABLES:
            yield from (cell for row in table.cells() for cell in row)


def figures(document: Document) -> Iterator[str]:
    """What stands in the pictures and in what appears above them."""
    for drawn in document.drawings().values():
        yield from _spec(drawn.spec)


def _spec(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items() if value.get("field") != "colour" else ():  # codes of colours
            if name == "datasets":
                rows = (row for listed in inner.values() for row in listed)
                told = (item for row in rows for item in row.items() if item[0] not in ("colour", "side"))
                texts = (text for _, text in told if isinstance(text, str))
                yield from (text for text in texts if not re.fullmatch("#[0-9a-f]{6}", text))
            elif name not in ("config", "$schema"):
                yield from _spec(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _spec(inner, key)
    elif isinstance(value, str) and key in ("title", "text", "subtitle", "description", "domain", "sort"):
        yield value


def lineage(document: Document) -> Iterator[str]:
    """What the page says of a number."""
    for name, table in document.lineage["tables"].items():
        yield table["caption"]
        if name.removeprefix("table") not in OWN_TABLES:
            yield from (text for _, *texts in table["rows"] for text in texts)
        yield from (text for _, text in table["columns"])
    for heading, lines in document.lineage["parts"]:
        yield from (heading, *lines)


READ: dict[str, Callable[[Document], Iterator[str]]] = {
    "frame": frame,
    "tables": tables,
    "figures": figures,
    "lineage": lineage,
}


def data_of(study: StudyResults) -> set[str]:
    """Texts that are the study's: its title and labels, names in its data, what it calls its versions and hypotheses.

    What steps told without an id is also in a study that was made by hand, or by an earlier version.
    """
    found = {study.title, study.preset, *study.labels.values(), *(v.name for v in study.versions)}
    found |= {v.change for v in study.versions} | {p.series for p in study.index.trend}
    found |= {t for own in study.hypotheses for t in (own.name, own.claim, own.rule)}
    fits, tests = [c.headline for c in study.benchmark], [c.hausman for c in study.benchmark if c.hausman]
    found |= {name for fit in fits for name in fit.clusters} | {name for h in tests for name in (h.method, h.note)}
    found |= {t.note for t in study.truth}
    found |= {v for name, v in study.settings.items() if name.startswith("quality.")} | {"CPI"}  # a sheet's name
    told = [note for fit in fits for note in fit.notes] + [*study.warnings, *study.units.values()]
    told += [t for e in study.account for t in (e.reason, e.example, e.step)]
    told += [line for e in study.account if not isinstance(e.reason, Said) for line in lines_of(e.reason)]
    told += [text for row in study.provenance for text in row.values()]
    return found | {t for text in told if not isinstance(text, Said) for t in (text, capital(text))}


def lines_of(text: str) -> list[str]:
    """Every run of words of a text, which a figure may break into lines."""
    words = text.split(" ")
    return [" ".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)]


def english_left(texts: Iterator[str], data: set[str]) -> dict[str, list[str]]:
    """Latin words of each text that are neither data nor terms."""
    names = "|".join(re.escape(name) for name in sorted(data, key=len, reverse=True) if name)
    own = re.compile(rf"(?<![A-Za-z])(?<![A-Za-z]\.)(?:{names})(?!\.?[A-Za-z])") if names else re.compile("$^")
    bare = {text: CODE.sub(" ", own.sub(" ", FORMULA.sub(" ", text))) for text in texts}
    left = {text: [word for word in WORD.findall(kept) if word not in TERMS] for text, kept in bare.items()}
    return {text: words for text, words in left.items() if words}


@pytest.fixture(scope="module")
def by_hand() -> StudyResults:
    """A study by hand with the chapter on the index and on quality; what its steps told has ids."""
    study = situation_example.study()
    told = say("verdicts.no-ownership")
    index = replace(study.index, breaks=(told,))
    return replace(study, index=index, warnings=(told,), left_out={"inference": (told,)})


@pytest.fixture(scope="module")
def of_a_run(whole_study: Path) -> StudyResults:
    return results_in(last_run(whole_study))


@pytest.mark.parametrize("part", READ)
def test_a_chinese_report_has_no_english(by_hand: StudyResults, part: str) -> None:
    assert english_left(READ[part](report_in("zh", by_hand)), data_of(by_hand)) == {}


@pytest.mark.parametrize("part", READ)
def test_the_chinese_report_of_a_run_has_no_english(of_a_run: StudyResults, part: str) -> None:
    assert english_left(READ[part](report_in("zh", of_a_run)), data_of(of_a_run)) == {}


@pytest.mark.parametrize("part", READ)
def test_an_english_report_has_no_chinese(by_hand: StudyResults, part: str) -> None:
    data = {"西藏", "食品", "示例"}
    found = {t for t in READ[part](report_in("en", by_hand)) if CHINESE.search(re.sub("|".join(data), "", t))}
    assert found == set()


@pytest.mark.parametrize("part", READ)
def test_the_english_report_of_a_run_has_no_chinese(of_a_run: StudyResults, part: str) -> None:
    spellings = {t for e in of_a_run.account for t in re.findall("[\u4e00-\u9fff]+", e.example)}  # of its raw files
    spellings |= {"上年"}  # how they say their basis
    found = {
        t
        for t in READ[part](report_in("en", of_a_run))
        if any(name not in spellings for name in re.findall("[\u4e00-\u9fff]+", t))
    }
    assert found == set()


def test_the_check_finds_what_is_missing() -> None:
    left = english_left(
        iter(["H1：U-test p = 0.0161；CR3 地区", "这 is 英文", "c.Market#c.Market", "Fieller 区间"]), set()
    )
    assert left == {"H1：U-test p = 0.0161；CR3 地区": ["test"], "这 is 英文": ["is"]}


def test_a_stored_verdict_is_said_in_the_language_of_the_report(by_hand: StudyResults) -> None:
    """Results hold sentences in English with their ids; the study's own labels stay."""
    chinese = report_in("zh", by_hand)
    verdict = chinese.verdicts[0]
    assert (verdict.outcome, verdict.found) == ("not supported", "开口向下；上升段未得到证实")
    assert verdict.hypothesis == "H1"
    assert verdict.statement == "市场一体化对出口产品质量具有倒 U 型影响。"
    assert verdict.sentence.startswith("不能认定出口产品质量随市场一体化变化存在拐点。拟合抛物线的拐点为 4.045")


def test_addresses_and_keys_are_the_same_in_every_language(by_hand: StudyResults) -> None:
    one, other = (report_in(name, by_hand) for name in ("en", "zh"))
    assert [n.key for n in one.brief.numbers] == [n.key for n in other.brief.numbers]
    assert [n.value[:5] for n in one.brief.numbers if n.key == "turning"] == ["4.045"]
    assert [s.key for p in one.parts for s in p.sections] == [s.key for p in other.parts for s in p.sections]
    for a, b in zip(one.tables(), other.tables(), strict=True):
        assert (a.number, a.column_keys) == (b.number, b.column_keys)
        assert [row.key for row in a.rows] == [row.key for row in b.rows], a.number
    assert one.lineage["answer"] == other.lineage["answer"]


def test_notes_on_standard_errors_stand_once_in_a_report_said_in_another_language() -> None:
    """Composed in English, as `integrade run` does, and said in Chinese: tables add such notes when they are made."""
    with speaking("en"):
        composed = compose(example.study())
    for table in said_in("zh", composed).tables():
        assert not [note for note in table.notes if "rely on the cluster jackknife" in note], table.number
        assert len(table.notes) == len(set(table.notes))
