"""Which fonts a report is set in, and whether this machine can set Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

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
REMEDY = "install one (Debian and Ubuntu: apt install fonts-noto-cjk; then fc-cache -f); `integrade doctor` lists them"


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
