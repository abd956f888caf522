"""Check a published table from the numbers that it prints, by the package `tablecheck`."""

from __future__ import annotations

from tablecheck import Finding, PublishedTable, Review, audit_table, read_printed, review

__all__ = ["Finding", "PublishedTable", "Review", "audit_table", "read_printed", "review"]
