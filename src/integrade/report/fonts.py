"""The fonts of a report: those of its text and figures, glyphs that travel in a page or .svg, characters no font has.

Two fonts set everything, and neither is one of the machine: Libertinus Serif, which comes with Typst, sets the Latin
text of a PDF; the typeface of this package sets all figures and all Chinese. So the same report has the same bytes
whatever fonts the machine has. Its fonts are asked only for characters that both lack. What those lack too is written
in Latin letters, and a sentence says so.
"""

from __future__ import annotations

import base64
import io
import re
from functools import cache, lru_cache
from pathlib import Path

from integrade.wording.texts import listed, say

LATIN_SERIF = "Libertinus Serif"
"""Comes with Typst, so that a report looks the same on every machine."""

CHINESE_SERIF = (
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Songti SC",
    "STSong",
    "SimSun",
    "NSimSun",
    "AR PL UMing CN",
    "Noto Serif CJK TC",
    "Noto Serif CJK JP",
)
"""Fonts of a machine that XeTeX and LuaTeX may set the Chinese of report.tex in, the preferred one first."""

TYPEFACE = Path(__file__).with_name("typeface")
"""The folder of the typeface that travels with the package: a file for each weight, and its licence."""

OWN = "Integrade Sans"
"""The family of that typeface: Latin, Greek, Cyrillic, signs, the Chinese of GB 2312 and the usual traditional one."""

PRINTED = (LATIN_SERIF, OWN)
"""The families of a printed document, in the order in which they are asked for a character."""

EMBEDDED = "integrade-chinese"
"""The family of the Chinese glyphs in a page, for its text where the reader's machine has no Chinese font."""

FILES = {400: "Regular", 700: "Bold"}
"""The styles of the typeface by weight, which are the ends of the names of its files."""


CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")
"""Chinese characters and full-width signs."""

FREQUENT = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0\u2212–—…×≤≥→"
"""Glyphs in every figure, so that most figures have the same ones, which are then cut from the typeface once."""


def has_chinese(text: str) -> bool:
    """Whether the text has a Chinese character or full-width sign."""
    return CHINESE.search(text) is not None


def figure_faces(text: str) -> str:
    """Return ``@font-face`` rules with the glyphs of the text in both weights, for a figure that a browser shows."""
    letters = "".join(sorted({*FREQUENT, *text}))
    return "".join(_face(OWN, weight, _glyphs(letters, weight)) for weight in FILES)


def text_face(text: str) -> str:
    """Return a ``@font-face`` rule with the Chinese glyphs of the text; empty where it has no Chinese."""
    letters = "".join(sorted(set(CHINESE.findall(text))))
    return _face(EMBEDDED, 400, _glyphs(letters, 400)) if letters else ""


def _face(family: str, weight: int, data: bytes) -> str:
    coded = base64.b64encode(data).decode()
    source = f"url(data:font/woff;base64,{coded}) format('woff')"
    return f"@font-face{{font-family:'{family}';font-weight:{weight};src:{source}}}"


@lru_cache(maxsize=64)
def _glyphs(letters: str, weight: int) -> bytes:
    """A font in .woff with those of these characters that the typeface has, and nothing else."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.hinting, options.layout_features, options.name_IDs = False, [], []
    out = io.BytesIO()
    with TTFont(str(_file(weight)), lazy=True, recalcTimestamp=False) as font:
        maker = subset.Subsetter(options)
        maker.populate(text=letters)
        maker.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()


def _file(weight: int) -> Path:
    """The file of a weight of the typeface."""
    return TYPEFACE / f"{OWN.replace(' ', '')}-{FILES[weight]}.otf"


@cache
def _own_letters() -> frozenset[str]:
    """The characters of the typeface."""
    from fontTools.ttLib import TTFont

    with TTFont(str(_file(400)), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


USUAL = re.compile("[\n -~\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f–—‘’“”…‰′″−×·•≤≥≠≈√∑∞→←↑↓]")
"""Characters that both fonts of `PRINTED` have, so that most texts need no look at the fonts."""

MISSING = re.compile('the text `"(.+?)"`', re.DOTALL)


def beyond(text: str) -> str:
    """Return the characters of a text that neither font of `PRINTED` has: they alone need the fonts of the machine."""
    rare = {c for c in set(text) if not USUAL.match(c) and c.isprintable()} - _own_letters()
    letters = "".join(sorted(rare))
    return "".join(_missing(letters, machine=False)) if letters else ""


def unset(text: str) -> dict[str, str]:
    """The characters of a text that no font here can set, and the Latin letters that stand for each.

    Unknown scripts go letter by letter (``{"서": "seo"}``), signs without a reading become a question mark.
    """
    from anyascii import anyascii

    letters = beyond(text)
    missing = _missing(letters, machine=True) if letters else ()
    return {c: re.sub("[^A-Za-z0-9 ]", "", anyascii(c)) or "?" for c in missing}


@lru_cache(maxsize=64)
def _missing(letters: str, *, machine: bool) -> tuple[str, ...]:
    """Those of the letters that neither a font of `PRINTED` has nor, if asked, one of the machine.

    Typst says one character at a time what it cannot set, and only where a standard asks for every glyph.
    """
    import typst

    chosen = ", ".join(f'"{name}"' for name in PRINTED)
    compiler = typst.Compiler(font_paths=[TYPEFACE], ignore_system_fonts=not machine)
    found: list[str] = []
    while True:
        left = [c for c in letters if c not in found]
        source = f"#set text(font: ({chosen}))\n" + "\n\n".join(f'#text("\\u{{{ord(c):x}}}")' for c in left)
        try:
            compiler.compile(source.encode(), format="pdf", pdf_standards=["a-2b"], timestamp=0)
        except typst.TypstError as problem:
            named = [c for c in left if c in _named(str(problem))]
            if not named:  # another complaint than a missing glyph
                raise
            found += named
        else:
            return tuple(found)


def _named(problem: str) -> str:
    """What Typst says it cannot set; it writes a mark that joins others by its number, ``\\u{e35}``."""
    said = "".join(MISSING.findall(problem))
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), said)


OF_LATEX = re.compile("[\\x00-~\u00a0-\u017f–—‘’“”…•†‡€™−²×]")
"""Characters of Latin Modern under pdflatex, and those that `integrade.wording.escaping.for_latex` writes in its own way."""
SIGNS = {"≤": "<=", "≥": ">=", "≠": "/=", "≈": "~", "→": "->", "←": "<-", "″": "''", "′": "'"}


def in_latin(text: str) -> dict[str, str]:
    """The characters of a text that pdflatex has no letter for, and the Latin letters that stand for each."""
    from anyascii import anyascii

    rare = sorted(c for c in set(text) if not OF_LATEX.match(c) and (c.isprintable() or c.isspace()))
    return {c: SIGNS.get(c) or re.sub("[^A-Za-z0-9 .,;:()'-]", "", anyascii(c)) or "?" for c in rare}


def spelt(text: str, letters: dict[str, str]) -> str:
    """The text with the characters of `unset` in Latin letters."""
    return text.translate({ord(c): latin for c, latin in letters.items()}) if letters else text


def said_of(letters: dict[str, str]) -> str:
    """One sentence that names the characters for which others stand; empty for none."""
    if not letters:
        return ""
    return say("document.no-glyphs", count=str(len(letters)), others=_others(letters))


def said_in_latin(letters: dict[str, str]) -> str:
    """The same for a document of pdflatex."""
    return say("document.no-letters", count=str(len(letters)), others=_others(letters))


def _others(letters: dict[str, str]) -> str:
    named = [f"U+{ord(c):04X} = {latin}" for c, latin in list(letters.items())[:5]]
    return listed([*named, *(["..."] if len(letters) > 5 else [])], "semicolon")
