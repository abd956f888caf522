"""The part of pylatexenc.latex2text that integrade calls."""

from collections.abc import Sequence
from typing import Any

class LatexNodes2Text:
    def __init__(self, *, math_mode: str = ..., keep_comments: bool = ...) -> None: ...
    def nodelist_to_text(self, nodelist: Sequence[Any]) -> str: ...
