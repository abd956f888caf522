r"""Read the tables and the running text of a LaTeX file.

The reader covers tabular and its relatives, spans, siunitx, stars as superscripts, captions and notes.

pylatexenc parses the text; this module defines how the macros used in tables are shown. Macros that the file defines
without arguments are replaced by their bodies. A macro that shows its argument as a superscript (``\sym``) gives raised
text. The work for a document is counted and limited in proportion to its size. These limits are needed for two reasons:
nested macros can expand to any amount of text, and the parser reads the text after an unclosed bracket again.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pylatexenc import latexwalker as walking
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.macrospec import EnvironmentSpec, LatexContextDb, MacroSpec

from plainwords.texts import say
from rawcells.bytes.bounds import Work, beyond
from tablecheck.documents.decoded import decoded
from tablecheck.documents.flow import Paragraph, document_of
from tablecheck.documents.shaping import Draft, Line, Part, Piece, lines_of
from tablecheck.documents.wording import tidy
from tablecheck.grid import Document

MOST_LATEX = 1 << 21
"""Largest number of characters of a LaTeX file; a convention that bounds the parser's time and memory."""
DEEPEST = 60
"""Deepest nesting that is read: braces and environments, and macros together with the braces inside each.

The limit protects the recursive parser.
"""
FREE_WORK = 100_000
"""Characters and tokens that the reader may process for any document, however short."""
WORK_OF_CHARACTER = 4
"""Characters and tokens that the reader may process for each character of a document; papers need less than one."""
MACRO_WORK = 10
"""Cost of expanding one macro, in addition to the characters of its body."""
MOST_FILES = 200
"""Largest number of files that a document may include with ``\\input``."""
MOST_TAKEN = 1 << 23
"""Largest number of bytes of all included files together (8 MiB)."""

_ARGUMENTS = {
    "hhline": "{", "arrayrulecolor": "[{", "huxb": "{{", "huxvb": "{{", "huxtpad": "{", "huxbpad": "{", "hat": "{",
    "tabularnewline": "[", "mkern": "", "global": "",
    "multicolumn": "{{{", "multirow": "[{[{[{", "multirowcell": "{[{", "num": "[{", "SI": "[{[{", "qty": "[{{",
    "tablenum": "[{", "numprint": "[{", "sym": "{", "textsuperscript": "{", "tnote": "{", "textsubscript": "{",
    "resizebox": "*{{{", "scalebox": "{[{", "rotatebox": "[{{", "makebox": "[[{", "framebox": "[[{", "fbox": "{",
    "mbox": "{", "hbox": "{", "parbox": "[[[{{", "raisebox": "{[[{", "caption": "*[{", "captionof": "{[{",
    "label": "{", "makecell": "*[{", "shortstack": "[{", "thead": "*[{", "specialcell": "[{", "cline": "{",
    "cmidrule": "", "addlinespace": "[", "noalign": "{", "rowcolor": "[{", "cellcolor": "[{", "textcolor": "[{{",
    "color": "[{", "hspace": "*{", "vspace": "*{", "phantom": "{", "hphantom": "{", "vphantom": "{",
    "footnote": "[{", "footnotemark": "[", "footnotetext": "[{", "ref": "{", "eqref": "{", "cite": "[[{",
    "citep": "[[{", "citet": "[[{", "input": "{", "include": "{", "text": "{", "mathrm": "{", "mathbf": "{",
    "textbf": "{", "textit": "{", "emph": "{", "textsc": "{", "texttt": "{", "textrm": "{", "textsf": "{",
    "underline": "{", "ensuremath": "{", "operatorname": "*{", "mathit": "{", "href": "{{", "url": "{",
    "title": "{", "section": "*[{", "subsection": "*[{", "subsubsection": "*[{", "paragraph": "*[{",
    "chapter": "*[{", "SetCell": "[{", "hdashline": "[", "specialrule": "{{{", "Xhline": "{", "cdashline": "{",
    "floatfoot": "[{", "caption*": "[{", "bottomrule": "[", "toprule": "[", "midrule": "[", "fontsize": "{{",
    "setlength": "{{", "renewcommand": "*{[[{", "newcommand": "*{[[{", "providecommand": "*{[[{",
    "bibliography": "{", "includegraphics": "[{", "newcolumntype": "{[{", "sisetup": "{", "usepackage": "[{",
    "documentclass": "[{", "begingroup": "", "rule": "[{{", "linespread": "{", "arraystretch": "",
    "adjustbox": "{{", "centerline": "{", "item": "[",
}  # fmt: skip
_ENVIRONMENTS = {
    "tabular": "[{", "tabular*": "{[{", "tabularx": "{[{", "tabulary": "{[{", "tabu": "{", "longtable": "[{",
    "array": "[{", "xltabular": "{[{", "tblr": "[{", "talltblr": "[{", "longtblr": "[{", "supertabular": "{",
    "table": "[", "table*": "[", "sidewaystable": "[", "sidewaystable*": "[", "wraptable": "[{[{",
    "threeparttable": "[", "threeparttablex": "[", "tablenotes": "[", "TableNotes": "[", "minipage": "[[[{",
    "adjustbox": "{", "adjustwidth": "{{", "center": "", "landscape": "", "flushleft": "", "spacing": "{",
    "singlespace": "", "footnotesize": "", "small": "", "scriptsize": "", "figure": "[", "figure*": "[",
    "thebibliography": "{", "comment": "", "tablefootnotes": "", "measuredfigure": "", "ThreePartTable": "",
}  # fmt: skip
_TABLES = frozenset(
    (
        "tabular",
        "tabular*",
        "tabularx",
        "tabulary",
        "tabu",
        "longtable",
        "xltabular",
        "tblr",
        "talltblr",
        "longtblr",
        "supertabular",
    )
)
_FLOATS = frozenset(
    ("table", "table*", "sidewaystable", "sidewaystable*", "wraptable", "threeparttable", "ThreePartTable")
)
_SKIPPED = frozenset(("comment", "figure", "figure*", "thebibliography", "tikzpicture", "filecontents", "lstlisting"))
_RAISED = frozenset(("sym", "textsuperscript", "tnote"))
_SILENT = frozenset({
    "hhline", "arrayrulecolor", "huxb", "huxvb", "huxtpad", "huxbpad", "mkern",
    "label", "footnote", "footnotemark", "footnotetext", "phantom", "hphantom", "vphantom", "vspace", "hspace",
    "cellcolor", "rowcolor", "color", "input", "include", "addlinespace", "noalign", "cline", "setlength",
    "fontsize", "renewcommand", "newcommand", "providecommand", "bibliography", "includegraphics", "newcolumntype",
    "sisetup", "usepackage", "documentclass", "rule", "linespread", "specialrule", "Xhline", "cdashline",
    "hdashline", "toprule", "midrule", "bottomrule", "hline", "centering", "small", "footnotesize", "scriptsize",
    "tiny", "normalsize", "large", "raggedright", "raggedleft", "noindent", "par", "maketitle", "begingroup",
    "endgroup", "bfseries", "itshape", "rmfamily", "sffamily", "hfill", "hrule", "relax", "leavevmode", "quad",
    "SetCell", "tabularnewline",
})  # fmt: skip
_RULES = frozenset(
    ("hline", "toprule", "midrule", "bottomrule", "specialrule", "Xhline", "hdashline", "firsthline", "lasthline")
)
_BREAKS = frozenset(("\\", "tabularnewline", "cr"))
_SIGNS = {
    "textless": "<", "textgreater": ">", "textbackslash": "\\", "textbar": "|", "textasciitilde": "~",
    "textminus": "−", "textunderscore": "_", "textasteriskcentered": "*", "ast": "*", "textbullet": "•",
    "textdollar": "$", "textpercent": "%", "lt": "<", "gt": ">", "textasciicircum": "^", "checkmark": "✓",
    "xmark": "✗", "cmark": "✓", "ldots": "…", "dots": "…",
}  # fmt: skip
"""Characters for macros that latex2text does not know."""
_PARAGRAPHS = frozenset(("par", "section", "subsection", "subsubsection", "paragraph", "chapter", "item", "title"))
_ROW_MACROS = frozenset(
    ("hhline", "arrayrulecolor", "cmidrule", "cline", "addlinespace", "noalign", "rowcolor", "cdashline")
)
_DISTANCE = re.compile(r"^\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in|bp|sp)\s*\]")
_TRIM = re.compile(r"(?:\[[^\]]*\]\s*)?(?:\([^)]*\))?")
_HEADS = ("endfirsthead", "endhead", "endfoot", "endlastfoot")
_FRAMED = frozenset(
    (
        "resizebox",
        "scalebox",
        "rotatebox",
        "adjustbox",
        "centerline",
        "makebox",
        "fbox",
        "framebox",
        "parbox",
        "raisebox",
    )
)
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand)\*?\s*\{?\\([A-Za-z]+)\}?(?:\s*\[(\d)\])?(?:\s*\[[^\]]{0,1000}\])?\s*\{"
    r"|\\def\s*\\([A-Za-z]+)((?:#\d)*)\s*\{"
)
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # it prints a line for each macro that it cannot show
_TO_TEXT = LatexNodes2Text(math_mode="text", keep_comments=False)
Nodes = Sequence[Any]


@dataclass
class Page:
    """State while a file is walked: its macros, the content found so far, and the open paragraph."""

    macros: dict[str, str] = field(default_factory=dict)
    raising: set[str] = field(default_factory=set)
    flow: list[Paragraph | Draft] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    words: list[Part] = field(default_factory=list)
    text: str = ""
    path: Path = Path()
    where: str = ""
    """Text before a line number in messages: empty, or the name of the included file."""
    within: tuple[Path, ...] = ()
    """The files that include this one, outermost first."""
    taken: list[int] = field(default_factory=list)
    """Size in bytes of each file included so far."""
    unknown: list[str] = field(default_factory=list)
    """Names of macros whose text is unknown."""
    work: Work = field(default_factory=lambda: Work(Path(), 0))
    bodies: dict[str, Nodes] = field(default_factory=dict)
    """Parsed macro bodies, by their source."""
    open: tuple[str, ...] = ()
    """Names of the macros that are being expanded around the present text."""
    deep: int = 0
    """Nesting depth of the present text: the number of macros in ``open`` and of the braces inside them."""

    def line(self, position: int) -> int:
        """Return the line number of a position in the text."""
        return bisect_left(_breaks(self.text), position) + 1


@cache
def _context() -> LatexContextDb:
    context = walking.get_default_latex_context_db()
    context.add_context_category(
        "tables",
        macros=[MacroSpec(name, arguments) for name, arguments in _ARGUMENTS.items()],
        environments=[EnvironmentSpec(name, arguments) for name, arguments in _ENVIRONMENTS.items()],
        prepend=True,
    )
    return context


@lru_cache(maxsize=2)
def _breaks(text: str) -> tuple[int, ...]:
    """Return the positions of the line ends in a text."""
    return tuple(match.start() for match in re.finditer("\n", text))


def read_latex(path: Path, text: str) -> Document:
    """Read the tables and the text of a LaTeX file.

    Files that it includes (``\\input``) are read too if they are in its folder. Included files from other folders are
    recorded as lost. A file with only the rows of a table, which another file includes, is read as a table.
    Raises `Unreadable` if braces or macros are nested too deeply, or if macros expand to too much text.
    """
    page = Page(path=path, work=Work(path, FREE_WORK))
    _walk_file(path, f"\\begin{{tabular}}{{}}{text}\n\\end{{tabular}}" if _has_only_rows(text) else text, page)
    return document_of(path, page.flow, page.lost)


FEWEST_ROWS = 3
"""A file without environments that has so many lines with an ampersand and the end of a row is the body of a table."""


def _has_only_rows(text: str) -> bool:
    """Return whether a file has the rows of a table, but neither the table around them nor another environment."""
    alone = "\\begin" not in text and "\\end{" not in text and "\\documentclass" not in text
    lines = text.splitlines() if alone else ()
    return sum("\\\\" in line and bool(re.search(r"(?<!\\)&", line)) for line in lines) >= FEWEST_ROWS


def _walk_file(path: Path, text: str, page: Page) -> None:
    """Add the content of a file; of a whole document, add only the body, without the preamble."""
    if len(text) > MOST_LATEX:
        raise beyond(path, f"has {len(text):,} characters", f"{MOST_LATEX:,}", "give the part with the tables")
    _check_depth(path, _deepest(text), "braces")
    page.work.allow(WORK_OF_CHARACTER * len(text))
    macros, raising, page.text = _definitions(text)
    page.macros |= macros
    page.raising |= raising
    nodes = _parsed(page.text, page)
    whole = [n for n in nodes if n.isNodeType(walking.LatexEnvironmentNode) and n.environmentname == "document"]
    _walk(whole[0].nodelist if whole else nodes, page)
    _close(page)


def _take_in(name: str, page: Page) -> None:
    """Add the content of an included file if it is in the document's folder; otherwise record it as lost."""
    top = (page.within or (page.path,))[0]
    candidates = [p for p in (top.parent / name, top.parent / f"{name}.tex") if p.suffix == ".tex" and p.is_file()]
    most = min(MOST_LATEX, MOST_TAKEN - sum(page.taken))
    inside = [p for p in candidates if p.resolve().is_relative_to(top.parent.resolve()) and p.stat().st_size <= most]
    if not inside or inside[0] in (*page.within, page.path) or len(page.taken) >= MOST_FILES:
        page.lost.append(say("published_documents.input", file=name))
        return
    _close(page)
    page.taken.append(inside[0].stat().st_size)
    inner = replace(page, path=inside[0], where=f"{name}, ", within=(*page.within, page.path), words=[], unknown=[])
    _walk_file(inside[0], decoded(inside[0]), inner)


def _deepest(text: str) -> int:
    """Return the deepest nesting of braces and environments in a text."""
    depth = deepest = 0
    for sign in re.findall(r"(?<!\\)(?:\\\\)*([{}])|\\(begin|end)\b", text):
        depth += 1 if sign[0] == "{" or sign[1] == "begin" else -1 if depth else 0
        deepest = max(deepest, depth)
    return deepest


def _check_depth(path: Path, deep: int, what: str) -> None:
    """Refuse braces or macros nested more deeply than `DEEPEST`. Raises `Unreadable`."""
    if deep > DEEPEST:
        remedy = "close open braces, or give only the table"
        raise beyond(path, f"has {deep:,} nested {what}", f"{DEEPEST}", remedy)


def _parsed(text: str, page: Page) -> Nodes:
    """Parse a text into nodes, counting every token that the parser reads, including tokens read again."""
    walker = walking.LatexWalker(text, latex_context=_context(), tolerant_parsing=True)
    read = walker.get_token

    def counted(at: int, *args: Any, **options: Any) -> Any:
        page.work.take(1, "brackets [ that are not closed", "close them, or give only the table")
        return read(at, *args, **options)

    walker.get_token = counted
    nodes: Nodes = walker.get_latex_nodes()[0]
    return nodes


def _definitions(text: str) -> tuple[dict[str, str], set[str], str]:
    """Return macros without arguments with their bodies, macros that raise their argument, and the remaining text."""
    macros: dict[str, str] = {}
    raising: set[str] = set()
    kept = []
    at = 0
    while match := _DEFINITION.search(text, at):
        end = _closing(text, match.end())
        name, body = match[1] or match[3], text[match.end() : end - 1]
        if re.search(r"\^\s*(?:\{\s*)?#1|textsuperscript\s*\{\s*#1", body):
            raising.add(name)
        elif not match[2] and not match[4] and name not in _ARGUMENTS and name not in _SILENT:
            macros[name] = body
        kept.append(text[at : match.start()])
        at = end
    return macros, raising, "".join([*kept, text[at:]])


def _closing(text: str, at: int) -> int:
    """Return the end of the group whose opening brace is just before ``at``."""
    depth = 1
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(text)


def _arguments(node: Any) -> list[Any]:
    arguments = getattr(node, "nodeargd", None)
    return list(arguments.argnlist or []) if arguments is not None else []


def _inside(node: Any) -> Nodes:
    """Return the nodes inside an argument or a group."""
    if node is None:
        return []
    if node.isNodeType(walking.LatexGroupNode):
        return list(node.nodelist)
    return [node]


def _last(node: Any) -> Nodes:
    """Return the nodes of a macro's last argument, which is the one it shows."""
    arguments = [argument for argument in _arguments(node) if argument is not None]
    return _inside(arguments[-1]) if arguments else []


def _walk(nodes: Nodes, page: Page) -> None:
    """Add tables and paragraphs in their order."""
    for node in nodes:
        if node.isNodeType(walking.LatexEnvironmentNode):
            _environment(node, page)
        elif node.isNodeType(walking.LatexCharsNode):
            first, *later = re.split(r"\n[ \t]*\n", node.chars)
            page.words.append(Part(first))
            for paragraph in later:
                _close(page)
                page.words.append(Part(paragraph))
        elif node.isNodeType(walking.LatexSpecialsNode) and node.specials_chars == "\n\n":
            _close(page)
        elif node.isNodeType(walking.LatexMacroNode) and _macro(node, page):
            continue
        elif node.isNodeType(walking.LatexGroupNode) and _holds_table(node.nodelist):
            _walk(node.nodelist, page)
        else:
            page.words += _parts([node], page)


def _macro(node: Any, page: Page) -> bool:
    """Handle a macro that ends a paragraph, includes a file or frames a table; return whether it was one of these."""
    name = node.macroname
    if name in ("input", "include"):
        file = tidy("".join(part.text for part in _parts(_last(node), page)))
        if file:
            _take_in(file, page)
        return True
    if name in _PARAGRAPHS:
        _close(page)
        if _last(node) and name != "item":
            page.words += _parts(_last(node), page)
            _close(page, heading=True)
        return True
    if name in ("caption", "captionof"):
        _close(page)
        page.words += _parts(_last(node), page)
        _close(page, caption=True)
        return True
    if name in _FRAMED and _holds_table(_last(node)):
        _walk(_last(node), page)
        return True
    if name == "floatfoot":
        _close(page)
        page.words += _parts(_last(node), page)
        _close(page)
        return True
    return False


def _holds_table(nodes: Nodes) -> bool:
    """Return whether nodes contain a table or a caption, also inside environments, groups and frames."""
    return any(
        (n.isNodeType(walking.LatexEnvironmentNode) and (n.environmentname in _TABLES or _holds_table(n.nodelist)))
        or (n.isNodeType(walking.LatexGroupNode) and _holds_table(n.nodelist))
        or (
            n.isNodeType(walking.LatexMacroNode)
            and n.macroname in (*_FRAMED, "caption")
            and (n.macroname == "caption" or _holds_table(_last(n)))
        )
        for n in nodes
        if n is not None
    )


def _environment(node: Any, page: Page) -> None:
    """Add the content of an environment: a table, a float, a formula or paragraphs."""
    name = node.environmentname
    if name in _SKIPPED:
        return
    if name in _TABLES:
        _close(page)
        page.flow.append(_table(node, page))
        return
    if name in _FLOATS:
        _float(node, page)
        return
    if name in ("equation", "equation*", "align", "align*", "displaymath", "verbatim"):
        page.words.append(Part(f" {_TO_TEXT.nodelist_to_text([node])} "))
        return
    _close(page)
    _walk(node.nodelist, page)
    _close(page)


def _float(node: Any, page: Page) -> None:
    """Read a float; the caption of the float becomes the title of each table in it.

    Other text above a table is added to the title of this table. Text below the last table becomes notes of every
    table.
    """
    _close(page)
    inner = replace(page, flow=[], words=[], unknown=[])
    _walk(node.nodelist, inner)
    _close(inner)
    if not any(isinstance(item, Draft) for item in inner.flow):
        page.flow += inner.flow
        return
    captions = [item.text for item in inner.flow if isinstance(item, Paragraph) and item.caption]
    drafts = [item for item in inner.flow if isinstance(item, Draft)]
    above: list[str] = []
    seen = 0
    for item in inner.flow:
        if isinstance(item, Draft):
            seen += 1
            item.title = tidy(" ".join([*(c for c in captions if c not in item.title), *above, item.title]))
            above = []
        elif not item.caption:
            if seen < len(drafts):
                above.append(item.text)
            else:
                for draft in drafts:
                    draft.notes.append(item.text)
    page.flow += drafts


def _close(page: Page, *, heading: bool = False, caption: bool = False) -> None:
    """End the open paragraph and add it to the flow."""
    text = tidy(" ".join(line.text + line.raised for line in lines_of(page.words)))
    page.words.clear()
    if text:
        page.flow.append(Paragraph(text, heading, caption))


def _parts(nodes: Iterable[Any], page: Page, raised: bool = False) -> list[Part]:
    """Return the text that nodes show, in pieces, each marked as raised (superscript) or not."""
    parts: list[Part] = []
    raise_next = False
    for node in nodes:
        if node is None:
            continue
        up, raise_next = raised or raise_next, False
        if node.isNodeType(walking.LatexCharsNode):
            pieces = re.split(r"(\^[^\s{\\]?|_)", re.sub(r"\s+", " ", node.chars))
            for k, piece in enumerate(pieces):
                if k % 2 and piece.startswith("^"):
                    parts += [Part(piece[1:], True)] if len(piece) > 1 else []
                    raise_next = len(piece) == 1
                elif not (k % 2):
                    parts.append(Part(piece, up))
                    raise_next = raise_next and not piece
                elif piece == "_" and not getattr(node.parsing_state, "in_math_mode", False):
                    parts.append(Part(piece, up))
                up = raised
        elif node.isNodeType(walking.LatexGroupNode) or node.isNodeType(walking.LatexMathNode):
            parts += _parts(node.nodelist, page, up)
        elif node.isNodeType(walking.LatexMacroNode):
            parts += _of_macro(node, page, up)
        elif node.isNodeType(walking.LatexEnvironmentNode):
            parts += _parts(node.nodelist, page, up) if node.environmentname not in _SKIPPED else []
        elif node.isNodeType(walking.LatexSpecialsNode):
            parts.append(
                Part(" " if node.specials_chars in ("~", "&", "\n\n") else _TO_TEXT.nodelist_to_text([node]), up)
            )
    return parts


def _of_macro(node: Any, page: Page, raised: bool) -> list[Part]:
    """Return the text that a macro shows."""
    name = node.macroname
    if name in page.macros and name not in page.open:
        space = [Part(" ")] if node.macro_post_space else []
        return [*_expanded(name, page, raised), *space]
    if name in _RAISED or name in page.raising:
        return _parts(_last(node), page, True)
    if name in _BREAKS or name == "newline":
        return [Part("\n", raised)]
    if name in _SILENT or name.startswith("end"):
        return [Part(" ")] if name in ("quad", "hspace", "par") else []
    if name == "hat" and not re.search(
        r"(?<!\\)\b[a-zA-Z]\b|\\(?!mkern)", "".join(n.latex_verbatim() for n in _last(node))
    ):
        return [Part("^", raised)]
    if name in ("SI", "qty"):
        arguments = [one for one in _arguments(node) if one is not None and one.isNodeType(walking.LatexGroupNode)]
        return _parts(_inside(arguments[0]), page, raised) if arguments else []
    if name in ("ref", "eqref", "cite", "citep", "citet"):
        return [Part(" ")]
    if name in (
        "makecell",
        "shortstack",
        "thead",
        "specialcell",
        "multirow",
        "multicolumn",
        "num",
        "tablenum",
        "numprint",
    ):
        return _parts(_last(node), page, raised)
    if name in _SIGNS:
        return [Part(_SIGNS[name], raised)]
    arguments = _arguments(node)
    if name in _ARGUMENTS and arguments:
        return _parts(_last(node), page, raised)
    shown = _TO_TEXT.nodelist_to_text([node]).replace("\u02c6", "^")
    if not shown and name not in _SILENT and name.isalpha() and len(name) > 2:
        page.unknown.append(name)
    return [Part(re.sub(r"\s+", " ", shown), raised)]


def _expanded(name: str, page: Page, raised: bool) -> list[Part]:
    """Expand a macro of the file. Raises `Unreadable` if the expansion is too long or too deep."""
    body = page.macros[name]
    what = f"macros in macros, such as \\{(*page.open, name)[0]}"
    page.work.take(MACRO_WORK + len(body), what, "replace them by their definition, or give only the table")
    deep = page.deep + 1 + _deepest(body)
    _check_depth(page.path, deep, f"macros and braces, from \\{(*page.open, name)[0]} on")
    if body not in page.bodies:
        page.bodies[body] = _parsed(body, page)
    inner = replace(page, open=(*page.open, name), deep=deep, flow=[], words=[])
    return _parts(page.bodies[body], inner, raised)


@dataclass
class Rows:
    """Rows of a table and the rules above them.

    ``parts`` holds the rows of a longtable that end with a mark such as ``endhead``, by the name of the mark.
    """

    rows: list[list[Piece]] = field(default_factory=list)
    ruled: set[int] = field(default_factory=set)
    parts: dict[str, tuple[list[list[Piece]], set[int]]] = field(default_factory=dict)


def _table(node: Any, page: Page) -> Draft:
    """Read the rows of a tabular.

    For a longtable these are the first head, the body and the last foot.
    """
    draft = Draft()
    table = Rows()
    for cells in _rows(node.nodelist):
        _strip(cells, draft, page, table)
        pieces = [_cell(cell, page) for cell in cells]
        if any(one.lines or one.width > 1 for one in pieces) or len(pieces) > 1:
            at = page.line(max(_position(cells), node.pos))
            table.rows.append(
                [one._replace(place=f"{page.where}line {at}, column {j}") for j, one in enumerate(pieces, start=1)]
            )
    nothing: tuple[list[list[Piece]], set[int]] = ([], set())
    head, head_ruled = table.parts.get("endfirsthead", table.parts.get("endhead", nothing))
    foot, _ = table.parts.get("endlastfoot", table.parts.get("endfoot", nothing))
    draft.rows = _without_covered([*head, *table.rows, *foot])
    draft.ruled |= head_ruled | {r + len(head) for r in table.ruled}
    draft.head = len(head)
    _tabularray(node, draft, page)
    return draft


def _position(cells: Sequence[Nodes]) -> int:
    """Return the position in the file of the first visible content of a row."""
    for cell in cells:
        for node in cell:
            if not (node.isNodeType(walking.LatexCharsNode) and not node.chars.strip()):
                lead = len(node.chars) - len(node.chars.lstrip()) if node.isNodeType(walking.LatexCharsNode) else 0
                return int(node.pos) + lead
    return 0


def _rows(nodes: Nodes) -> list[list[list[Any]]]:
    """Split nodes into rows of cells."""
    rows: list[list[list[Any]]] = [[[]]]
    for node in nodes:
        if node.isNodeType(walking.LatexSpecialsNode) and node.specials_chars == "&":
            rows[-1].append([])
        elif node.isNodeType(walking.LatexMacroNode) and node.macroname in _BREAKS:
            rows.append([[]])
        elif not node.isNodeType(walking.LatexCommentNode):
            rows[-1][-1].append(node)
    return rows


def _strip(cells: list[list[Any]], draft: Draft, page: Page, table: Rows) -> None:
    """Remove rules, captions and longtable marks from the first cell of a row; a mark closes the rows before it."""
    kept: list[Any] = []
    partial = False
    first = cells[0][0] if cells[0] else None
    if first is not None and first.isNodeType(walking.LatexCharsNode):  # a length such as [2pt] of the break above
        first.chars = _DISTANCE.sub("", first.chars)
    for node in cells[0]:
        name = node.macroname if node.isNodeType(walking.LatexMacroNode) else ""
        if name in _RULES:
            table.ruled.add(len(table.rows))
        elif name in _ROW_MACROS:
            partial = name == "cmidrule"
        elif name in ("caption", "captionof"):
            draft.title = draft.title or tidy("".join(p.text for p in _parts(_last(node), page)))
        elif name in _HEADS:
            table.parts[name] = table.rows, table.ruled
            table.rows, table.ruled = [], set()
        elif partial and node.isNodeType(walking.LatexGroupNode):
            partial = False
        elif not (partial and node.isNodeType(walking.LatexCharsNode) and _TRIM.fullmatch(node.chars.strip())):
            kept.append(node)
    cells[0] = kept


def _cell(nodes: Nodes, page: Page) -> Piece:
    """Read a cell with the columns and rows that it spans."""
    width = height = 1
    shown = [n for n in nodes if not (n.isNodeType(walking.LatexCharsNode) and not n.chars.strip())]
    for node in shown:
        if not node.isNodeType(walking.LatexMacroNode):
            continue
        if node.macroname == "multicolumn":
            width = _count(node, 0, page)
            inner = [n for n in _last(node) if n.isNodeType(walking.LatexMacroNode) and n.macroname == "multirow"]
            height = _count(inner[0], 1, page) if inner else 1
        elif node.macroname == "multirow":
            height = _count(node, 1, page)
            inner = [n for n in _last(node) if n.isNodeType(walking.LatexMacroNode) and n.macroname == "multicolumn"]
            width = _count(inner[0], 0, page) if inner else 1
        elif node.macroname == "SetCell":
            first = [*_arguments(node), None][0]
            options = first.latex_verbatim() if first is not None else ""
            width, height = (int((re.search(rf"\b{k}\s*=\s*(\d{{1,6}})", options) or [0, 1])[1]) for k in "cr")
    page.unknown.clear()
    lines = lines_of(_parts(nodes, page))
    if not lines and page.unknown:  # perhaps a number defined as a macro in another file
        lines = (Line(f"\\{page.unknown[0]}"),)
    return Piece(lines, width, height)


def _count(node: Any, k: int, page: Page) -> int:
    """Return the number in the k-th argument of a macro; 1 if it is not a number."""
    argument = [*_arguments(node), None, None][k]
    text = tidy("".join(part.text for part in _parts(_inside(argument), page)))
    return min(int(text), 1000) if re.fullmatch(r"[1-9][0-9]{0,5}", text) else 1


def _without_covered(rows: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Drop the empty cells that LaTeX requires below a multirow cell.

    A multirow cell that would cover a cell with text becomes shorter.
    """
    uncovered = [list(row) for row in rows]
    for i, row in enumerate(uncovered):
        column = 0
        for k, cell in enumerate(row):
            if cell.height > 1:
                row[k] = cell._replace(height=_free(uncovered, i, column, cell))
            column += cell.width
    covered: dict[int, int] = {}
    for i, row in enumerate(uncovered):
        column, kept = 0, []
        for cell in row:
            if covered.get(column, -1) >= i and not cell.lines:
                column += cell.width
                continue
            if cell.height > 1:
                covered |= {column + k: i + cell.height - 1 for k in range(cell.width)}
            kept.append(cell)
            column += cell.width
        uncovered[i] = kept
    return uncovered


def _free(rows: Sequence[Sequence[Piece]], at: int, column: int, one: Piece) -> int:
    """Return how many rows a cell may span: only empty cells may lie below it."""
    for down in range(1, one.height):
        if at + down >= len(rows):
            return down
        place = 0
        for cell in rows[at + down]:
            if place == column and cell.lines:
                return down
            place += cell.width
    return one.height


def _tabularray(node: Any, draft: Draft, page: Page) -> None:
    """Read the caption, notes and spans that a tabularray table states in its options."""
    if not node.environmentname.endswith("tblr"):
        return
    outer, inner = (
        argument.latex_verbatim() if argument is not None else "" for argument in [*_arguments(node), None, None][:2]
    )
    for match in re.finditer(r"\b(caption|note\{[^}]{0,200}\}|remark\{[^}]{0,200}\})\s*=\s*\{", outer):
        body = outer[match.end() : _closing(outer, match.end()) - 1]
        text = tidy("".join(part.text for part in _parts(_parsed(body, page), page)))
        if match[1] == "caption":
            draft.title = draft.title or text
        elif text:
            draft.notes.append(text)
    for row, column, options in re.findall(r"\bcell\{(\d+)\}\{(\d+)\}\s*=\s*\{([^}]{0,1000})\}", inner):
        wide = re.search(r"\bc\s*=\s*(\d+)", options)
        i, j = int(row) - 1, int(column) - 1
        if wide and i < len(draft.rows) and j < len(draft.rows[i]):
            across = min(int(wide[1]), len(draft.rows[i]) - j)
            line = draft.rows[i]
            draft.rows[i] = [*line[:j], line[j]._replace(width=across), *line[j + across :]]
