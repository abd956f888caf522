"""The language of a report: every sentence that integrade makes, in Chinese."""

from __future__ import annotations

from integrade.report.document import Document


def spoken(document: Document, language: str) -> Document:
    """The report in the language; English is what it is made in."""
    return document
