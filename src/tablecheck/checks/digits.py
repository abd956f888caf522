"""Check the last digits of all coefficients together: in estimates, all ten digits are about equally frequent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tablecheck.findings import Finding
from tablecheck.printed import PublishedTable
from tablecheck.students import chi2_upper

FEWEST = 200
"""The test needs this many coefficients with two or more digits, not counting zeros at both ends (a convention)."""
RARE = 0.001
"""The digits are reported if p is smaller (a convention that keeps false alarms rare)."""


def check_last_digits(tables: Sequence[PublishedTable]) -> Iterator[Finding]:
    """Test the last digits of coefficients with at least two decimals by chi-squared.

    The finding is a note, never an accusation. A coefficient that several columns repeat is counted once. The test is
    skipped if zeros at the end were dropped, so that no coefficient ends in zero.
    """
    columns = [c for t in tables for c in t.columns]
    printed = {(e.term, e.b.value): e.b for c in columns for e in c.estimates.values() if e.b is not None}
    digits = [s for b in printed.values() if b.decimals and len(s := f"{abs(b.value):.{b.decimals}f}".strip("0.")) >= 2]
    last = Counter(f"{abs(b.value):.{b.decimals}f}"[-1] for b in printed.values() if b.decimals >= 2)
    if len(digits) < FEWEST or not last["0"]:
        return
    total = sum(last.values())
    chi2 = sum((last[str(d)] - total / 10) ** 2 / (total / 10) for d in range(10))
    p = chi2_upper(chi2, 9)
    if p < RARE:
        often = max(last, key=lambda d: last[d])
        message = (
            f"the last digits of {total} coefficients are not equally frequent (p = {p:.1g}): {often} "
            f"occurs {last[often]} times"
        )
        yield Finding(
            "digits", "note", tables[0].name, "", message, {"chi2": chi2, "p": p}, ask="the output of the program"
        )
