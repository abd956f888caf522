"""The typeface that travels with the package: reports read on a machine without fonts; what none has is said."""

from __future__ import annotations

import base64
import io
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import altair as alt
import pytest
import typst
from fontTools.ttLib import TTFont

import integrade
import report_example as example
from integrade.report import fonts
from integrade.report.fonts import (
    LATIN_SERIF,
    OWN,
    TYPEFACE,
    USUAL,
    chinese_families,
    font_face,
    has_chinese,
    print_fonts,
)
from integrade.report.html import page_of
from integrade.report.pdf import to_pdf
from integrade.report.style import dressed, image
from integrade.report.typst_source import to_typst
from integrade.study.printed import compose, report_in
from integrade.texts import in_language


def test_figures_carry_the_glyphs_they_need_and_no_others() -> None:
    """Read back with fontTools, from the rule in the .svg."""
    assert font_face("no Chinese: 1.5 %") == ""
    rule = font_face("拐点 4.058，省份")
    coded = re.search(r"base64,([^)]+)\)", rule)
    assert coded is not None
    data = base64.b64decode(coded[1])
    assert {chr(c) for c in TTFont(io.BytesIO(data)).getBestCmap()} == set("拐点，省份")
    assert len(data) < 5_000
    assert font_face("份，省 点 拐") == rule  # the same glyphs, the same bytes


def test_the_page_has_the_glyphs_of_all_its_chinese() -> None:
    """Its words, those of its figures, and those that its scripts say."""
    page = page_of(report_in("zh", example.study()))
    coded = re.search(r"font/woff;base64,([^)]+)\)", page)
    assert coded is not None
    there = {chr(c) for c in TTFont(io.BytesIO(base64.b64decode(coded[1]))).getBestCmap()}
    assert {c for c in page if has_chinese(c)} - there == set()


def test_a_printed_document_always_has_a_chinese_font() -> None:
    """One of the machine where there is one; else, and beside it, the one that travels with the package."""
    assert print_fonts("plain", [LATIN_SERIF]) == (LATIN_SERIF,)
    assert print_fonts("拐点", [LATIN_SERIF, "DejaVu Sans", OWN]) == (LATIN_SERIF, OWN)
    assert print_fonts("拐点", ["SimSun", "Noto Serif CJK SC"]) == (LATIN_SERIF, "Noto Serif CJK SC", OWN)
    assert chinese_families()[-1] == OWN


def test_the_typeface_has_every_character_of_the_chinese_texts() -> None:
    font = TTFont(str(TYPEFACE / "IntegradeCJK-Regular.otf"))
    assert font["name"].getDebugName(1) == OWN
    assert "SIL OPEN FONT LICENSE" in (TYPEFACE / "OFL.txt").read_text(encoding="utf-8")
    catalogues = sorted((Path(integrade.__file__).parent / "texts" / "zh").glob("*.ftl"))
    texts = "".join(file.read_text(encoding="utf-8") for file in catalogues)
    assert len(texts) > 10_000
    usual = "省市区县自治企业产品质量市场一体化進出口貿易臺灣機電"
    assert {c for c in texts + usual if has_chinese(c)} - {chr(c) for c in font.getBestCmap()} == set()


def test_every_usual_character_is_in_the_latin_font() -> None:
    """What `fonts.USUAL` passes without a look is there: Typst refuses a PDF/A with a glyph that is missing."""
    usual = [c for c in map(chr, range(0x20, 0x2300)) if c.isprintable() and USUAL.match(c)]
    assert len(usual) > 400
    letters = " ".join(f'#text("\\u{{{ord(c):x}}}")' for c in usual)
    source = f'#set text(font: "{LATIN_SERIF}", fallback: false)\n{letters}'
    assert typst.compile(source.encode(), format="pdf", pdf_standards=["a-2b"])


def test_what_no_font_has_is_written_in_latin_letters_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label in Korean, of which no font that comes with the package or with Typst has a glyph."""
    real = typst.Compiler
    monkeypatch.setattr(typst, "Compiler", lambda **how: real(**how | {"ignore_system_fonts": True}))
    fonts._unset.cache_clear()
    letters = fonts.unset("서울 Seoul 北京 𠀀")
    assert letters == {"서": "Seo", "울": "Ul", "𠀀": "He"}
    for text in ("เชียงใหม่", "தமிழ்", "ঢাকা", "ភ្នំពេញ"):  # with marks that join others
        assert {c for c in text if unicodedata.category(c) == "Lo"} <= set(fonts.unset(text)) <= set(text)
    told: list[str] = []
    document = replace(compose(example.study()), title="서울", parts=(), first=())
    assert to_pdf(document, {}, told.append).startswith(b"%PDF")
    fonts._unset.cache_clear()
    assert len(told) == 1
    said = "No available font has 2 of the characters; the PDF shows others in their place: U+C11C = Seo; U+C6B8 = Ul"
    assert told[0] == said
    chinese = "此处没有字体能显示其中 2 个字符；PDF 中以其他字符代替：U+C11C = Seo；U+C6B8 = Ul"
    assert in_language(told[0], "zh") == chinese


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_of_a_report_is_set_without_any_font_of_the_machine(tmp_path: Path, language: str) -> None:
    """With what travels alone, every glyph is there."""
    document = report_in(language, replace(example.study(), labels={"market": "市场一体化"}))
    source = to_typst(document, dict.fromkeys(document.drawings(), "none.svg"), (LATIN_SERIF, OWN))
    assert "市场一体化" in source
    (tmp_path / "report.typ").write_text(source.replace("date: none", "date: datetime.today()"), encoding="utf-8")
    (tmp_path / "none.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    made = typst.compile(
        tmp_path / "report.typ", font_paths=[TYPEFACE], ignore_system_fonts=True, format="pdf", pdf_standards=["a-2b"]
    )
    assert isinstance(made, bytes)


def test_the_pdf_is_set_in_the_typeface_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which fonts a PDF holds stands in it as plain text."""
    monkeypatch.setattr(fonts, "chinese_families", lambda _=None: ())
    document = replace(compose(example.study()), title="市场一体化", parts=(), first=())
    assert b"IntegradeCJK" in to_pdf(document, {})
    assert b"IntegradeCJK" not in to_pdf(replace(document, title="Markets"), {})


def test_a_figure_has_its_chinese_without_fonts_of_the_machine() -> None:
    """Three words of two characters give three pictures: as empty boxes they would be one."""

    def drawn(text: str) -> bytes:
        mark = alt.Chart(alt.InlineData(values=[{"t": text}])).mark_text(fontSize=40, font=OWN)
        return image(mark.encode(text="t:N"), "png")

    assert len({drawn("产品"), drawn("质量"), drawn("市场")}) == 3


def test_a_figure_without_chinese_is_set_in_a_latin_typeface() -> None:
    """That of vl-convert, the same on every machine, comes before the Chinese ones; with Chinese they come first."""

    def families(title: str) -> str:
        mark = alt.Chart(alt.InlineData(values=[{"t": title}])).mark_text().encode(text="t:N")
        return image(dressed(mark, title), "svg").decode().partition("font-family=")[2].partition(">")[0]

    assert families("Market").index("Liberation Sans") < families("Market").index("Noto Sans CJK SC")
    assert "Liberation Sans" not in families("市场")
