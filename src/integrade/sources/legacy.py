"""Which of the encodings before Unicode some bytes are of, by how likely each reading is as text of its language.

The same bytes are Chinese, Korean or Japanese, or letters of the West. A reading is weighed by its characters: the log
likelihood of each is that of a common character of the language, of a rare one, or of none (rough shares; only
differences of hundreds of times decide). Each word counts once, however many rows repeat it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from integrade.sources.common_letters import (
    CENTRAL,
    JAPANESE,
    KOREAN,
    SIMPLIFIED,
    TRADITIONAL,
    WESTERN,
    WESTERN_CAPITALS,
)

ONE_BYTE = ("cp1252", "latin-1", "cp1250", "iso8859-2")
"""Encodings of one byte for each character that are told, the first that has the fewest signs in words."""
LANGUAGES = {
    "gb18030": "simplified Chinese",
    "big5": "traditional Chinese",
    "shift_jis": "Japanese",
    "euc_jp": "Japanese",
    "euc_kr": "Korean",
    "cp1252": "Western Europe",
    "latin-1": "Western Europe",
    "cp1250": "Central Europe",
    "iso8859-2": "Central Europe",
    "cp1251": "Russian",
    "koi8-r": "Russian",
    "cp1253": "Greek",
    "cp1256": "Arabic",
    "cp874": "Thai",
}
"""Encodings that are weighed or offered, and whose text they have."""
NAMED_ALONE = ("cp1251", "koi8-r", "cp874")
"""Those that are offered, and never read without being named."""
CODECS = {"shift_jis": "cp932", "euc_kr": "cp949"}
"""The wider encodings by which these are read."""
CLEAR = 4.0
"""How much more likely (natural log) a reading must be than the next."""
POOR = -10.3
"""Mean log likelihood of a character at or below which a reading is no text of its language."""
STRANGE = 0.5
"""The share of strange characters from which on a reading by one byte is no text."""
IN_A_ROW = 0.6
"""The share of letters beyond ASCII behind another such, from which on they are no words of the West."""
_USUAL = frozenset("ƠơƯưǍǎǐǒǔșțȘȚʻʼˈ") | {chr(c) for c in (*range(0x0590, 0x0700), *range(0x0300, 0x0370))}
"""Letters beyond those of Europe that texts have: of Vietnamese, Romanian, Hebrew, Arabic; accents."""
MOST_WORDS = 500
"""Words that are weighed, taken evenly from those of a sample."""
_ASCII = -2.5
"""What a character of ASCII counts, which may be the second half of another."""
_COMMON, _KNOWN, _RARE, _NONE, _SIGN, _BESIDE, _LOST = -7.0, -10.7, -14.0, -16.0, -7.5, -4.0, -10.0
_BESIDES = re.compile(r"[A-Za-z](?=[^\x00-\x7f])|[^\x00-\x7f](?=[A-Za-z])")
"""Letters of the West beside characters of another script."""
_HALF_WIDTH = re.compile("[\uff61-\uff9f]{3,}")
"""Words in narrow kana, of one byte each; one or two of them are letters or signs of another language."""
_WORD = re.compile(rb'[^\t\n\r ,;"]+')
_THAI_OVER = frozenset("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d")
"""Vowels and tones of Thai, which stand over or under a letter."""
_THAI_BEFORE = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44")
"""Vowels of Thai that are written before their letter."""
_THAI_COMMON, _THAI_KNOWN = frozenset("านรอกเง่มยว้ลทสตีัะ์บดคพ"), frozenset("ไปจหแขชโุูิืำ็ถซผธศณษใภ")
"""Frequent letters, vowels and tones of Thai, and less frequent ones."""
_IN_WORDS, _BEFORE_WORDS = "’‘–—\xad·ªº°µ", "¿¡«“„£¥¢€§©µ°ªº•"
"""Signs that stand between letters in words of Western languages, and those that stand before them."""


class Weight(NamedTuple):
    """An encoding with the log likelihood of its reading, the mean of a character, and whether that is no text."""

    encoding: str
    likelihood: float
    mean: float
    poor: bool


def weighed(sample: bytes) -> list[Weight]:
    """Every encoding with the likelihood of its reading, the likeliest first."""
    found = sorted({word for word in _WORD.findall(sample) if not word.isascii()})
    words = found[:: max(1, len(found) // MOST_WORDS)]
    own = min(ONE_BYTE, key=lambda name: (not is_whole(sample, name), strange(sample, name)))
    weights = [_weight(name, words, rate) for name, rate in _RATES.items()]
    weights += [_by_letters(own, words)]
    return sorted(weights, key=lambda w: (-w.likelihood, list(LANGUAGES).index(w.encoding)))


def is_clear(weights: list[Weight]) -> bool:
    """Whether the first reading is text and far likelier than every other."""
    first, second = weights[:2]
    return not first.poor and first.likelihood - second.likelihood >= CLEAR and first.encoding not in NAMED_ALONE


def is_doubtful_utf8(sample: bytes) -> bool:
    """Whether few characters alone make bytes UTF-8, none of them of a usual alphabet: two bytes of Chinese may be one.

    Bytes of another encoding are UTF-8 by chance in one of ten characters.
    """
    foreign = {c for c in sample.decode("utf-8", errors="replace") if c > "\x7f"}
    odd = {c for c in foreign - _USUAL if "\u0180" <= c < "\u0370" or "\u0530" <= c < "\u0800"}
    return 0 < len(foreign) <= 3 and odd == foreign


def _weight(name: str, words: list[bytes], rate: Callable[[str], float]) -> Weight:
    total = own = 0.0
    n = 0
    for word in words:
        text = word.decode(CODECS.get(name, name), errors="replace")
        foreign = [c for c in text if c > "\x7f"]
        own += sum(_LOST if c == "\ufffd" else rate(c) for c in foreign)
        n += len(foreign)
        total += _ASCII * (len(text) - len(foreign))
        total += 4.2 * sum(map(len, _HALF_WIDTH.findall(text)))
        total += _BESIDE * len(_BESIDES.findall(text))
        total += sum(map(_misspelt, text, text[1:])) if name in NAMED_ALONE else 0.0
    mean = own / n if n else 0.0
    return Weight(name, total + own, mean, mean <= POOR)


def _misspelt(before: str, character: str) -> float:
    """A capital behind a small letter, as in Russian text of another encoding; a Thai vowel without its letter."""
    over = character in _THAI_OVER and not ("\u0e01" <= before <= "\u0e2e" or before in _THAI_OVER)
    alone = before in _THAI_BEFORE and not "\u0e01" <= character <= "\u0e2e"
    return -4.0 if over or alone or (before.islower() and character.isupper()) else 0.0


def _by_letters(name: str, words: list[bytes]) -> Weight:
    total, n, odd, rows = 0.0, 0, 0, 0
    for word in words:
        text = " " + word.decode(name, errors="replace") + " "
        total += _ASCII * sum(c <= "\x7f" for c in text[1:-1])
        for before, character, after in zip(text, text[1:], text[2:], strict=False):
            if character > "\x7f":
                is_odd = is_strange(before, character, after) or _is_misplaced(before, character, after)
                behind = before > "\x7f" and before.isalpha() and character.isalpha()
                n, odd, rows = n + 1, odd + is_odd, rows + behind
                total += -9.0 if is_odd else _letter(character)
    total -= 1.5 * rows
    return Weight(name, total, total / n if n else 0.0, odd >= STRANGE * n or rows >= IN_A_ROW * n)


def _is_misplaced(before: str, character: str, after: str) -> bool:
    """Whether a letter stands beside a digit, or a sign where no word has one."""
    if character.isalpha():
        return (before.isdigit() and before.isascii()) or (after.isdigit() and after.isascii())
    if character in _BEFORE_WORDS:
        return before.isalpha() and before not in "ºª" and character not in _IN_WORDS and character != "€"
    return after.isalpha() and character not in _IN_WORDS + "²³¹"


def _letter(character: str) -> float:
    if character in WESTERN or character in CENTRAL:
        return -3.6
    if character in WESTERN_CAPITALS:
        return -4.2
    if character.isalpha():
        return -5.5
    return -4.5 if character in _IN_WORDS + _BEFORE_WORDS + "”…²³½" else -6.5


def _chinese(common: frozenset[str], narrow: str, first: int, last: int) -> Callable[[str], float]:
    def rate(character: str) -> float:
        if character in common:
            return _COMMON
        code = character.encode(narrow, errors="ignore")
        if narrow == "gb2312" and ("\u3400" <= character < "\u4dc0" or character >= "\U00020000"):
            return -9.0  # four bytes, which hardly any other text has in this order
        if len(code) != 2:
            return _NONE if "\ue000" <= character < "\uf900" else _RARE
        if "\u3040" <= character < "\u3100":  # kana stand in both, and in no Chinese table
            return _RARE
        if character < "\u4e00" or character > "\u9fff":
            return _SIGN if "\u2010" <= character < "\u3040" or character > "\uff00" else _KNOWN
        return _KNOWN if first <= code[0] <= last else _KNOWN - 1.5

    return rate


def _japanese(character: str) -> float:
    if "\u3040" <= character < "\u3100":
        return -4.4
    if character in JAPANESE:
        return -6.6
    if "\uff61" <= character <= "\uff9f":
        return -8.5
    if "\u4e00" <= character <= "\u9fff":
        return _KNOWN
    signs = "\u2010" <= character < "\u3040" or ("\uff00" < character < "\uff61")
    return _SIGN if signs else _NONE if "\ue000" <= character < "\uf900" else _KNOWN - 1.5


def _korean(character: str) -> float:
    if character in KOREAN:
        return -6.2
    if "\uac00" <= character <= "\ud7a3":
        return _KNOWN if len(character.encode("euc_kr", errors="ignore")) == 2 else _RARE
    if "\u4e00" <= character <= "\u9fff":
        return _KNOWN - 1.5
    return _SIGN if "\u2010" <= character < "\u3040" or character > "\uff00" else _RARE


def _russian(character: str) -> float:
    return -3.6 if "\u0410" <= character <= "\u044f" or character in "ёЁ№" else -9.0


def _thai(character: str) -> float:
    if character in _THAI_COMMON:
        return -3.2
    return -4.4 if character in _THAI_KNOWN else -7.0 if "\u0e01" <= character <= "\u0e4d" else -9.0


_RATES: dict[str, Callable[[str], float]] = {
    "gb18030": _chinese(SIMPLIFIED, "gb2312", 0xA1, 0xD7),
    "big5": _chinese(TRADITIONAL, "big5", 0xA1, 0xC6),
    "shift_jis": _japanese,
    "euc_jp": _japanese,
    "euc_kr": _korean,
    "cp1251": _russian,
    "koi8-r": _russian,
    "cp874": _thai,
}


def is_whole(sample: bytes, encoding: str) -> bool:
    """Whether the encoding has every byte."""
    return "\ufffd" not in sample.decode(encoding, errors="replace")


def strange(sample: bytes, encoding: str) -> int:
    """How many signs inside words, capitals behind small letters and control characters an encoding makes of the bytes.

    Only characters beyond ASCII count.
    """
    text = sample.decode(encoding, errors="replace")
    return sum(is_strange(*text[i - 1 : i + 2]) for i in range(1, len(text) - 1) if text[i] > "\x7f")


def is_strange(before: str, character: str, after: str) -> bool:
    """Whether a character beyond ASCII cannot stand between these two in a word, or in any text."""
    if "\x80" <= character < "\xa0":
        return True
    if character.isalpha() and character not in "ªº":
        return character.isupper() and before.islower()
    begins = before in ',;\t"\n ' and character not in _BEFORE_WORDS
    return (before.isalpha() or begins) and after.islower() and character not in _IN_WORDS
