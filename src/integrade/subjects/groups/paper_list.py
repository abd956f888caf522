"""Hold the paper's two lists of industries (its section 5.3.4.2) in the two-digit codes of GB/T 4754-2002.

The paper names letters of the classification of the securities regulator (CSRC 2001). Its lists leave out C5
(electronics), C7 (machinery and instruments), C8 (medicine) and C9 (other manufacturing): those industries have no
group. Letters of sectors that firm accounts of industry do not hold (A, E to M) are left out here.
"""

from __future__ import annotations

from collections.abc import Mapping

LABOUR, CAPITAL = "labour_intensive", "capital_intensive"

LETTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "B": (LABOUR, ("06", "07", "08", "09", "10", "11")),
    "C0": (LABOUR, ("13", "14", "15", "16")),
    "C1": (LABOUR, ("17", "18", "19")),
    "C2": (LABOUR, ("20", "21")),
    "D": (LABOUR, ("44", "45", "46")),
    "C3": (CAPITAL, ("22", "23", "24")),
    "C4": (CAPITAL, ("25", "26", "28", "29", "30")),
    "C6": (CAPITAL, ("31", "32", "33", "34")),
}
"""Letter of the paper -> its group and its two-digit industries. Which digits a letter has is our reading."""

PAPER_LIST: Mapping[str, str] = {code: group for group, codes in LETTERS.values() for code in codes}
"""Two-digit industry -> group."""
