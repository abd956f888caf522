"""Guess the encoding of text that is not Unicode, by the likelihood of each reading in the language of its encoding.

The same bytes may be Chinese, Korean or Japanese, or Western letters. Each character of a reading has one of a few log
likelihoods, for example as a common character of the language, a rare one, or one that the language lacks. These
likelihoods are rough, so only differences by large factors decide (`CLEAR`). Each word counts once, however many rows
repeat it. Likelihoods and limits below are natural logarithms; their values are conventions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rawcells.bytes.common_letters import (
    ARABIC,
    CENTRAL,
    CYRILLIC,
    GREEK,
    HEBREW,
    JAPANESE,
    KOREAN,
    SIMPLIFIED,
    TRADITIONAL,
    WESTERN,
    WESTERN_CAPITALS,
)

ONE_BYTE = ("cp1252", "latin-1", "cp1250", "iso8859-2")
"""One-byte encodings, of which only the one that decodes all bytes with the fewest strange characters is compared."""
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
    "cp1254": "Turkish",
    "cp1251": "Russian",
    "cp866": "Russian, DOS",
    "koi8-r": "Russian",
    "iso8859-5": "Russian",
    "mac-cyrillic": "Russian, old Mac",
    "cp855": "Russian, DOS",
    "cp1253": "Greek",
    "cp737": "Greek, DOS",
    "cp1255": "Hebrew",
    "cp862": "Hebrew, DOS",
    "cp1256": "Arabic",
    "cp874": "Thai",
    "cp850": "Western Europe, DOS",
    "cp852": "Central Europe, DOS",
    "mac-roman": "Western Europe, old Mac",
}
"""Encodings that are compared or offered, with the language of their text."""
NEIGHBOURS = (
    ("cp1254", re.compile("[ðþýÐÞÝ]"), frozenset("çðýöþüâîûÇÐÝÖÞÜÂÎÛ")),
    ("cp1250", re.compile("[õÕ](?![eE])"), frozenset("áéíóöõúüûÁÉÍÓÖÕÚÜÛ")),
    ("cp1250", re.compile(r"ñ(?![aeiouáéíóúü])|œ(?!u)|£(?=[^\W\d_])"), frozenset("æêñóœÊÑÓŒÆ")),
)
"""Encodings of Turkish, Hungarian and Polish, each with a pattern and a set of letters of a text read as cp1252.

The encoding is as likely as cp1252 if the text has the pattern, which few Western words have, and no letters beyond
ASCII except those of the set. The bytes then cannot decide, because Icelandic and Estonian have the same letters.
"""
DOS = ("cp866", "iso8859-5", "mac-cyrillic", "cp855", "cp737", "cp862")
"""Encodings of other alphabets in which few files are written today."""
SELDOM = 3.5
"""Log likelihood that is subtracted for the encodings in `DOS`."""
OLD = ("cp850", "cp852", "mac-roman")
"""Encodings of Western letters in which hardly any file is written today."""
RARE = 6.0
"""Log likelihood that is subtracted for the encodings in `OLD`."""
CODECS = {"shift_jis": "cp932", "euc_kr": "cp949"}
"""For some encodings, the wider encoding with which their text is decoded."""
CLEAR, FEW_CLEAR = 4.0, 8.0
"""A reading is clear if its log likelihood exceeds that of the next reading by at least this value.

The second value applies to short texts (`FEW`) if both readings are East Asian and the likelier one is not gb18030.
"""
APART = 15.0
"""A file has a part in another encoding if consecutive words are likelier by this log likelihood in that encoding."""
FEW = 12
"""A text with at most this many non-ASCII bytes is short."""
POOR = -10.3
"""A reading whose characters have at most this mean log likelihood is not text of its language."""
STRANGE = 0.5
"""A one-byte reading is not text if at least this share of its non-ASCII characters is strange."""
IN_A_ROW = 0.6
"""A one-byte reading is not text if at least this share of its non-ASCII characters follows another one directly."""
_USUAL = frozenset("ƠơƯưǍǎǐǒǔșțȘȚʻʼˈ") | {chr(c) for c in (*range(0x0590, 0x0700), *range(0x0300, 0x0370))}
"""Letters beyond those of Europe that occur in texts: Vietnamese, Romanian, Hebrew, Arabic; accents."""
MOST_WORDS = 500
"""Of a sample with at least twice as many words, about this number are evaluated, at equal distances."""
_ASCII = -2.5
"""Log likelihood of an ASCII character.

It counts, because another reading may take the same byte for the second byte of a character.
"""
_COMMON, _KNOWN, _RARE, _NONE, _SIGN, _BESIDE, _LOST = -7.0, -10.7, -14.0, -16.0, -7.5, -4.0, -10.0
_BESIDES = re.compile(r"[A-Za-z](?=[^\x00-\x7f])|[^\x00-\x7f](?=[A-Za-z])")
"""Pattern of a Western letter directly before or after a character of another script."""
_LONE = -5.0
_LONE_KANA = re.compile("[ぁ-ゖ](?=[ァ-ヺ])|[ァ-ヺ](?=[ぁ-ゖ])|(?<![ァ-ヾー])[ァ-ヮヰ-ヴ](?![ァ-ヾー])")
"""Pattern of two kinds of kana next to each other, and of a single katakana; both are rare in Japanese words."""
_MIXED, _MIXES = -8.0, re.compile(r"[A-Za-z0-9](?=[^\x00-\x7f])|[^\x00-\x7f](?=[A-Za-z0-9])")
"""Penalty in log likelihood, and the pattern to which it applies.

The pattern is a Western letter or digit next to a letter of another alphabet, which no word has.
"""
_HALF_WIDTH = re.compile("[\uff61-\uff9f]{3,}")
"""Pattern of three or more half-width kana; fewer kana are probably misread letters of another language."""
_FOREIGN = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(rb'[^\t\n\r ,;"]+')
_THAI_OVER = frozenset("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d")
"""Vowels and tones of Thai that are written over or under a letter."""
_THAI_BEFORE = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44")
"""Vowels of Thai that are written before the letter that they follow in speech."""
_THAI_COMMON, _THAI_KNOWN = frozenset("านรอกเง่มยว้ลทสตีัะ์บดคพ"), frozenset("ไปจหแขชโุูิืำ็ถซผธศณษใภ")
"""Frequent letters, vowels and tones of Thai, and less frequent ones."""
_IN_WORDS, _BEFORE_WORDS = "’‘–—\xad·ªº°µ", "¿¡«“„£¥¢€§©µ°ªº•"
"""Signs that occur within words of Western languages, and signs that occur before words."""

_QUOTES = frozenset("«»“”„‘’‚…–—\xa0")
_CODE = frozenset("@^`{|}~")
"""ASCII signs that never touch a Western letter, but may be the second byte of an East Asian character."""
_UNITS = "€°²³£‰"
"""Signs that occur in headings."""


class Weight(NamedTuple):
    """Encoding with the log likelihood of its reading, and the mean log likelihood per character.

    ``poor`` is true if the reading is not text of its language.
    """

    encoding: str
    likelihood: float
    mean: float
    poor: bool


@lru_cache(maxsize=8)
def weighed(sample: bytes) -> tuple[Weight, ...]:
    """Return every encoding with the likelihood of its reading, the likeliest first.

    A study reads each file several times (headings, checks, rows); the last few samples are weighed once.
    """
    words = _words(sample)
    western = min(ONE_BYTE, key=lambda name: (not is_whole(sample, name), strange(sample, name)))
    weights = [_weight(name, words, rate) for name, rate in _RATES.items()]
    west = _by_letters(western, words)
    weights += [west, *(west._replace(encoding=name) for name in _neighbours(western, words))]
    weights += [_by_letters(name, words, RARE) for name in OLD]
    return tuple(sorted(weights, key=lambda w: (-w.likelihood, list(LANGUAGES).index(w.encoding))))


def _words(sample: bytes) -> list[bytes]:
    """Return words that have non-ASCII bytes, each once, in the order of the sample."""
    words = list(dict.fromkeys(word for word in _WORD.findall(sample) if not word.isascii()))
    return words[:: max(1, len(words) // MOST_WORDS)]


def _neighbours(own: str, words: list[bytes]) -> list[str]:
    """Return encodings whose languages explain all letters of a one-byte text, some of which are rare in the West."""
    if own not in ("cp1252", "latin-1"):
        return []
    text = b" ".join(words).decode(own, errors="replace")
    letters = {c for c in text if c > "\x7f" and c.isalpha()}
    return list(dict.fromkeys(name for name, odd, has in NEIGHBOURS if letters <= has and odd.search(text)))


def is_clear(weights: Sequence[Weight], sample: bytes) -> bool:
    """Return whether the likeliest reading is text, far likelier than all others, and not in `NAMED_ALONE`."""
    first, second = weights[:2]
    # Most East Asian files are in gb18030, which therefore needs no wider margin.
    doubted = {first.encoding, second.encoding} <= EAST and first.encoding != "gb18030"
    few = doubted and len(_FOREIGN.findall(b"".join(_words(sample)))) <= FEW
    far = first.likelihood - second.likelihood >= (FEW_CLEAR if few else CLEAR)
    return not first.poor and far and first.encoding not in NAMED_ALONE


def is_doubtful_utf8(sample: bytes) -> bool:
    """Return whether bytes are valid UTF-8 only because of a few characters, none of which is of a common alphabet.

    Two bytes of Chinese may form such a character. In another encoding, about one character in ten is valid UTF-8 by
    chance.
    """
    foreign = {c for c in sample.decode("utf-8", errors="replace") if c > "\x7f"}
    odd = {c for c in foreign - _USUAL if "\u0180" <= c < "\u0370" or "\u0530" <= c < "\u0800"}
    return 0 < len(foreign) <= 3 and odd == foreign


def _weight(name: str, words: list[bytes], rate: Callable[[str], float]) -> Weight:
    total, of_foreign, n = (-SELDOM if name in DOS else 0.0), 0.0, 0
    for word in words:
        characters, others, foreign = _of_word(name, word, rate)
        total, of_foreign, n = total + others, of_foreign + characters, n + foreign
    mean = of_foreign / n if n else 0.0
    return Weight(name, total + of_foreign, mean, mean <= POOR)


def _of_word(name: str, word: bytes, rate: Callable[[str], float]) -> tuple[float, float, int]:
    """Return the log likelihoods of a word's non-ASCII characters and of their neighbours, and how many there are."""
    text = word.decode(CODECS.get(name, name), errors="replace")
    foreign = [c for c in text if c > "\x7f"]
    of_foreign = sum((_LOST if c == "\ufffd" else rate(c) for c in foreign), 0.0)
    others = _ASCII * (len(text) - len(foreign)) + 4.2 * sum(map(len, _HALF_WIDTH.findall(text)))
    if name in NAMED_ALONE:
        others += _MIXED * len(_MIXES.findall(text)) + sum(map(_misspelt, text, text[1:]))
    else:
        others += _BESIDE * len(_BESIDES.findall(text)) + _LONE * len(_LONE_KANA.findall(text))
    return of_foreign, others, len(foreign)


def second_part(sample: bytes, encoding: str) -> tuple[str, bytes] | None:
    """Return the second encoding of a file that was joined from two East Asian files, and the first word in it.

    Consecutive words must be far likelier in the second encoding (`APART`). Returns None if there are no such words, or
    if ``encoding`` is not East Asian.
    """
    words = _words(sample) if encoding in EAST else []
    weights = [_of_word(encoding, word, _RATES[encoding]) for word in words]
    losses = [(*_least_own(words, weights, other), other) for other in sorted(EAST - {encoding})] if words else []
    least, first, other = min(losses, default=(0.0, b"", ""))
    return (other, first) if least <= -APART else None


def _least_own(words: Sequence[bytes], own: Sequence[tuple[float, float, int]], other: str) -> tuple[float, bytes]:
    """Return the largest loss of likelihood of consecutive words against another encoding, and the first such word."""
    run, begin, least = 0.0, 0, (0.0, b"")
    for i, (word, (characters, others, _)) in enumerate(zip(words, own, strict=True)):
        begin = i if run >= 0 else begin
        run = min(run, 0.0) + characters + others - sum(_of_word(other, word, _RATES[other])[:2])
        least = min(least, (run, words[begin])) if i > begin else least
    return least


def _misspelt(before: str, character: str) -> float:
    """Return the penalty for a capital after a small letter (misread Russian) or a Thai vowel without its letter."""
    over = character in _THAI_OVER and not ("\u0e01" <= before <= "\u0e2e" or before in _THAI_OVER)
    alone = before in _THAI_BEFORE and not "\u0e01" <= character <= "\u0e2e"
    return -4.0 if over or alone or (before.islower() and character.isupper()) else 0.0


def _by_letters(name: str, words: list[bytes], rare: float = 0.0) -> Weight:
    total, n, odd, rows = -rare, 0, 0, 0
    for word in words:
        text = " " + word.decode(name, errors="replace") + " "
        total += _ASCII * sum(c <= "\x7f" for c in text[1:-1])
        for before, character, after in zip(text, text[1:], text[2:], strict=False):
            if character > "\x7f":
                is_odd = is_strange(before, character, after) or _is_misplaced(before, character, after)
                behind = before > "\x7f" and not {before, character} & _QUOTES
                n, odd, rows = n + 1, odd + is_odd, rows + behind
                total += -9.0 if is_odd else _letter(character)
    total -= 1.5 * rows
    return Weight(name, total, total / n if n else 0.0, odd >= STRANGE * n or rows >= IN_A_ROW * n)


def _is_misplaced(before: str, character: str, after: str) -> bool:
    """Return whether a character is in a position where words do not have it.

    Examples are a letter next to a digit, a final capital before a small letter, and a sign in the wrong position.
    """
    if {before, after} & _CODE:
        return True
    if character in "ˆ˜":
        return before.isalpha() or after.isalpha()
    if character.isalpha():
        if character.isupper() and before.isupper() and after.islower():
            return True
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
    if character in _UNITS:
        return -2.5
    return -4.5 if character in _IN_WORDS + _BEFORE_WORDS + "”…²³½" else -6.5


def _chinese(common: frozenset[str], narrow: str, first: int, last: int) -> Callable[[str], float]:
    def rate(character: str) -> float:
        if character in common:
            return _COMMON
        code = character.encode(narrow, errors="ignore")
        if narrow == "gb2312" and ("\u3400" <= character < "\u4dc0" or character >= "\U00020000"):
            return -9.0  # four bytes; other text seldom has them in this order
        if len(code) != 2:
            return _NONE if "\ue000" <= character < "\uf900" else _RARE
        if "\u3040" <= character < "\u3100":  # both tables contain kana, which Chinese text lacks
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


def _alphabet(common: str, known: str) -> Callable[[str], float]:
    """Return a function for the likelihood of a letter.

    It distinguishes frequent letters, their capitals together with other known letters, and all other letters.
    """
    often, seldom = frozenset(common), frozenset(common.upper() + known + known.upper())
    return lambda character: -3.3 if character in often else -4.4 if character in seldom else -9.0


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
    **dict.fromkeys(("cp1251", "cp866", "koi8-r", "iso8859-5", "mac-cyrillic", "cp855"), _alphabet(*CYRILLIC)),
    **dict.fromkeys(("cp1253", "cp737"), _alphabet(*GREEK)),
    **dict.fromkeys(("cp1255", "cp862"), _alphabet(*HEBREW)),
    "cp1256": _alphabet(*ARABIC),
    "cp874": _thai,
}
EAST = frozenset(("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"))
"""East Asian encodings, in which most characters have two bytes."""
NAMED_ALONE = (*(name for name in _RATES if name not in EAST), *OLD)
"""Encodings that are offered, but used only if the user or a declaration in the file names them."""


def is_whole(sample: bytes, encoding: str) -> bool:
    """Return whether the encoding can decode every byte."""
    return "\ufffd" not in sample.decode(encoding, errors="replace")


def strange(sample: bytes, encoding: str) -> int:
    """Count symbols inside words, capitals after small letters, and control characters in a reading.

    Only non-ASCII characters count.
    """
    text = sample.decode(encoding, errors="replace")
    triples = Counter(zip(text, text[1:], text[2:], strict=False))  # far fewer than characters
    return sum(n * is_strange(*triple) for triple, n in triples.items() if triple[1] > "\x7f")


def is_strange(before: str, character: str, after: str) -> bool:
    """Return whether a non-ASCII character is a control character, or is never between these two characters in text."""
    if "\x80" <= character < "\xa0":
        return True
    if character.isalpha() and character not in "ªº":
        return character.isupper() and before.islower()
    begins = before in ',;\t"\n ' and character not in _BEFORE_WORDS
    return (before.isalpha() or begins) and after.islower() and character not in _IN_WORDS
