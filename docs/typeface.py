"""Make the typeface that travels with the package: Latin, Greek, Cyrillic, signs and Chinese, regular and bold.

    python docs/typeface.py /usr/share/fonts

Under that folder are the fonts of Debian's packages fonts-liberation, fonts-noto-core and fonts-noto-cjk. Letters and
signs are those of Liberation Sans, then of Noto Sans. Chinese characters, and signs that neither has, are those of Noto
Sans CJK SC: GB 2312, the first level of Big5, and what integrade's own texts use. The family has another name, so that
it is never taken for one of the three on a machine that has them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTCollection, TTFont

from integrade.report.fonts import has_chinese

ROOT = Path(__file__).parents[1] / "src" / "integrade"
FOLDER = ROOT / "report" / "typeface"
FAMILY = "Integrade Sans"
LETTERS = ("truetype/liberation/LiberationSans-{}.ttf", "truetype/noto/NotoSans-{}.ttf")
CHINESE = "opentype/noto/NotoSansCJK-{}.ttc"
BLOCKS = (
    *(
        (0x20, 0x24F),
        (0x2B0, 0x52F),
        (0x1D00, 0x1DBF),
        (0x1E00, 0x1EFF),
    ),  # Latin, marks, Greek, Cyrillic, raised letters
    *((0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x20BF)),  # punctuation, superscripts and subscripts, currencies
    *((0x2100, 0x22FF), (0x2500, 0x27BF)),  # letterlike signs, fractions, arrows, operators, lines, shapes, ticks
)
SPACES = (0x2000, 0x200B, 0x202F)  # first and last of the spaces of fixed width, and the narrow one


def of_letters() -> set[int]:
    """Return the code points that come from the fonts of letters where one of them has it."""
    wide = {code for first, last in BLOCKS for code in range(first, last + 1)}
    return wide | {*range(SPACES[0], SPACES[1] + 1), SPACES[2]}


def of_chinese() -> set[int]:
    """Return the code points of GB 2312, of the first level of Big5, and of integrade's own texts."""
    pairs = [("gb2312", a, b) for a in range(0xA1, 0xF8) for b in range(0xA1, 0xFF)]
    pairs += [("big5", a, b) for a in range(0xA1, 0xC7) for b in (*range(0x40, 0x7F), *range(0xA1, 0xFF))]
    coded = {bytes((a, b)).decode(name, "ignore") for name, a, b in pairs}
    ours = [p.read_text(encoding="utf-8") for s in ("*.py", "*.toml", "*.ftl") for p in ROOT.rglob(s)]
    chinese = {c for text in ours for c in text if has_chinese(c)}
    return {ord(c) for text in (*coded, *chinese) for c in text if c > "\x7f"}


def simplified(collection: Path) -> TTFont:
    """Return the face of simplified Chinese."""
    faces = TTCollection(str(collection), lazy=True).fonts
    return next(f for f in faces if str(f["name"].getDebugName(1)) == "Noto Sans CJK SC")


def cut(font: TTFont, codes: set[int]) -> None:
    """Keep the glyphs of these code points, without hints, features and metrics of vertical text."""
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 7, 13, 14])
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    maker = subset.Subsetter(options)
    maker.populate(unicodes=codes & set(font.getBestCmap()))
    maker.subset(font)


def add(font: TTFont, source: TTFont, code: int, fd: int, own: str) -> None:
    """Add the glyph of a code point, as ``own``, from a font with quadratic curves to one with cubic curves."""
    glyphs, name = source.getGlyphSet(), source.getBestCmap()[code]
    top = font["CFF "].cff.topDictIndex[0]
    private = top.FDArray[fd].Private
    scale = font["head"].unitsPerEm / source["head"].unitsPerEm
    width = round(glyphs[name].width * scale)
    pen = T2CharStringPen(width - private.nominalWidthX, glyphs)
    glyphs[name].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
    store = top.CharStrings
    store.charStringsIndex.append(pen.getCharString(private, top.GlobalSubrs))
    store.charStrings[own] = len(store.charStringsIndex) - 1
    top.charset.append(own)
    top.FDSelect.append(fd)
    font["hmtx"][own] = (width, round(source["hmtx"][name][1] * scale))
    for table in font["cmap"].tables:
        table.cmap[code] = own


def named(font: TTFont, style: str) -> None:
    """Give the font the name of the family and the style."""
    full, file = f"{FAMILY} {style}", f"{FAMILY.replace(' ', '')}-{style}"
    for number, name in {1: FAMILY, 2: style, 3: full, 4: full, 6: file, 16: FAMILY, 17: style}.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [file]
    top.topDictIndex[0].FamilyName, top.topDictIndex[0].FullName = FAMILY, full


def make(fonts: Path, style: str) -> Path:
    """Write one style of the typeface from the fonts of a folder."""
    letters = [TTFont(fonts / name.format(style)) for name in LETTERS]
    font = simplified(fonts / CHINESE.format(style))
    font.recalcTimestamp = False
    sources = {code: one for one in reversed(letters) for code in one.getBestCmap() if code in of_letters()}
    cut(font, (of_chinese() | of_letters()) - set(sources) | {ord("A")})  # A says which part of a CID font has letters
    top = font["CFF "].cff.topDictIndex[0]
    fd = top.FDSelect[font.getGlyphID(font.getBestCmap()[ord("A")])]
    free = sorted({f"cid{number:05d}" for number in range(1, 65_535)} - set(top.charset))
    for own, (code, source) in zip(free, sorted(sources.items()), strict=False):
        add(font, source, code, fd, own)
    font.setGlyphOrder(list(top.charset))
    named(font, style)
    target = FOLDER / f"{FAMILY.replace(' ', '')}-{style}.otf"
    font.save(target)
    print(f"{target.name}: {target.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")
    return target


if __name__ == "__main__":
    for each in ("Regular", "Bold"):
        make(Path(sys.argv[1]), each)
