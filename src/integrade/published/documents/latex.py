r"""Tables of LaTeX: tabular and its kin, spans, siunitx, stars as superscripts, captions, notes; and the running text.

The text is parsed by pylatexenc; what a macro shows is said here for those that tables use. Macros that the file
defines without arguments are replaced by what they stand for; one that raises its argument (``\sym``) raises it.
The work of a document is counted and bounded by its size: macros in macros can ask for any amount of text, and the
parser reads again what follows a bracket that is not closed.
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

from integrade.engine import doors
from integrade.published.documents.flow import Paragraph, document_of
from integrade.published.documents.shaping import Draft, Line, Part, Piece, lines_of
from integrade.published.documents.wording import tidy
from integrade.published.grid import Document
from integrade.sources.bytes.bounds import Work, beyond
from integrade.sources.bytes.encodings import as_utf8
from integrade.wording.texts import say

MOST_LATEX = 1 << 21
"""Bytes of a LaTeX file."""
DEEPEST = 60
"""Braces and environments in each other, and macros in macros with the braces of each."""
FREE_WORK = 100_000
"""Characters and tokens that any document may take to read, however short it is."""
WORK_OF_CHARACTER = 4
"""Characters and tokens for each character of a document; papers take less than one."""
MACRO_WORK = 10
"""What a macro costs beside the characters that it stands for."""
MOST_FILES = 200
"""Files that a document takes in."""
MOST_TAKEN = 1 << 23
"""Bytes of all of them."""

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
"""Signs that macros stand for and latex2text does not know."""
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
    """What is known while a file is walked through: its macros, what was found, what is open."""

    macros: dict[str, str] = field(default_factory=dict)
    raising: set[str] = field(default_factory=set)
    flow: list[Paragraph | Draft] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    words: list[Part] = field(default_factory=list)
    text: str = ""
    path: Path = Path()
    where: str = ""
    """What stands before the number of a line: nothing, or the name of a file that is taken in."""
    within: tuple[Path, ...] = ()
    """The files in which this one is taken in."""
    taken: list[int] = field(default_factory=list)
    """Bytes of every file that was taken in."""
    unknown: list[str] = field(default_factory=list)
    """Macros that show nothing that is known."""
    work: Work = field(default_factory=lambda: Work(Path(), 0))
    bodies: dict[str, Nodes] = field(default_factory=dict)
    """The parsed bodies of macros."""
    open: tuple[str, ...] = ()
    """The macros in which this text is."""
    deep: int = 0
    """Those macros and the braces in them."""

    def line(self, position: int) -> int:
        """The number of the line of a position in the text."""
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
    """Where the lines of a text end."""
    return tuple(found.start() for found in re.finditer("\n", text))


def read_latex(path: Path, text: str) -> Document:
    """The tables and the text of a LaTeX file, with files of its folder that it takes in (``\\input``).

    What it takes in from elsewhere is said to be lost.
    Raises `Unreadable` for braces and macros in each other without bound, and for macros that stand for too much.
    """
    page = Page(path=path, work=Work(path, FREE_WORK))
    _walk_file(path, text, page)
    return document_of(path, page.flow, page.lost)


def _walk_file(path: Path, text: str, page: Page) -> None:
    """Add what a file holds: of a whole document what stands in it, without what is said before it begins."""
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
    """Add what a file holds that is taken in, where it stands in the folder of the document; else it is lost."""
    top = (page.within or (page.path,))[0]
    found = [p for p in (top.parent / name, top.parent / f"{name}.tex") if p.suffix == ".tex" and p.is_file()]
    most = min(MOST_LATEX, MOST_TAKEN - sum(page.taken))
    inside = [p for p in found if p.resolve().is_relative_to(top.parent.resolve()) and p.stat().st_size <= most]
    if not inside or inside[0] in (*page.within, page.path) or len(page.taken) >= MOST_FILES:
        page.lost.append(say("published_documents.input", file=name))
        return
    _close(page)
    page.taken.append(inside[0].stat().st_size)
    inner = replace(page, path=inside[0], where=f"{name}, ", within=(*page.within, page.path), words=[], unknown=[])
    _walk_file(inside[0], doors.read_text(as_utf8(inside[0]).path, encoding="utf-8-sig"), inner)


def _deepest(text: str) -> int:
    """How many braces and environments of a text are in each other."""
    depth = deepest = 0
    for sign in re.findall(r"(?<!\\)(?:\\\\)*([{}])|\\(begin|end)\b", text):
        depth += 1 if sign[0] == "{" or sign[1] == "begin" else -1 if depth else 0
        deepest = max(deepest, depth)
    return deepest


def _check_depth(path: Path, deep: int, what: str) -> None:
    """Refuse braces or macros in each other without bound. Raises `Unreadable`."""
    if deep > DEEPEST:
        remedy = "close braces that are open, or give the table alone"
        raise beyond(path, f"has {deep:,} nested {what}", f"{DEEPEST}", remedy)


def _parsed(text: str, page: Page) -> Nodes:
    """The nodes of a text; every token that the parser reads is counted, also those that it reads again."""
    walker = walking.LatexWalker(text, latex_context=_context(), tolerant_parsing=True)
    read = walker.get_token

    def counted(at: int, *args: Any, **options: Any) -> Any:
        page.work.take(1, "brackets [ that are not closed", "close them, or give the table alone")
        return read(at, *args, **options)

    walker.get_token = counted
    nodes: Nodes = walker.get_latex_nodes()[0]
    return nodes


def _definitions(text: str) -> tuple[dict[str, str], set[str], str]:
    """Macros without arguments by what they stand for, those that raise their argument, and the text without them."""
    macros: dict[str, str] = {}
    raising: set[str] = set()
    kept = []
    at = 0
    while found := _DEFINITION.search(text, at):
        end = _closing(text, found.end())
        name, body = found[1] or found[3], text[found.end() : end - 1]
        if re.search(r"\^\s*(?:\{\s*)?#1|textsuperscript\s*\{\s*#1", body):
            raising.add(name)
        elif not found[2] and not found[4] and name not in _ARGUMENTS and name not in _SILENT:
            macros[name] = body
        kept.append(text[at : found.start()])
        at = end
    return macros, raising, "".join([*kept, text[at:]])


def _closing(text: str, at: int) -> int:
    """Where the group ends whose brace stands before ``at``."""
    depth = 1
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return len(text)


def _arguments(node: Any) -> list[Any]:
    told = getattr(node, "nodeargd", None)
    return list(told.argnlist or []) if told is not None else []


def _inside(node: Any) -> Nodes:
    """The nodes of an argument or a group."""
    if node is None:
        return []
    if node.isNodeType(walking.LatexGroupNode):
        return list(node.nodelist)
    return [node]


def _last(node: Any) -> Nodes:
    """The nodes of a macro's last argument, which is what it shows."""
    arguments = [one for one in _arguments(node) if one is not None]
    return _inside(arguments[-1]) if arguments else []


def _walk(nodes: Nodes, page: Page) -> None:
    """Add tables and paragraphs in their order."""
    for node in nodes:
        if node.isNodeType(walking.LatexEnvironmentNode):
            _environment(node, page)
        elif node.isNodeType(walking.LatexCharsNode):
            first, *rest = re.split(r"\n[ \t]*\n", node.chars)
            page.words.append(Part(first))
            for one in rest:
                _close(page)
                page.words.append(Part(one))
        elif node.isNodeType(walking.LatexSpecialsNode) and node.specials_chars == "\n\n":
            _close(page)
        elif node.isNodeType(walking.LatexMacroNode) and _macro(node, page):
            continue
        elif node.isNodeType(walking.LatexGroupNode) and _holds_table(node.nodelist):
            _walk(node.nodelist, page)
        else:
            page.words += _parts([node], page)


def _macro(node: Any, page: Page) -> bool:
    """Whether a macro of running text was dealt with: one that ends a paragraph, takes in a file, or frames a table."""
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
    if name in ("floatfoot",):
        _close(page)
        page.words += _parts(_last(node), page)
        _close(page)
        return True
    return False


def _holds_table(nodes: Nodes) -> bool:
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
    """A float: its caption is the title of its tables, other words above a table go with it, those below are notes."""
    _close(page)
    inner = replace(page, flow=[], words=[], unknown=[])
    _walk(node.nodelist, inner)
    _close(inner)
    if not any(isinstance(one, Draft) for one in inner.flow):
        page.flow += inner.flow
        return
    captions = [one.text for one in inner.flow if isinstance(one, Paragraph) and one.caption]
    drafts = [one for one in inner.flow if isinstance(one, Draft)]
    above: list[str] = []
    seen = 0
    for one in inner.flow:
        if isinstance(one, Draft):
            seen += 1
            one.title = tidy(" ".join([*(c for c in captions if c not in one.title), *above, one.title]))
            above = []
        elif not one.caption:
            if seen < len(drafts):
                above.append(one.text)
            else:
                for draft in drafts:
                    draft.notes.append(one.text)
    page.flow += drafts


def _close(page: Page, *, heading: bool = False, caption: bool = False) -> None:
    """End the paragraph that is open."""
    said = tidy(" ".join(line.text + line.raised for line in lines_of(page.words)))
    page.words.clear()
    if said:
        page.flow.append(Paragraph(said, heading, caption))


def _parts(nodes: Iterable[Any], page: Page, raised: bool = False) -> list[Part]:
    """What nodes show, in pieces raised or not."""
    made: list[Part] = []
    raise_next = False
    for node in nodes:
        if node is None:
            continue
        up, raise_next = raised or raise_next, False
        if node.isNodeType(walking.LatexCharsNode):
            pieces = re.split(r"(\^[^\s{\\]?|_)", re.sub(r"\s+", " ", node.chars))
            for k, one in enumerate(pieces):
                if k % 2 and one.startswith("^"):
                    made += [Part(one[1:], True)] if len(one) > 1 else []
                    raise_next = len(one) == 1
                elif not (k % 2):
                    made.append(Part(one, up))
                    raise_next = raise_next and not one
                elif one == "_" and not getattr(node.parsing_state, "in_math_mode", False):
                    made.append(Part(one, up))
                up = raised
        elif node.isNodeType(walking.LatexGroupNode) or node.isNodeType(walking.LatexMathNode):
            made += _parts(node.nodelist, page, up)
        elif node.isNodeType(walking.LatexMacroNode):
            made += _of_macro(node, page, up)
        elif node.isNodeType(walking.LatexEnvironmentNode):
            made += _of_environment(node, page, up)
        elif node.isNodeType(walking.LatexSpecialsNode):
            made.append(
                Part(" " if node.specials_chars in ("~", "&", "\n\n") else _TO_TEXT.nodelist_to_text([node]), up)
            )
    return made


def _of_environment(node: Any, page: Page, raised: bool) -> list[Part]:
    if node.environmentname in _SKIPPED:
        return []
    return _parts(node.nodelist, page, raised)


def _of_macro(node: Any, page: Page, raised: bool) -> list[Part]:
    """What a macro shows."""
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
    page.work.take(MACRO_WORK + len(body), what, "write what they stand for in its place, or give the table alone")
    deep = page.deep + 1 + _deepest(body)
    _check_depth(page.path, deep, f"macros and braces, from \\{(*page.open, name)[0]} on")
    if body not in page.bodies:
        page.bodies[body] = _parsed(body, page)
    inner = replace(page, open=(*page.open, name), deep=deep, flow=[], words=[])
    return _parts(page.bodies[body], inner, raised)


@dataclass
class Rows:
    """Rows of a table with the rules above them; ``parts``: those of a longtable that ended at a mark (``endhead``)."""

    rows: list[list[Piece]] = field(default_factory=list)
    ruled: set[int] = field(default_factory=set)
    parts: dict[str, tuple[list[list[Piece]], set[int]]] = field(default_factory=dict)


def _table(node: Any, page: Page) -> Draft:
    """The rows of a tabular; of a longtable those of the first head, the body and the last foot."""
    draft = Draft()
    found = Rows()
    for cells in _rows(node.nodelist):
        _strip(cells, draft, page, found)
        made = [_cell(cell, page) for cell in cells]
        if any(one.lines or one.width > 1 for one in made) or len(made) > 1:
            at = page.line(max(_position(cells), node.pos))
            found.rows.append(
                [one._replace(place=f"{page.where}line {at}, column {j}") for j, one in enumerate(made, start=1)]
            )
    nothing: tuple[list[list[Piece]], set[int]] = ([], set())
    head, head_ruled = found.parts.get("endfirsthead", found.parts.get("endhead", nothing))
    foot, _ = found.parts.get("endlastfoot", found.parts.get("endfoot", nothing))
    draft.rows = _without_covered([*head, *found.rows, *foot])
    draft.ruled |= head_ruled | {r + len(head) for r in found.ruled}
    draft.head = len(head)
    _tabularray(node, draft, page)
    return draft


def _position(cells: Sequence[Nodes]) -> int:
    """Where the first thing of a row that shows something stands in the file."""
    for cell in cells:
        for node in cell:
            if not (node.isNodeType(walking.LatexCharsNode) and not node.chars.strip()):
                lead = len(node.chars) - len(node.chars.lstrip()) if node.isNodeType(walking.LatexCharsNode) else 0
                return int(node.pos) + lead
    return 0


def _rows(nodes: Nodes) -> list[list[list[Any]]]:
    """Cells of nodes, by rows."""
    rows: list[list[list[Any]]] = [[[]]]
    for node in nodes:
        if node.isNodeType(walking.LatexSpecialsNode) and node.specials_chars == "&":
            rows[-1].append([])
        elif node.isNodeType(walking.LatexMacroNode) and node.macroname in _BREAKS:
            rows.append([[]])
        elif not node.isNodeType(walking.LatexCommentNode):
            rows[-1][-1].append(node)
    return rows


def _strip(cells: list[list[Any]], draft: Draft, page: Page, found: Rows) -> None:
    """Take rules, captions and marks of a longtable from the first cell of a row; a mark ends the rows before it."""
    kept: list[Any] = []
    partial = False
    first = cells[0][0] if cells[0] else None
    if first is not None and first.isNodeType(walking.LatexCharsNode):  # a distance that belongs to the row above
        first.chars = _DISTANCE.sub("", first.chars)
    for node in cells[0]:
        name = node.macroname if node.isNodeType(walking.LatexMacroNode) else ""
        if name in _RULES:
            found.ruled.add(len(found.rows))
        elif name in _ROW_MACROS:
            partial = name == "cmidrule"
        elif name in ("caption", "captionof"):
            draft.title = draft.title or tidy("".join(p.text for p in _parts(_last(node), page)))
        elif name in _HEADS:
            found.parts[name] = found.rows, found.ruled
            found.rows, found.ruled = [], set()
        elif partial and node.isNodeType(walking.LatexGroupNode):
            partial = False
        elif not (partial and node.isNodeType(walking.LatexCharsNode) and _TRIM.fullmatch(node.chars.strip())):
            kept.append(node)
    cells[0] = kept


def _cell(nodes: Nodes, page: Page) -> Piece:
    """A cell with what it spans."""
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
    if not lines and page.unknown:  # a number that a macro of another file stands for, perhaps
        lines = (Line(f"\\{page.unknown[0]}"),)
    return Piece(lines, width, height)


def _count(node: Any, k: int, page: Page) -> int:
    """The number that the k-th argument of a macro is; 1 where it is none."""
    told = [*_arguments(node), None, None][k]
    text = tidy("".join(part.text for part in _parts(_inside(told), page)))
    return min(int(text), 1000) if re.fullmatch(r"[1-9][0-9]{0,5}", text) else 1


def _without_covered(rows: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """Rows without the empty cells that LaTeX wants below a cell that reaches down, which ends above another text."""
    made = [list(row) for row in rows]
    for i, row in enumerate(made):
        column = 0
        for k, one in enumerate(row):
            if one.height > 1:
                row[k] = one._replace(height=_free(made, i, column, one))
            column += one.width
    covered: dict[int, int] = {}
    for i, row in enumerate(made):
        column, kept = 0, []
        for one in row:
            if covered.get(column, -1) >= i and not one.lines:
                column += one.width
                continue
            if one.height > 1:
                covered |= {column + k: i + one.height - 1 for k in range(one.width)}
            kept.append(one)
            column += one.width
        made[i] = kept
    return made


def _free(rows: Sequence[Sequence[Piece]], at: int, column: int, one: Piece) -> int:
    """How many rows a cell may reach down: over empty cells alone."""
    for down in range(1, one.height):
        if at + down >= len(rows):
            return down
        place = 0
        for other in rows[at + down]:
            if place == column and other.lines:
                return down
            place += other.width
    return one.height


def _tabularray(node: Any, draft: Draft, page: Page) -> None:
    """Caption, notes and spans that a tabularray table says in its options."""
    if not node.environmentname.endswith("tblr"):
        return
    outer, inner = (one.latex_verbatim() if one is not None else "" for one in [*_arguments(node), None, None][:2])
    for found in re.finditer(r"\b(caption|note\{[^}]{0,200}\}|remark\{[^}]{0,200}\})\s*=\s*\{", outer):
        body = outer[found.end() : _closing(outer, found.end()) - 1]
        said = tidy("".join(part.text for part in _parts(_parsed(body, page), page)))
        if found[1] == "caption":
            draft.title = draft.title or said
        elif said:
            draft.notes.append(said)
    for row, column, options in re.findall(r"\bcell\{(\d+)\}\{(\d+)\}\s*=\s*\{([^}]{0,1000})\}", inner):
        wide = re.search(r"\bc\s*=\s*(\d+)", options)
        i, j = int(row) - 1, int(column) - 1
        if wide and i < len(draft.rows) and j < len(draft.rows[i]):
            across = min(int(wide[1]), len(draft.rows[i]) - j)
            line = draft.rows[i]
            draft.rows[i] = [*line[:j], line[j]._replace(width=across), *line[j + across :]]
