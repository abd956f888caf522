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
