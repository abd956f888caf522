"""Make variable names that both Stata and R accept from column names; each name occurs once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from integrade.sources.writing.writers import STATA_NAME, STATA_WORDS
from plainwords.escaping import R_WORDS

LONGEST = 32
"""Largest number of characters in a Stata name."""
_KEPT = frozenset(word.lower() for word in (*STATA_WORDS, *R_WORDS))
_TYPE = re.compile(r"str\d+|strl", re.IGNORECASE)


def variable_name(text: str) -> str:
    """Turn a text into a name of at most 32 letters, digits and underscores that starts with a letter.

    A word that Stata or R reserves, in upper or lower case, gets an underscore at its end.

    Example:
        >>> [variable_name(one) for one in ("Company name", "if", "2010 sales", "_n", "企业 名称", "TRUE", "")]
        ['Company_name', 'if_', 'v_2010_sales', 'v_n', '企业_名称', 'TRUE_', 'v']
    """
    plain = re.sub(r"\W+", "_", unicodedata.normalize("NFC", text)).rstrip("_")
    name = plain if plain[:1].isalpha() else f"v_{plain.lstrip('_')}".rstrip("_")
    name = name[:LONGEST].rstrip("_")
    return f"{name[: LONGEST - 1]}_" if taken_by_a_language(name) else name


def taken_by_a_language(name: str) -> bool:
    """Return whether a name is reserved in Stata or R, or not valid in Stata."""
    return name.lower() in _KEPT or _TYPE.fullmatch(name) is not None or STATA_NAME.fullmatch(name) is None


def variable_names(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return text -> name; each name occurs once and is not in ``taken``, without regard to case.

    Texts that are valid names stay unchanged, whatever their position. If other texts give the same name, the later
    ones get a number.

    Example:
        >>> variable_names(["a b", "a_b", "A-b", "roa"])
        {'a b': 'a_b_2', 'a_b': 'a_b', 'A-b': 'A_b_3', 'roa': 'roa'}
    """
    known = list(dict.fromkeys(texts))
    used = {name.lower() for name in taken}
    names: dict[str, str] = {}
    for text in known:
        if variable_name(text) == text and text.lower() not in used:
            used.add(text.lower())
            names[text] = text
    for text in known:
        if text in names:
            continue
        base, name, n = variable_name(text), variable_name(text), 2
        while name.lower() in used:
            name, n = f"{base[: LONGEST - len(str(n)) - 1]}_{n}", n + 1
        used.add(name.lower())
        names[text] = name
    return {text: names[text] for text in known}
