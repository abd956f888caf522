"""Normalise firm names, so that two registers can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import polars as pl

from integrade.errors import UsageError, counted, option
from integrade.panel.places import split_places
from integrade.records.catalogue import choose, keywords

IN_BOTH = dict(zip("夥後徵摺於菸榘麴醣乾", "伙后征折于烟矩曲糖干", strict=True))
"""Traditional character that GB 2312 (the standard set of simplified characters) also has -> its simplified form."""

BRACKETED = r"[(\[{<〈《「『【〔〖][^)\]}>〉》」』】〕〗]*[)\]}>〉》」』】〕〗]"
NO_LETTER = r"[\W_]+"
CHINESE_FORM = r"(?:有限责任公司|责任有限公司|有限责任公|有限公)$"
ENGLISH_FORM = r"(?:co|company|corporation|corp)?(?:limited|ltd|inc)$|(?:company|corporation|corp)$"
ANY_FORM = r"(?:集团)?(?:股份)?(?:有限)?公司$|coltd$"


@dataclass(frozen=True)
class Names:
    """Options of `normalise_names`: how a name is written.

    Parameters
    ----------
    script
        simplified: traditional characters become simplified ones (needs opencc if a name has any).
    forms
        unify: write each legal form in one spelling, and complete a form that is cut off at the end of a field; drop:
        remove legal forms, so that 股份有限公司 and 有限公司 become equal; keep: leave the name as written.
    places
        keep: leave the name as written; words: remove 省, 市, 自治区 from a leading province and city; drop: remove a
        leading province and city, so that firms with one name in two cities become one.
    brackets
        keep_text: remove brackets and keep their text; drop_text: remove both.
    """

    script: Literal["simplified", "as_is"] = "simplified"
    forms: Literal["unify", "drop", "keep"] = "unify"
    places: Literal["keep", "words", "drop"] = "keep"
    brackets: Literal["keep_text", "drop_text"] = "keep_text"


@keywords(Names)
def normalise_name(name: str, options: Names | None = None, **changes: Any) -> str:
    """Normalise a single firm name for comparisons between registers; `normalise_names` lists the steps.

    Example:
        >>> normalise_name("深圳市 华大（集团）电子有限责任公司")
        '深圳市华大集团电子有限公司'
        >>> normalise_name("广东省深圳市华大电子有限公司", places="drop", forms="drop")
        '华大电子'
    """
    return normalise_names(pl.Series([name]), choose(Names, options, changes))[0] or ""


def normalise_names(names: pl.Series, options: Names | None = None) -> pl.Series:
    """Normalise a column of firm names for comparisons between registers.

    Steps, in this order: (1) Unicode NFKC, which converts full width to half width, and lower case; (2) traditional
    characters to simplified ones, each separately; (3) brackets, with or without their text; (4) remove blanks,
    punctuation and signs; (5) legal forms: 有限责任公司, 责任有限公司 and a cut 有限公 become 有限公司, with 股份
    before it kept, Co., Ltd. and similar forms become coltd; (6) the leading province and city, by option.

    Missing values: stay missing; so does a name without any letter or character.

    Raises: `UsageError` if a name may have traditional characters and opencc is not installed.

    Example:
        >>> normalise_names(pl.Series(["华大 电子有限责任公司", "（）"])).to_list()
        ['华大电子有限公司', None]
    """
    chosen = options or Names()
    different = names.drop_nulls().unique()
    text = different.str.normalize("NFKC").str.to_lowercase()
    if chosen.script == "simplified":
        text = simplified(text)
    if chosen.brackets == "drop_text":
        text = text.str.replace_all(BRACKETED, "")
    text = text.str.replace_all(NO_LETTER, "")
    if chosen.forms != "keep":
        text = text.str.replace(CHINESE_FORM, "有限公司").str.replace(ENGLISH_FORM, "coltd")
    if chosen.places != "keep":
        parts = split_places(text)
        text = parts["province"] + parts["city"] + parts["stem"] if chosen.places == "words" else parts["stem"]
    if chosen.forms == "drop":
        text = text.str.replace(ANY_FORM, "")
    left = pl.DataFrame({"old": different, "new": text}).filter(pl.col("new") != "")
    return names.replace_strict(left["old"], left["new"], default=None, return_dtype=pl.String)


def simplified(text: pl.Series) -> pl.Series:
    """Convert traditional characters to simplified ones, each separately, so that results do not depend on context.

    Raises `UsageError` if a character may be traditional and opencc is not installed.

    Example:
        >>> simplified(pl.Series(["後夥"])).to_list()
        ['后伙']
    """
    characters = sorted(set("".join(text.to_list())))
    simple = {c: _simple(c) for c in characters}
    unknown = [c for c, new in simple.items() if new is None]
    if unknown:
        affected = text.filter(text.str.contains_any(unknown)).sort()
        raise UsageError(
            f"{counted(len(affected), 'name')} may have traditional characters, which need opencc to be simplified",
            example=affected[0],
            remedy=f"pip install 'integrade[match]', or keep the names as they are: {option('script', 'as_is')}",
        )
    change = {c: new for c, new in simple.items() if new is not None and new != c}
    return text.str.replace_many(change) if change else text


def _simple(character: str) -> str | None:
    """Return the simplified form of a character; None if only opencc could give it."""
    if character in IN_BOTH:
        return IN_BOTH[character]
    if _encodes(character, "gb2312"):
        return character
    convert = _converter()
    if convert is not None:
        return str(convert(character))
    return None if _encodes(character, "big5") else character


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _converter() -> Any:
    """Return opencc's converter from traditional to simplified characters; None if opencc is not installed."""
    try:
        from opencc import OpenCC
    except ImportError:
        return None
    return OpenCC("t2s").convert
