"""Signs of a report as they are set in type: a minus sign before numbers, a dash in ranges of years."""

from __future__ import annotations

import html
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest

import report_example as example
from each import each
from integrade.report.rows import minus
from integrade.study.printed import write_report

SIGN = re.compile(r".{0,30}(?<![A-Za-z0-9_)\]-])-\.?\d.{0,20}")
YEARS = re.compile(r".{0,30}(?<![\w/.-])(?:19|20)\d\d-(?:19|20)\d\d(?![\w/.-]).{0,20}")


@cache
def copied() -> tuple[str, ...]:
    """Tables of settings and files, which readers copy."""
    return tuple(t.number for t in example.composed().tables() if t.verbatim)


@pytest.fixture(scope="module", params=["en", "zh"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp(f"signs-{request.param}")
    write_report(example.study(), made, ("html", "docx", "md"), language=request.param)
    return made


def of_markdown(folder: Path) -> str:
    text = (folder / "report.md").read_text(encoding="utf-8")
    for number in copied():
        text = re.sub(rf'(?s)<a id="table-{number.lower()}"></a>.*?(?=\n##|<a id=|\Z)', "", text)
    return text.replace("\\", "").replace("\n- ", "\n")


def of_page(folder: Path) -> str:
    text = (folder / "report.html").read_text(encoding="utf-8")
    body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", text)
    for number in copied():
        body = re.sub(rf'(?s)<div class="scroll[^>]*id="table{number}".*?</table>', " ", body)
    labels = re.findall(r'aria-label="([^"]*)"', body)
    return html.unescape("\n".join([re.sub(r"<[^>]+>", "\n", body), *labels]))


def of_word(folder: Path) -> str:
    with zipfile.ZipFile(folder / "report.docx") as archive:
        xml = archive.read("word/document.xml").decode()
    xml = re.sub(r"(?s)<w:p>(?:(?!</w:p>).)*>(?:Settings|设定)(?:(?!</w:tbl>).)*</w:tbl>", "", xml)
    paragraphs = (re.findall(r"<w:t[^>]*>([^<]*)", p) for p in re.split(r"</w:p>", xml))
    return html.unescape("\n".join(map("".join, paragraphs)))


@each("read", [of_markdown, of_page, of_word])
def test_no_number_of_a_report_has_a_hyphen_as_its_sign(folder: Path, read: object) -> None:
    assert callable(read)
    text = read(folder)
    assert "\u2212" in text
    assert SIGN.findall(text) == []
    assert YEARS.findall(text) == []


def test_names_of_files_and_dates_keep_their_hyphens() -> None:
    for text in ("cpi-2004.csv", "raw/2004-2013.csv", "2004-05-01", "1e-05", "GB-2312", "a-1", "10-15 goods"):
        assert minus(text) == text
