"""Check a published table from the numbers that it prints."""

from __future__ import annotations

from integrade.published.auditing import audit_table, read_printed
from integrade.published.findings import Finding, Review
from integrade.published.printed import PublishedTable
from integrade.published.review import review

__all__ = ["Finding", "PublishedTable", "Review", "audit_table", "read_printed", "review"]
