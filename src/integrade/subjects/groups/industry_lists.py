"""Define the labour-intensive and the capital-intensive industries that the paper's text lists for its Table 9.

The paper names classes of the CSRC guide of 2001 by letter: labour-intensive are B, C0, C1, C2 and D, capital-intensive
are C3, C4 and C6. (It also lists A, E, F, H, L, M, J and K, which accounts of industry do not have.) It lists none of
C5 electronics, C7 machinery and equipment, C8 medicines, C9 other manufacturing and G, whose firms export most. The
classes are written here as two-digit codes of GB/T 4754.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from integrade.sources.tables.families import FIRST_YEAR
from integrade.subjects.groups.code_list import plain_code

Edition = Literal["GB/T 4754-2002", "GB/T 4754-2011", "GB/T 4754-2017"]

LABOUR, CAPITAL = "labour_intensive", "capital_intensive"
COMMON = {LABOUR: "06 07 08 09 10 11 13 14 15 17 18 19 20 21 44 45 46", CAPITAL: "22 23 24 25 26 28 29 30 31 32 33"}
"""Codes of both groups in every edition: mining (B), food and drink (C0), textiles, clothing, leather (C1), wood,
furniture (C2), utilities (D); paper, printing, articles of culture (C3), petroleum, chemicals, fibres, rubber, plastics
(C4), minerals and metals (C6). Tobacco (16) and medicines (27) are in no list.
"""
MORE = {"GB/T 4754-2002": {CAPITAL: "34"}, "GB/T 4754-2011": {LABOUR: "12"}, "GB/T 4754-2017": {LABOUR: "12"}}
"""Codes of one edition: metal products are 34 in 2002 (from 2011 on 33), other mining is 12 from 2011 on."""


def listed_intensity(edition: Edition = "GB/T 4754-2002") -> dict[str, str]:
    """Return two-digit code -> labour_intensive or capital_intensive, by the paper's lists.

    Example:
        >>> codes = listed_intensity()
        >>> codes["17"], codes["34"], codes.get("40")
        ('labour_intensive', 'capital_intensive', None)
    """
    more = MORE[edition]
    return {code: group for group, codes in COMMON.items() for code in f"{codes} {more.get(group, '')}".split()}


LAST_INDUSTRY = 46
"""The last two-digit code of mining, manufacturing and utilities in every edition: supply of water."""


def zeros_restored(codes: Iterable[str]) -> dict[str, str]:
    """Return code -> code with its leading zero, for codes that must have lost one: 610 is 0610, coal mining.

    The lengths of the other codes decide. Next to codes of four digits, three digits are a group of the classification
    (131 is in 13), unless their first two are beyond the last industry (61). They have then lost a zero, provided no
    code of four digits is beyond it either, as in a table with services. Next to two digits, one digit has lost a zero.

    Example:
        >>> zeros_restored(["1310", "610", "131"]), zeros_restored(["13", "6"]), zeros_restored(["6110", "610"])
        ({'610': '0610'}, {'6': '06'}, {})
    """
    digits = [code for code in codes if re.fullmatch("[0-9]+", code)]
    length = max(map(len, digits), default=0)
    beyond = {code for code in digits if len(code) > 1 and int(code[:2]) > LAST_INDUSTRY}
    if length == 2:
        return {code: code.zfill(2) for code in digits if len(code) == 1}
    if length != 4 or any(len(code) == 4 for code in beyond):
        return {}
    return {code: code.zfill(4) for code in beyond if len(code) == 3}


def editions_apart(years: Iterable[int], edition: Edition) -> dict[int, list[int]]:
    """Return edition -> years whose records usually have it, for all but the edition that is assumed and that of 1994.

    The codes of 1994 are in the same lists as those of 2002.

    Example:
        >>> editions_apart([2001, 2007, 2013, 2014], "GB/T 4754-2002")
        {2011: [2013, 2014]}
    """
    first = FIRST_YEAR["GB/T 4754"]
    apart: dict[int, list[int]] = {}
    for year in sorted(years):
        usual = max((one for one, begins in first.items() if begins <= year), default=min(first))
        if usual != int(edition[-4:]) and not (usual <= 2002 and edition.endswith("2002")):
            apart.setdefault(usual, []).append(year)
    return apart


def may_be_of_2001(codes: Iterable[Any]) -> str:
    """Return the first code that may be of the guide of 2001 or a division of later editions: C13; else an empty text.

    Codes without a letter next to it show that the table has codes of GB/T 4754. `is_of_2001` comes first.
    """
    texts = [plain_code(code) for code in codes]
    if any(text.isdigit() for text in texts):
        return ""
    return min((text for text in texts if re.match(r"C\d\d", text)), default="")


CLASSES_OF_2001 = {LABOUR: ("B", "C0", "C1", "C2", "D"), CAPITAL: ("C3", "C4", "C6")}
"""The classes of the CSRC guide of 2001 in the paper's two lists, as its text has them."""


def is_of_2001(codes: Iterable[Any]) -> bool:
    """Return whether codes are those of the CSRC guide of 2001: one is C and digits that GB/T 4754 does not have there.

    In the guide of 2012 and in GB/T 4754, manufacturing (C) has the divisions 13 to 43; in the guide of 2001 it has
    classes from C0 to C9, such as C01, C47 and C81.

    Example:
        >>> is_of_2001(["C13", "C81"]), is_of_2001(["C13", "C39"]), is_of_2001(["13", "81"])
        (True, False, False)
    """
    digits = [m[1] for code in codes if (m := re.match(r"C(\d\d?)", plain_code(code)))]
    return any(len(two) == 1 or not 13 <= int(two) <= 43 for two in digits)


def class_of_2001(code: Any) -> str:
    """Return the class of a code of the guide of 2001: C and the next digit, else the letter."""
    text = plain_code(code)
    return text[:2] if text.startswith("C") else text[:1]


def two_digits(code: Any) -> str:
    """Return the first two digits of a code; a letter before them does not count.

    Example:
        >>> two_digits("C1310"), two_digits("40")
        ('13', '40')
    """
    return re.sub(r"^[A-Z]", "", plain_code(code))[:2]
