from fontTools.ttLib import TTFont

class Options:
    hinting: bool
    layout_features: list[str]
    name_IDs: list[int]

class Subsetter:
    def __init__(self, options: Options) -> None: ...
    def populate(self, *, text: str = "") -> None: ...
    def subset(self, font: TTFont) -> None: ...
