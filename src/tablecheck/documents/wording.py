"""Recognise titles, notes and numbers of tables in English and Chinese, and normalise blanks of every kind."""

from __future__ import annotations

import re

_BLANKS = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]")
CAPTION = re.compile(
    r"^\W{0,3}(?:(?:online\s+|web\s+)?(?:appendix\s+)?(?:table|tab\.)\s*(?:[A-Z]{0,2}[-.]?\d+|[IVXL]{1,6}\b|[A-Z]\b)"
    r"|(?:附?表格?|附錄表|附录表)\s*[A-Za-z]?[-.]?\s*(?:\d|[一二三四五六七八九十]))",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^[\W_]{0,3}(?:notes?|sources?|remarks?|legend)[_*]{0,2}\s*[:.：—–-]|^\W{0,3}(?:notes?|sources?)$"
    r"|^\W{0,3}(?:注|註|附注|附註|备注|備註|说明|說明|資料來源|资料来源|数据来源|數據來源|括号|括號|括弧)"
    r"|^\(?(?:heteroskedasticity|robust|clustered|standard|std\.?|\d\d\s?%\s+confidence|bootstrap|driscoll|newey|t|z|p"
    r"|absolute)\b.*(?:parenthes|bracket|braces|cluster|below|report|under)"
    r"|^[^|]{0,60}\b(?:errors?|statistics?|values?|ratios?)\b[^|]{0,40}(?:parenthes|bracket)"
    r"|^[*†‡§+^☆]+[^|]{0,12}\bp\b|^[*†‡§+^]+[^|]{0,40}(?:signific|indicat|denot|level|表示|显著|顯著|水平)"
    r"|^\W{0,3}(?:table\s+\S+\s+)?(?:to be )?continued (?:on|over)\b|^\W{0,3}(?:续下页|下页续|接下页|转下页)"
    r"|^(?:signif(?:icance)?|signif\.)\b.{0,12}(?:codes?|levels?|code)|^p\s*[<＜]\s*0?\.\d"
    r"|^\W{0,2}\*+[^|]{0,6}(?:p\s*)?[<＜]|^\[\d+\]\s+\S|^(?:t|z|p)\s*(?:statistics|values)\b|^括[号號弧]|^\*+、|^(?:n|obs(?:ervations)?\.?)\s?=\s?\d",
    re.IGNORECASE,
)
_STARS = re.compile(
    r"\*\s*(?:[pP]\s*)?[<＜≤]\s*0?\.\d|\*[^.。]{0,40}(?:denot|indicat|signific|represent|表示|显著|顯著)", re.IGNORECASE
)
_NUMBER = re.compile(
    r"^[\s(\[{<>≤≥=≈~^|(【{]*[-+−–—‐‑]?\s*[$€£¥]?"
    r"(?:\d[\d,.'’·]*(?: \d{3})*(?:[.,]\d+)?|[.,·]\d+)(?:\s*(?:[eE]|[×xX*]\s*10\s*\^?)\s*[-+−–]?\d+)?"
    r"\s*%?(?:[\s*+†‡§#^°☆★]|\^?[a-d]{1,3}\b)*[\s)\]})】}*+†‡^%]*$"
)
_PAIR = re.compile(r"^[\s(\[{(【]*[^()\[\]]{1,24}[,;~:/–—-]\s*[^()\[\]]{1,24}[\s)\]})】]*[*+†‡]*$")
_BESIDE = re.compile(r"^(\S+)\s+([(\[{(].*[)\]})][*+†‡a-d]*)$")
MISSING = frozenset(
    ("-", "–", "—", "−", ".", "..", "...", "…", "--", "---", "n.a.", "na", "n/a", "nan", "ref.", "ref", "(.)", "()")
)
"""Texts of a cell that has no number."""
WORDS = frozenset(
    (
        "yes",
        "no",
        "y",
        "n",
        "x",
        "✓",
        "✔",
        "√",
        "×",
        "✗",
        "是",
        "否",
        "有",
        "无",
        "無",
        "控制",
        "未控制",
        "included",
        "control",
    )
)
"""Words in the cells of a row that states which columns include something."""
MOST_NOTE = 5000
"""Largest number of characters of a note that is searched."""
LONGEST = 200
"""Largest number of characters of a text that may be a number."""


def plain(text: str) -> str:
    """Replace every kind of blank by one blank, and remove invisible characters; blanks at the ends are kept.

    Example:
        >>> plain("a\\u00a0 b\\u200b ")
        'a b '
    """
    return _UNSEEN.sub("", _BLANKS.sub(" ", text))


def tidy(text: str) -> str:
    """Return `plain` without blanks at the ends."""
    return plain(text).strip()


def is_caption(text: str) -> bool:
    """Return whether a text begins like a title: ``Table 3``, ``TABLE III``, ``表3``.

    Example:
        >>> [is_caption(t) for t in ("Table 3. Growth", "TABLE III", "表 4 回归", "Table of contents", "market")]
        [True, True, True, False, False]
    """
    return bool(CAPTION.match(text[:LONGEST]))


def is_note(text: str) -> bool:
    """Return whether a text begins like a note below a table.

    Example:
        >>> [is_note(t) for t in ("Notes: s.e.", "注:括号内", "* p<0.1", "Standard errors in parentheses", "market")]
        [True, True, True, True, False]
    """
    return bool(_NOTE.match(text[:LONGEST].strip()))


def defines_stars(text: str) -> bool:
    """Return whether a text contains a definition of stars.

    Example:
        >>> defines_stars("Correlations, N = 10. ** p < 0.05, * p < 0.1."), defines_stars("a * b")
        (True, False)
    """
    return bool(_STARS.search(text[:MOST_NOTE]))


def is_number(text: str) -> bool:
    """Return whether a text is a number as tables print it.

    It may have brackets or stars, be a pair, or be the mark of a missing number.

    Example:
        >>> [is_number(t) for t in ("-0.05***", "(0.02)", "[0.1, 0.2]", "1,234", "−0.5", "0.05 (0.02)", "Market")]
        [True, True, True, True, True, True, False]
    """
    bare = text.strip()
    if not bare or len(bare) > LONGEST:
        return False
    if bare.lower() in MISSING or _NUMBER.match(bare):
        return True
    with_bracket = _BESIDE.match(bare)
    if with_bracket and (_NUMBER.match(with_bracket[1]) or with_bracket[1] in MISSING):
        return is_number(with_bracket[2])
    return bool(_PAIR.match(bare)) and all(
        _NUMBER.match(p.strip()) for p in re.split(r"[,;~:/]\s*|\s[–—-]\s*", bare) if p.strip()
    )


def begins_with_number(text: str) -> bool:
    """Return whether a text is a number followed by words in brackets: ``12.06*** (df = 5; 24)``."""
    first, _, words = text.strip().partition(" ")
    return bool(words) and is_number(first) and first not in MISSING and words[:1] in "([{（"


def is_chinese(character: str) -> bool:
    """Return whether a character is Chinese or a full-width sign; such characters have no blanks around them."""
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uff65"


def has_digits(text: str) -> bool:
    """Return whether a text contains a digit."""
    return any(c.isdigit() for c in text)
