"""Which fonts a report is set in, glyphs that travel with a figure or a page, and characters that no font has.

A typeface of simplified and traditional Chinese travels with the package, so that a report reads the same on a machine
without Chinese fonts. Those of the machine come first. What none of them has is written in Latin letters, and said.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from integrade.texts import listed, say

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
CHINESE_SANS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
)

TYPEFACE = Path(__file__).with_name("typeface")
"""The folder of the typeface that travels with the package (its licence and how it was made are beside it)."""

OWN = "Integrade CJK"
"""The family of that typeface: the characters of GB 2312 and the usual traditional ones."""

EMBEDDED = "integrade-figures"
"""The name of the font whose glyphs travel with a figure; the last of its list of fonts."""


CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")
"""Chinese characters and full-width signs."""


@cache
def families() -> tuple[str, ...]:
    """The font families that Typst finds: on this machine, its own, and the one that travels with the package."""
    return tuple(_fonts().families())


@cache
def _fonts() -> Any:
    """``typst.Fonts``, imported late."""
    import typst

    return typst.Fonts(include_system_fonts=True, font_paths=[TYPEFACE])


def chinese_families(known: Iterable[str] | None = None) -> tuple[str, ...]:
    """Those that can set simplified Chinese, the preferred one first: serif before sans, the package's own last."""
    there = set(families() if known is None else known)
    return tuple(name for name in (*CHINESE_SERIF, *CHINESE_SANS, OWN) if name in there)


def has_chinese(text: str) -> bool:
    """Whether the text has a Chinese character or full-width sign."""
    return CHINESE.search(text) is not None


def print_fonts(text: str, known: Sequence[str] | None = None) -> tuple[str, ...]:
    """The families a printed document of this text asks for; with Chinese, one of the machine and the package's own."""
    chinese = (*chinese_families(known)[:1], OWN) if has_chinese(text) else ()
    return tuple(dict.fromkeys((LATIN_SERIF, *chinese)))


def font_face(text: str) -> str:
    """A ``@font-face`` rule with the Chinese glyphs of the text, so that it reads where no font has them.

    Empty where the text has no Chinese, or no font has what it has.
    """
    letters = "".join(sorted(set(CHINESE.findall(text))))
    data = _glyphs(letters) if letters else b""
    if not data:
        return ""
    coded = base64.b64encode(data).decode()
    return f"@font-face{{font-family:'{EMBEDDED}';src:url(data:font/woff;base64,{coded}) format('woff')}}"


@lru_cache(maxsize=64)
def _glyphs(letters: str) -> bytes:
    """A font in .woff of these characters and nothing else; empty when it would have none of them.

    They are those of the package's own typeface, the same on every machine, unless it lacks one.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    wanted = {ord(c) for c in letters}
    named = (OWN, *(name for name in (*CHINESE_SANS, *CHINESE_SERIF) if name in families()))
    fonts = {f.family: f for f in _fonts().fonts() if f.path and f.weight == 400 and f.family in named}
    found = next((fonts[n] for n in named if n in fonts and wanted <= _letters_of(fonts[n])), fonts[OWN])
    if not wanted & _letters_of(found):
        return b""
    options = subset.Options()
    options.hinting, options.layout_features, options.name_IDs = False, [], []
    out = io.BytesIO()
    with TTFont(found.path, fontNumber=found.index, lazy=True, recalcTimestamp=False) as font:
        maker = subset.Subsetter(options)
        maker.populate(text=letters)
        maker.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()


def _letters_of(font: Any) -> set[int]:
    """The code points of a font of `_fonts`."""
    from fontTools.ttLib import TTFont

    with TTFont(font.path, fontNumber=font.index, lazy=True, recalcTimestamp=False) as opened:
        return set(opened.getBestCmap())


USUAL = re.compile("[\n -~\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f–—‘’“”…‰′″−×·•≤≥≠≈√∑∞→←↑↓]")
"""Characters that `LATIN_SERIF` has, so that most texts need no look at the fonts."""

MISSING = re.compile('the text `"(.+?)"`', re.DOTALL)


def unset(text: str) -> dict[str, str]:
    """The characters of a text that no font here can set, and the Latin letters that stand for each.

    Unknown scripts go letter by letter (``{"서": "seo"}``), signs without a reading become a question mark.
    """
    rare = "".join(sorted(c for c in set(text) if not USUAL.match(c) and c.isprintable()))
    return _unset(rare) if rare else {}


@lru_cache(maxsize=64)
def _unset(letters: str) -> dict[str, str]:
    """Typst says one character at a time what it cannot set, and only where a standard asks for every glyph."""
    import typst
    from anyascii import anyascii

    chosen = ", ".join(f'"{name}"' for name in (LATIN_SERIF, OWN))
    compiler = typst.Compiler(font_paths=[TYPEFACE], ignore_system_fonts=False)
    found: dict[str, str] = {}
    while True:
        left = [c for c in letters if c not in found]
        source = f"#set text(font: ({chosen}))\n" + "\n\n".join(f'#text("\\u{{{ord(c):x}}}")' for c in left)
        try:
            compiler.compile(source.encode(), format="pdf", pdf_standards=["a-2b"], timestamp=0)
        except typst.TypstError as problem:
            named = [c for c in left if c in _named(str(problem))]
            if not named:  # another complaint than a missing glyph
                raise
            found |= {c: re.sub("[^A-Za-z0-9 ]", "", anyascii(c)) or "?" for c in named}
        else:
            return found


def _named(problem: str) -> str:
    """What Typst says it cannot set; it writes a mark that joins others by its number, ``\\u{e35}``."""
    said = "".join(MISSING.findall(problem))
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), said)


OF_LATEX = re.compile("[\\x00-~\u00a0-\u017f–—‘’“”…•†‡€™−²×]")
"""Characters of Latin Modern under pdflatex, and those that `integrade.escaping.for_latex` writes in its own way."""
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
