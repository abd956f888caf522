"""A published table, checked from the numbers it prints."""

from __future__ import annotations

from integrade.review.findings import Finding, Review
from integrade.review.printed import read_printed
from integrade.review.review import review

__all__ = ["Finding", "Review", "read_printed", "review"]
