"""The part of pylatexenc.macrospec that integrade calls."""

from collections.abc import Sequence

class MacroSpec:
    def __init__(self, macroname: str, args_parser: str = ...) -> None: ...

class EnvironmentSpec:
    def __init__(self, environmentname: str, args_parser: str = ...) -> None: ...

class LatexContextDb:
    def add_context_category(
        self,
        category: str,
        macros: Sequence[MacroSpec] = ...,
        environments: Sequence[EnvironmentSpec] = ...,
        *,
        prepend: bool = ...,
    ) -> None: ...
