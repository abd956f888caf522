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
from integrade.report.document import Brief
from integrade.report.fonts import (
    EMBEDDED,
    FREQUENT,
    LATIN_SERIF,
    OWN,
    TYPEFACE,
    USUAL,
    beyond,
    figure_faces,
    has_chinese,
)
from integrade.report.html import page_of
from integrade.report.pdf import to_pdf
from integrade.report.style import dressed, image
from integrade.report.typst_source import to_typst
from integrade.study.printed import report_in
from plainwords.texts import in_language


def embedded(rule: str) -> list[tuple[str, str, TTFont]]:
    """The family, the weight and the font of each rule, read back with fontTools."""
    form = r"font-family:'([^']+)';font-weight:(\d+);src:url\(data:font/woff;base64,([^)]+)\)"
    return [(name, at, TTFont(io.BytesIO(base64.b64decode(data)))) for name, at, data in re.findall(form, rule)]


def letters_of(font: TTFont) -> set[str]:
    return {chr(code) for code in font.getBestCmap()}


def test_figures_carry_the_glyphs_they_need_and_no_others() -> None:
    rule = figure_faces("拐点 4.058，省份")
    assert [(name, weight) for name, weight, _ in embedded(rule)] == [(OWN, "400"), (OWN, "700")]
    for _, _, font in embedded(rule):
        assert letters_of(font) == {*FREQUENT, *"拐点，省份"}
    assert len(rule) < 2 * 14_000
    assert figure_faces("份，省 点 拐") == rule  # the same glyphs, the same bytes


def test_an_svg_has_the_glyphs_of_its_texts() -> None:
    bars = alt.Chart(alt.InlineData(values=[{"x": 1}])).mark_bar().encode(x="x:Q")
    svg = image(dressed(bars, "Łódź ≈ 市场"), "svg").decode()
    assert all({*"Łódź≈市场0123456789"} <= letters_of(font) for _, _, font in embedded(svg))
    assert set(re.findall(r'font-family="([^"]+)"', svg)) == {f"'{OWN}', sans-serif"}


def test_the_page_has_the_glyphs_of_its_figures_and_of_all_its_chinese() -> None:
    """Chinese of the text, of the figures, and what scripts say; all that figures print, in both weights."""
    page = page_of(report_in("zh", replace(example.study(), labels={"market": "市场 Łódź"})))
    found = {(name, weight): letters_of(font) for name, weight, font in embedded(page)}
    assert set(found) == {(OWN, "400"), (OWN, "700"), (EMBEDDED, "400")}
    assert {c for c in page if has_chinese(c)} - found[EMBEDDED, "400"] == set()
    specified = re.search(r'id="figures">(.+?)</script>', page, re.DOTALL)
    assert specified is not None
    assert all({*specified[1], "Ł"} - {"\n"} <= found[OWN, weight] for weight in ("400", "700"))
    assert EMBEDDED in re.findall(r"font: 16px[^;]+;", page)[0]


def test_the_typeface_has_every_character_of_the_chinese_texts() -> None:
    catalogues = sorted(Path(integrade.__file__).parent.rglob("zh/*.ftl"))
    texts = "".join(file.read_text(encoding="utf-8") for file in catalogues)
    assert len(texts) > 10_000
    usual = "省市区县自治企业产品质量市场一体化進出口貿易臺灣機電"
    for style in ("Regular", "Bold"):
        font = TTFont(str(TYPEFACE / f"IntegradeSans-{style}.otf"))
        assert font["name"].getDebugName(1) == OWN
        assert {c for c in texts + usual if has_chinese(c)} - letters_of(font) == set()
    assert "SIL OPEN FONT LICENSE" in (TYPEFACE / "OFL.txt").read_text(encoding="utf-8")


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
    fonts._missing.cache_clear()
    letters = fonts.unset("서울 Seoul 北京 𠀀")
    assert letters == {"서": "Seo", "울": "Ul", "𠀀": "He"}
    for text in ("เชียงใหม่", "தமிழ்", "ঢাকা", "ភ្នំពេញ"):  # with marks that join others
        assert {c for c in text if unicodedata.category(c) == "Lo"} <= set(fonts.unset(text)) <= set(text)
    told: list[str] = []
    document = replace(example.composed(), title="서울", parts=(), brief=Brief(""))
    assert to_pdf(document, {}, told.append).startswith(b"%PDF")
    fonts._missing.cache_clear()
    assert len(told) == 1
    first = "No available font has 2 of the characters; the PDF shows other characters in their place: "
    said = f"{first}U+C11C = Seo; U+C6B8 = Ul"
    assert told[0] == said
    chinese = "没有可用的字体能显示其中 2 个字符；PDF 以其他字符代替：U+C11C = Seo；U+C6B8 = Ul"
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


def test_the_pdf_is_set_in_its_own_fonts_unless_a_character_needs_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typst does not look at the fonts of the machine. The names of the fonts in a PDF are plain text."""
    asked: list[bool] = []
    real = typst.compile

    def compiled(*given: object, **how: object) -> object:
        asked.append(bool(how["ignore_system_fonts"]))
        return real(*given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(typst, "compile", compiled)
    document = replace(example.composed(), title="市场一体化", parts=(), brief=Brief(""))
    assert b"IntegradeSans" in to_pdf(document, {})
    assert b"IntegradeSans" not in to_pdf(replace(document, title="Markets"), {})
    assert asked == [True, True]
    assert beyond("Łódź β ≤ 市场 서") == "서"
    to_pdf(replace(document, title="서울"), {})
    assert asked[2:] == [False]
