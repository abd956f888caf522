"""Check a published table from the numbers that it prints."""

from __future__ import annotations

from plainwords.texts import add_catalogues
from tablecheck.added import LITERATURE, CheckSet, Facts
from tablecheck.auditing import audit_table, read_printed
from tablecheck.findings import Finding, Review
from tablecheck.printed import PublishedTable
from tablecheck.review import review

__version__ = "0.2.0"
__all__ = [
    "LITERATURE",
    "CheckSet",
    "Facts",
    "Finding",
    "PublishedTable",
    "Review",
    "audit_table",
    "read_printed",
    "review",
]

add_catalogues(__name__)
