"""Names by their letters alone: two names that differ by a sign that no reader sees are one.

Left out are invisible signs (zero-width spaces and joiners, byte order marks in the middle of a file, soft hyphens,
marks of direction, selectors of variants); accents are written in one sign (NFC), blanks that do not break as blanks.
Joiners stay in Arabic and Indian scripts, where they belong to the spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

import narwhals as nw

from integrade.engine.frames import Frame, beside, collect, foreign_texts
from integrade.wording.account import Entry
from integrade.wording.texts import say

_INVISIBLE = "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
_BLANKS = "\u00a0\u2007\u202f\u3000"
_SINGLES = (
    "\u0340\u0341\u0343\u0344\u0374\u037e\u0387\u0958-\u095f\u09dc\u09dd\u09df\u0a33\u0a36\u0a59-\u0a5b\u0a5e"
    "\u0b5c\u0b5d\u0f43\u0f4d\u0f52\u0f57\u0f5c\u0f69\u1f71-\u1fee\u1fef-\u1ffd\u2000\u2001\u2126\u212a\u212b"
    "\u2329\u232a\u2adc\uf900-\ufaff\ufb1d-\ufb4e\U0001d15e-\U0001d1c0\U0002f800-\U0002fa1d"
)
"""Characters that NFC replaces though nothing stands behind them."""
_COMPOSE = r"\p{M}\x{1100}-\x{11ff}"
"""Accents, vowel signs and letters of Korean that may be one with the character before."""
SUSPECT = f"[{_INVISIBLE}{_JOINERS}{_BLANKS}{_SINGLES}{_COMPOSE}]"
"""What a cell has that `lettered` may change, as a pattern of every engine."""
_OWN_JOINERS = re.compile(r"[\u0600-\u1cff]")


def lettered(text: str, *, is_name: bool = False) -> str:
    """A name by its letters; a text without a letter keeps its blanks, unless it is known to be a name or code.

    Example:
        >>> lettered("Ba\\u200bden"), lettered("Zu\\u0308rich"), lettered("South\\u00a0Africa")
        ('Baden', 'Zürich', 'South Africa')
        >>> lettered("1\\u00a0234", is_name=True)
        '1 234'
    """
    left_out = _INVISIBLE if _OWN_JOINERS.search(text) else _INVISIBLE + _JOINERS
    made = unicodedata.normalize("NFC", re.sub(f"[{left_out}]", "", text))
    if is_name or any(c.isalpha() for c in made):  # a number keeps what separates its thousands
        made = re.sub(f"[{_BLANKS}]", " ", made)
    return made if made == text else made.strip()


def by_letters(
    frame: Frame, names: Sequence[str], source: str, known: Collection[str] = ()
) -> tuple[Frame, list[Entry]]:
    """Columns of text with each name by its letters, and what was changed in how many rows.

    ``known``: those that hold names or codes, never numbers. A column without a sign beyond ASCII is not looked at,
    and of another only its cells with one of `SUSPECT`.
    """
    notes = []
    for column in foreign_texts(frame, names):
        odd = frame.filter(nw.col(column).str.contains(SUSPECT)).group_by(column).agg(_rows=nw.len())
        found = collect(odd).sort(column)
        change = {old: new for old in found[column] if (new := lettered(old, is_name=column in known)) != old}
        if not change:
            continue
        import polars as pl

        rows = int(found.filter(pl.col(column).is_in(list(change)))["_rows"].sum())
        made = "_by letters"
        frame = beside(frame, pl.DataFrame({column: list(change), made: list(change.values())}), [column])
        frame = frame.with_columns(nw.coalesce(made, column).alias(column)).drop(made)
        old, new = next(iter(change.items()))
        said = say("sources.by-letters", column=column, names=len(change), n=rows)
        notes.append(Entry("read", source, "note", said, rows, f"{_shown(old)!r} -> {new!r}"))
    return frame, notes


def _shown(text: str) -> str:
    """A name with the signs that no reader sees by their numbers."""
    hidden = f"[{_INVISIBLE}{_JOINERS}{_BLANKS}]"
    return re.sub(hidden, lambda m: f"<U+{ord(m[0]):04X}>", text)
