"""The part of lxml.html that integrade calls."""

from typing import Any

from lxml.etree import _Element

class HTMLParser:
    error_log: Any
    def __init__(self, *, encoding: str | None = ...) -> None: ...

def document_fromstring(html: bytes, parser: HTMLParser | None = ...) -> _Element: ...
