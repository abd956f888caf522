"""Choose the fonts of a report, embed glyphs in pages and .svg files, and replace characters that no font has.

All texts are set in two fonts, and neither comes from the machine. Libertinus Serif, which comes with Typst, sets the
Latin text of a PDF. The typeface of this package sets all figures and all Chinese. The same report therefore has the
same bytes whatever fonts the machine has. The machine's fonts are used only for characters that neither font has.
Characters that the machine's fonts also lack are written in Latin letters, with a note.
"""

from __future__ import annotations

import base64
import io
import re
from functools import cache, lru_cache
from pathlib import Path

from plainwords.texts import listed, say

LATIN_SERIF = "Libertinus Serif"
"""The serif font that comes with Typst, so that a report looks the same on every machine."""

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
"""Fonts of a machine in which XeTeX and LuaTeX may set the Chinese of report.tex, the preferred one first."""

TYPEFACE = Path(__file__).with_name("typeface")
"""The folder of the package's typeface, with a file for each weight and the licence."""

OWN = "Integrade Sans"
"""The family name of the package's typeface.

It has Latin, Greek, Cyrillic, signs, the Chinese characters of GB 2312, and the usual traditional characters.
"""

PRINTED = (LATIN_SERIF, OWN)
"""The families of a printed document, in the order in which they are searched for a character."""

EMBEDDED = "integrade-chinese"
"""The family name of the Chinese glyphs embedded in a page, used if the reader's machine has no Chinese font."""

FILES = {400: "Regular", 700: "Bold"}
"""Weight of the typeface -> its style, with which the names of its files end."""


CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")
"""Chinese characters and full-width signs."""

FREQUENT = "".join(map(chr, range(0x20, 0x7F))) + "\u00a0\u2212–—…×≤≥→"
"""Glyphs put in every figure, so that most figures share one subset of the typeface, which is built only once."""


def has_chinese(text: str) -> bool:
    """Return whether the text has a Chinese character or full-width sign."""
    return CHINESE.search(text) is not None


def figure_faces(text: str) -> str:
    """Return ``@font-face`` rules with the glyphs of the text in both weights, for a figure that a browser shows."""
    letters = "".join(sorted({*FREQUENT, *text}))
    return "".join(_face(OWN, weight, _glyphs(letters, weight)) for weight in FILES)


def text_face(text: str) -> str:
    """Return a ``@font-face`` rule with the Chinese glyphs of the text; empty if it has no Chinese."""
    letters = "".join(sorted(set(CHINESE.findall(text))))
    return _face(EMBEDDED, 400, _glyphs(letters, 400)) if letters else ""


def _face(family: str, weight: int, data: bytes) -> str:
    coded = base64.b64encode(data).decode()
    source = f"url(data:font/woff;base64,{coded}) format('woff')"
    return f"@font-face{{font-family:'{family}';font-weight:{weight};src:{source}}}"


@lru_cache(maxsize=64)
def _glyphs(letters: str, weight: int) -> bytes:
    """Return a .woff font with only those of these characters that the typeface has."""
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
    """Return the file of a weight of the typeface."""
    return TYPEFACE / f"{OWN.replace(' ', '')}-{FILES[weight]}.otf"


@cache
def _own_letters() -> frozenset[str]:
    """Return the characters of the typeface."""
    from fontTools.ttLib import TTFont

    with TTFont(str(_file(400)), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


USUAL = re.compile("[\n -~\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f–—‘’“”…‰′″−×·•≤≥≠≈√∑∞→←↑↓]")
"""Characters that both fonts of `PRINTED` have, so that for most texts the fonts need not be read."""

MISSING = re.compile('the text `"(.+?)"`', re.DOTALL)


def beyond(text: str) -> str:
    """Return the characters of a text that neither font of `PRINTED` has; only these need the fonts of the machine."""
    rare = {c for c in set(text) if not USUAL.match(c) and c.isprintable()} - _own_letters()
    letters = "".join(sorted(rare))
    return "".join(_missing(letters, machine=False)) if letters else ""


def is_own(text: str) -> bool:
    """Return whether the package's typeface has every character, so that a figure needs no font of the machine."""
    rare = {c for c in set(text) if not USUAL.match(c) and c.isprintable()}
    return not rare or rare <= _own_letters()


def unset(text: str) -> dict[str, str]:
    """Return the characters of a text that no font can set, with the Latin letters that replace them.

    The fonts are those of `PRINTED` and of the machine.

    Characters of other scripts are replaced one by one (``{"서": "seo"}``); signs without a reading become a question
    mark.
    """
    from anyascii import anyascii

    letters = beyond(text)
    missing = _missing(letters, machine=True) if letters else ()
    return {c: re.sub("[^A-Za-z0-9 ]", "", anyascii(c)) or "?" for c in missing}


@lru_cache(maxsize=64)
def _missing(letters: str, *, machine: bool) -> tuple[str, ...]:
    """Return the letters that no font of `PRINTED` (and, with ``machine``, no font of the machine) has.

    Typst reports a character that it cannot set only for a PDF standard that requires every glyph, and one at a time.
    """
    import typst

    chosen = ", ".join(f'"{name}"' for name in PRINTED)
    compiler = typst.Compiler(font_paths=[TYPEFACE], ignore_system_fonts=not machine)
    missing: list[str] = []
    while True:
        left = [c for c in letters if c not in missing]
        source = f"#set text(font: ({chosen}))\n" + "\n\n".join(f'#text("\\u{{{ord(c):x}}}")' for c in left)
        try:
            compiler.compile(source.encode(), format="pdf", pdf_standards=["a-2b"], timestamp=0)
        except typst.TypstError as problem:
            texts = "".join(MISSING.findall(str(problem)))
            # combining marks are numbers in Typst's message (\u{e35})
            texts = re.sub(r"\\u\{([0-9a-f]+)\}", lambda number: chr(int(number[1], 16)), texts)
            named = [c for c in left if c in texts]
            if not named:  # an error other than a missing glyph
                raise
            missing += named
        else:
            return tuple(missing)


OF_LATEX = re.compile("[\\x00-~\u00a0-\u017f–—‘’“”…•†‡€™−²×]")
"""Characters of Latin Modern under pdflatex, and those that `escaping.for_latex` writes as commands."""
SIGNS = {"≤": "<=", "≥": ">=", "≠": "/=", "≈": "~", "→": "->", "←": "<-", "″": "''", "′": "'"}


def in_latin(text: str) -> dict[str, str]:
    """Return the characters of a text for which pdflatex has no letter, with the Latin letters that replace them."""
    from anyascii import anyascii

    rare = sorted(c for c in set(text) if not OF_LATEX.match(c) and (c.isprintable() or c.isspace()))
    return {c: SIGNS.get(c) or re.sub("[^A-Za-z0-9 .,;:()'-]", "", anyascii(c)) or "?" for c in rare}


def spelt(text: str, letters: dict[str, str]) -> str:
    """Return the text with the characters in ``letters`` (from `unset`) replaced by their Latin letters."""
    return text.translate({ord(c): latin for c, latin in letters.items()}) if letters else text


def said_of(letters: dict[str, str]) -> str:
    """Return one sentence that names the replaced characters; empty if no character was replaced."""
    if not letters:
        return ""
    return say("document.no-glyphs", count=str(len(letters)), others=_others(letters))


def said_in_latin(letters: dict[str, str]) -> str:
    """Return the sentence of `said_of` for a document of pdflatex."""
    return say("document.no-letters", count=str(len(letters)), others=_others(letters))


def _others(letters: dict[str, str]) -> str:
    named = [f"U+{ord(c):04X} = {latin}" for c, latin in list(letters.items())[:5]]
    return listed([*named, *(["..."] if len(letters) > 5 else [])], "semicolon")
