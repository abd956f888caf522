"""Normalise names by their letters, so that names that differ only in invisible characters become equal.

Invisible characters are removed (zero-width spaces and joiners, byte order marks in the middle of a file, soft hyphens,
direction marks, variation selectors). Accents are written as one character (NFC), and no-break spaces as blanks.
Joiners are kept in Arabic and Indian scripts, because they belong to the spelling there.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
_BLANKS = "\u00a0\u2007\u202f\u3000"
_SINGLES = (
    "\u0340\u0341\u0343\u0344\u0374\u037e\u0387\u0958-\u095f\u09dc\u09dd\u09df\u0a33\u0a36\u0a59-\u0a5b\u0a5e"
    "\u0b5c\u0b5d\u0f43\u0f4d\u0f52\u0f57\u0f5c\u0f69\u1f71-\u1fee\u1fef-\u1ffd\u2000\u2001\u2126\u212a\u212b"
    "\u2329\u232a\u2adc\uf900-\ufaff\ufb1d-\ufb4e\U0001d15e-\U0001d1c0\U0002f800-\U0002fa1d"
)
"""Characters that NFC replaces even if no accent follows them."""
_COMPOSE = r"\p{M}\x{1100}-\x{11ff}"
"""Accents, vowel signs and Korean letters that may combine with the character before them."""
SUSPECT = f"[{_INVISIBLE}{_JOINERS}{_BLANKS}{_SINGLES}{_COMPOSE}]"
"""Pattern of characters that `lettered` may change, for every engine."""
_OWN_JOINERS = re.compile(r"[\u0600-\u1cff]")


def lettered(text: str, *, is_name: bool = False) -> str:
    """Normalise a name.

    A text without a letter keeps its blanks, unless it is known to be a name or code.

    Example:
        >>> lettered("Ba\\u200bden"), lettered("Zu\\u0308rich"), lettered("South\\u00a0Africa")
        ('Baden', 'Zürich', 'South Africa')
        >>> lettered("1\\u00a0234", is_name=True)
        '1 234'
    """
    left_out = _INVISIBLE if _OWN_JOINERS.search(text) else _INVISIBLE + _JOINERS
    plain = unicodedata.normalize("NFC", re.sub(f"[{left_out}]", "", text))
    if is_name or any(c.isalpha() for c in plain):  # a number keeps what separates its thousands
        plain = re.sub(f"[{_BLANKS}]", " ", plain)
    return plain if plain == text else plain.strip()


def with_code_points(text: str) -> str:
    """Write the invisible characters of a name as their code points."""
    hidden = f"[{_INVISIBLE}{_JOINERS}{_BLANKS}]"
    return re.sub(hidden, lambda m: f"<U+{ord(m[0]):04X}>", text)
