"""Make the Chinese typeface that travels with the report: a subset of Noto Sans CJK SC under a name of its own.

    python docs/typeface.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

The characters are those of GB 2312 and the first level of Big5, and what integrade's own Chinese texts use. The name is
another one, so that the subset never stands in for the whole font on a machine that has it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).parents[1] / "src" / "integrade"
TARGET = ROOT / "report" / "typeface" / "IntegradeCJK-Regular.otf"
FAMILY = "Integrade CJK"
NAMES = {1: FAMILY, 2: "Regular", 3: f"{FAMILY} Regular", 4: FAMILY, 6: TARGET.stem, 16: FAMILY, 17: "Regular"}


def characters() -> set[int]:
    """Code points of GB 2312, Big5 level 1 and our own texts."""
    pairs = [("gb2312", a, b) for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF)]
    pairs += [("big5", a, b) for a in range(0xA1, 0xC7) for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF))]
    coded = {bytes((a, b)).decode(name, "ignore") for name, a, b in pairs}
    ours = [p.read_text(encoding="utf-8") for s in ("*.py", "*.toml", "*.ftl") for p in ROOT.rglob(s)]
    return {ord(c) for text in (*coded, *ours) for c in text if c > "\x7f"}


def simplified(collection: Path) -> TTFont:
    """The face of simplified Chinese."""
    faces = TTCollection(str(collection), lazy=True).fonts
    return next(f for f in faces if str(f["name"].getDebugName(1)) == "Noto Sans CJK SC")


def main(source: Path) -> None:
    """Write the subset of a collection of fonts."""
    font = simplified(source)
    font.recalcTimestamp = False
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 7, 13, 14])
    maker = subset.Subsetter(options)
    maker.populate(unicodes=characters() & set(font.getBestCmap()))
    maker.subset(font)
    for number, name in NAMES.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [NAMES[6]]
    top.topDictIndex[0].FamilyName, top.topDictIndex[0].FullName = FAMILY, NAMES[4]
    font.save(TARGET)
    print(f"{TARGET.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
