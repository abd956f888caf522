"""A published table, checked from the numbers it prints."""

from __future__ import annotations

from integrade.published.findings import Finding, Review
from integrade.published.printed import read_printed
from integrade.published.review import review

__all__ = ["Finding", "Review", "read_printed", "review"]
