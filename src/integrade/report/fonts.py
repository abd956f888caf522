"""Which fonts a report is set in, whether this machine can set Chinese, and glyphs that travel with a figure."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from integrade.errors import FontMissing

LATIN_SERIF = "Libertinus Serif"
"""Comes with Typst, so that a report looks the same on every machine."""

CHINESE_SERIF = (
    "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Songti SC", "STSong", "SimSun", "NSimSun",
    "AR PL UMing CN", "Noto Serif CJK TC", "Noto Serif CJK JP",
)  # fmt: skip
CHINESE_SANS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "SimHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans CJK TC", "Noto Sans CJK JP",
)  # fmt: skip
REMEDY = "install one (Debian, Ubuntu: apt install fonts-noto-cjk); integrade doctor lists those that are found"


EMBEDDED = "integrade-figures"
"""The name of the font whose glyphs travel with a figure; the last of its list of fonts."""


@cache
def families() -> tuple[str, ...]:
    """The font families that Typst finds on this machine, its own among them."""
    import typst

    return tuple(typst.Fonts(include_system_fonts=True).families())


def chinese_families(known: Iterable[str] | None = None) -> tuple[str, ...]:
    """Those that can set simplified Chinese, the preferred one first; serif before sans."""
    there = set(families() if known is None else known)
    return tuple(name for name in (*CHINESE_SERIF, *CHINESE_SANS) if name in there)


def has_chinese(text: str) -> bool:
    """Whether the text has a Chinese character or full-width sign."""
    return any("\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in text)


def print_fonts(text: str, known: Sequence[str] | None = None) -> tuple[str, ...]:
    """The families a printed document of this text asks for. Raises `FontMissing` where Chinese cannot be set."""
    if not has_chinese(text):
        return (LATIN_SERIF,)
    found = chinese_families(known)
    if not found:
        example = next(c for c in text if has_chinese(c))
        raise FontMissing(
            "no font on this machine can set Chinese, and the report has Chinese text", example=example, remedy=REMEDY
        )
    return LATIN_SERIF, found[0]


def font_face(text: str) -> str:
    """A ``@font-face`` rule with the Chinese glyphs of the text, so that a figure reads where no font has them.

    Empty where the text has no Chinese, or no font on this machine has it.
    """
    letters = "".join(sorted({c for c in text if has_chinese(c)}))
    data = _glyphs(letters) if letters else b""
    if not data:
        return ""
    coded = base64.b64encode(data).decode()
    return f"@font-face{{font-family:'{EMBEDDED}';src:url(data:font/woff;base64,{coded}) format('woff')}}"


@lru_cache(maxsize=64)
def _glyphs(letters: str) -> bytes:
    """A font in .woff of these characters and nothing else."""
    import typst
    from fontTools import subset
    from fontTools.ttLib import TTFont

    wanted = [name for name in (*CHINESE_SANS, *CHINESE_SERIF) if name in families()]
    fonts = [f for f in typst.Fonts(include_system_fonts=True).fonts() if f.path and f.weight == 400]
    found = next((f for name in wanted for f in fonts if f.family == name), None)
    if found is None or found.path is None:
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
