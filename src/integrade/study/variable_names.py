"""Names of variables that Stata and R both take, made of whatever a column is called; each stands once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from integrade.sources.writing.writers import STATA_NAME, STATA_WORDS
from integrade.wording.escaping import R_WORDS

LONGEST = 32
"""Characters that a name of Stata has."""
_KEPT = frozenset(word.lower() for word in (*STATA_WORDS, *R_WORDS))
_TYPE = re.compile(r"str\d+|strl", re.IGNORECASE)


def variable_name(text: str) -> str:
    """A text as a name: letters, digits and underscores, no digit or underscore first, at most 32 characters.

    A word that Stata or R keeps for itself, in any case, has an underscore behind it.

    Example:
        >>> [variable_name(one) for one in ("Company name", "if", "2010 sales", "_n", "企业 名称", "TRUE", "")]
        ['Company_name', 'if_', 'v_2010_sales', 'v_n', '企业_名称', 'TRUE_', 'v']
    """
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFC", text)).rstrip("_")
    made = plain if plain[:1].isalpha() else f"v_{plain.lstrip('_')}".rstrip("_")
    made = made[:LONGEST].rstrip("_")
    return f"{made[: LONGEST - 1]}_" if taken_by_a_language(made) else made


def taken_by_a_language(name: str) -> bool:
    """Whether Stata or R keeps a name for itself, or Stata cannot take it."""
    return name.lower() in _KEPT or _TYPE.fullmatch(name) is not None or STATA_NAME.fullmatch(name) is None


def variable_names(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Text -> name, each name once and none of ``taken``; whether letters are capital makes no other name.

    Texts that are names already keep them, wherever they stand; of others with one name the later has a number.

    Example:
        >>> variable_names(["a b", "a_b", "A-b", "roa"])
        {'a b': 'a_b_2', 'a_b': 'a_b', 'A-b': 'A_b_3', 'roa': 'roa'}
    """
    known = list(dict.fromkeys(texts))
    used = {name.lower() for name in taken}
    found: dict[str, str] = {}
    for text in known:
        if variable_name(text) == text and text.lower() not in used:
            used.add(text.lower())
            found[text] = text
    for text in known:
        if text in found:
            continue
        base, name, n = variable_name(text), variable_name(text), 2
        while name.lower() in used:
            name, n = f"{base[: LONGEST - len(str(n)) - 1]}_{n}", n + 1
        used.add(name.lower())
        found[text] = name
    return {text: found[text] for text in known}
