"""The Word report as LibreOffice lays it out, its fields and sections, and the LaTeX report as xelatex sets it."""

from __future__ import annotations

import re
import subprocess
import zipfile
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.shared import Pt

import report_example as example
from filled_pages import pages
from integrade.report.document import Brief, Document, Part, Section, in_paper
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.word import each_to_word, to_word
from integrade.report.word_document import document_to_word
from integrade.study.printed import all_tables, report_in, write_report
from library import needs, needs_chinese_font, needs_tex
from plainwords.texts import speaking

DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
"""A picture of one point."""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module", params=["en", "zh"])
def body(request: pytest.FixtureRequest) -> ElementTree.Element:
    with speaking(request.param):
        whole = in_paper(report_in(request.param, example.study()))
    pictures = dict.fromkeys(whole.drawings(), DOT)
    with zipfile.ZipFile(BytesIO(document_to_word(replace(whole, contents=True), pictures))) as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))[0]


def test_captions_are_numbered_by_fields_that_give_the_printed_number(body: ElementTree.Element) -> None:
    r"""What Word makes of SEQ: one more than before, the same for \c, n for \r n; the text stored is that number."""
    counts: dict[str, int] = {}
    numbers = []
    for paragraph in body.iter(f"{W}p"):
        code = "".join(t.text or "" for t in paragraph.iter(f"{W}instrText")).split()
        if code[:1] != ["SEQ"]:
            continue
        name, rest = code[1], code[4:]
        start = int(rest[1]) if rest[:1] == [r"\r"] else counts.get(name, 0) + (rest[:1] != [r"\c"])
        counts[name] = start
        text = "".join(t.text or "" for t in paragraph.iter(f"{W}t"))
        assert re.match(rf"(Table|Figure|表|图) [A-Z]?{start}[a-z]?\b", text), text
        numbers.append(text)
    assert len(numbers) == len(in_paper(example.composed()).tables()) + len(example.composed().drawings())


def test_every_reference_has_its_bookmark(body: ElementTree.Element) -> None:
    codes = ["".join(t.text or "" for t in p.iter(f"{W}instrText")) for p in body.iter(f"{W}p")]
    named = {word for code in codes for word in code.split() if word.startswith("_Ref_")}
    marks = [b.get(f"{W}name") for b in body.iter(f"{W}bookmarkStart")]
    ids = [b.get(f"{W}id", "") for b in body.iter(f"{W}bookmarkStart")]
    assert "_Ref_table_4" in named
    assert named <= set(marks)
    assert len(set(marks)) == len(marks)
    assert sorted(ids) == sorted(b.get(f"{W}id", "") for b in body.iter(f"{W}bookmarkEnd"))


def test_every_line_of_the_contents_leads_to_its_heading(body: ElementTree.Element) -> None:
    marks = {start.get(f"{W}name"): p for p in body.iter(f"{W}p") for start in p.iter(f"{W}bookmarkStart")}
    lines = [(link.get(f"{W}anchor"), "".join(link.itertext())) for link in body.iter(f"{W}hyperlink")]
    headings = [p for p in body.iter(f"{W}p") if style_of(p) in ("Heading1", "Heading2")]
    assert [text for _, text in lines] == ["".join(p.itertext()) for p in headings]
    assert [marks[mark] for mark, _ in lines] == headings
    assert any("TOC" in (code.text or "") for code in body.iter(f"{W}instrText"))


def style_of(paragraph: ElementTree.Element) -> str | None:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return None if style is None else style.get(f"{W}val")


def test_wide_tables_stand_in_landscape_sections() -> None:
    columns = ("", *(f"({i}) Quality" for i in range(1, 15)))
    wide = PrintedTable("1", "T", columns, (Row("coefficient", ("Market", *["-0.1234***"] * 14)),))
    sections = (Section("s", "S", "S", ("Text.", wide)), Section("t", "T", "T", ("Text.",)))
    document = Document("T", Brief(""), (), (Part("data", "D", sections),))
    with zipfile.ZipFile(BytesIO(document_to_word(document, {}))) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))[0]
    sizes = [s.find(f"{W}pgSz") for s in body.iter(f"{W}sectPr")]
    turned = [int(s.get(f"{W}w", "0")) > int(s.get(f"{W}h", "0")) for s in sizes if s is not None]
    assert any(turned)
    assert not all(turned)


def compiled(folder: Path, name: str, engine: str) -> str:
    """The words of a LaTeX document, which is compiled without an error and fills its pages."""
    for _ in range(2):  # the second run knows the numbers of the tables
        made = subprocess.run(
            [engine, "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert made.returncode == 0, made.stdout[-2000:]
    said = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    assert "Missing character" not in said
    assert "undefined references" not in said
    filled = [share for _, share in pages(folder / f"{name}.pdf")][:-1]
    assert sum(share < 0.5 for share in filled) <= 0.2 * len(filled)
    return subprocess.run(
        ["pdftotext", "-layout", str(folder / f"{name}.pdf"), "-"], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.system
@pytest.mark.parametrize(
    ("language", "engine"), [("en", "pdflatex"), ("en", "xelatex"), ("en", "lualatex"), ("zh", "xelatex")]
)
def test_latex_compiles_and_shows_its_numbers(tmp_path: Path, language: str, engine: str) -> None:
    needs_tex("booktabs.sty", "siunitx.sty", "threeparttable.sty", "rotating.sty", "xeCJK.sty", "ctexhook.sty")
    needs(engine)
    needs("pdftotext")
    if language == "zh":
        needs_chinese_font()
    write_report(example.study(), tmp_path, ("tex",), language=language, shape="full")
    shown = compiled(tmp_path, "report", engine) + compiled(tmp_path, "appendix", engine)
    named = {"en": "Table 4", "zh": "表 4"}[language]
    for whole in ("0.472", "594,596", "9,314,112", "[3.404, 4.346]", "0.228", named):
        assert whole in shown
    if language == "zh":
        assert "产品质量的基准回归" in shown
    elif engine == "pdflatex":
        assert "U+793A = Shi" in shown
    else:
        assert "示例" in shown


@pytest.mark.system
def test_word_report_opens_and_keeps_numbers_whole(tmp_path: Path) -> None:
    needs("soffice")
    needs("pdftotext")
    (tmp_path / "report.docx").write_bytes(to_word(all_tables(example.study()), title="Report"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.docx")], check=True, capture_output=True, timeout=180)
    shown = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], check=True, capture_output=True, text=True
    )
    for whole in ("0.472", "594,596", "9,314,112", "[3.404, 4.346]", "−0.228***", "clustered by region, CR1"):
        assert whole in shown.stdout  # no column is so narrow that its numbers break


def test_tables_written_one_after_the_other_are_those_written_alone() -> None:
    """Wide ones between upright ones: nothing of a table is left in the next."""
    wide = PrintedTable("9", "Wide", tuple(f"a column of its own {i}" for i in range(9)), (Row("text", ("x",) * 9),))
    tables = [wide, *all_tables(example.study()), wide]
    assert list(each_to_word(tables)) == [to_word([table]) for table in tables]


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_a_caption_of_a_figure_stays_with_its_note() -> None:
    document = example.composed()
    pictures = dict.fromkeys(document.drawings(), b64decode(PIXEL))
    said = docx.Document(BytesIO(document_to_word(document, pictures))).paragraphs
    named = [(p, after) for p, after in pairwise(said) if p.style.name == "Caption" and p.text.startswith("Figure")]
    noted = [any(run.font.size == Pt(8) for run in after.runs) for _, after in named]
    assert any(noted)
    assert [bool(caption.paragraph_format.keep_with_next) for caption, _ in named] == noted
