"""The manual as a site: pages of docs/, reference pages from the program, executed guides; ``make docs`` builds it.

``staged`` is the whole source of the site as text, so that tests can look at it without sphinx. ``build`` writes it to
a folder with the pictures and calls sphinx, which fails on any warning; nothing is fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import blocks
import reference
from explained import slug

HERE = Path(__file__).parent
ROOT = HERE.parent
SITE = HERE / "_site"
FRONT = {"README.md": "index.md", "README.zh.md": "zh/readme.md", "CHANGELOG.md": "project/changelog.md"}
"""Pages of the repository's first folder, and where they stand on the site."""
EXECUTED = ("tutorial.md", "gallery.md", "guides/", "phrasebooks/", "zh/tutorial.md")
"""Pages whose blocks are run when the site is built."""
UNSEARCHED = ("project/", "zh/")
"""Pages that the search leaves out: the history of the program, and Chinese, which the search cannot split."""
CHILDREN = {
    "python.md": ("reference/python/main", "reference/python/*"),
    "methods/index.md": ("relative_price", "other_measures", "quality", "data", "econometrics", "others"),
}
"""Pages with others below them in the menu, which opens there."""
README_HERE = "<!-- the README -->"
"""The line of docs/index.md that is replaced by the first screen of the README: picture, install line, code."""
README_PART = re.compile(r"^integrade measures.*?(?=^## )", re.MULTILINE | re.DOTALL)
MATH = ("methods/", "explanation/", "phrasebooks/")
"""Pages with formulas between dollars; elsewhere a dollar is a dollar."""
RECORDS = (
    *("certification.md", "performance.md", "performance_notes.md", "table_audit_figures.md", "architecture.md"),
    *("basis.md", "quality_methods.md", "quality_parameters.md", "reliability.md", "paper.md", "writing.md"),
    *("scale.md", "break_dates.md"),
    "decisions/",
)
"""Files of docs/ that are no pages: records of measurements, decisions, what developers need. Pages link the file."""
ROOT_RECORDS = ("CONTRIBUTING.md", "SECURITY.md")
"""Such files of the repository's first folder."""
CITATION = re.compile(r"METHODS ((?:\d+(?:\.\d+)?[a-z]?)(?:(?:,| and) \d+\.\d+[a-z]?)*)")
NUMBER = re.compile(r"\d+(?:\.\d+)?[a-z]?")
LINK = re.compile(r"`[^`\n]+`|(?P<picture>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
"""Code, which holds no links, or a link."""
FENCED = re.compile(r"^(`{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(rf"{FENCED.pattern}|\$\$.*?\$\$|\$[^$\n]+\$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,4} (.*)$", re.MULTILINE)


def sections() -> dict[str, str]:
    """Number of a section of the methods -> where it stands, as ``methods/quality.md#32-demand-model``."""
    found = {}
    for path in sorted((HERE / "methods").glob("*.md")):
        for title in HEADING.findall(_prose(path.read_text(encoding="utf-8"), "")):
            number = NUMBER.match(title)
            if number:
                found[number[0]] = f"methods/{path.name}#{slug(title)}"
    return found


def cited(text: str) -> list[str]:
    """Every number of a section that a text cites."""
    return [n for one in CITATION.findall(text) for n in NUMBER.findall(one)]


def staged() -> dict[str, str]:
    """Path on the site -> Markdown of every page, links and citations resolved; blocks not yet executed."""
    held = {path.relative_to(HERE).as_posix(): path.read_text(encoding="utf-8") for path in sorted(HERE.rglob("*.md"))}
    held = {name: text for name, text in held.items() if not name.startswith("_") and not name.startswith(RECORDS)}
    made = {f"reference/{name}": text for name, text in reference.pages().items()}
    pages = {name: (f"docs/{name}", text) for name, text in held.items()}
    pages |= {name: (f"docs/{name}", text) for name, text in made.items()}
    pages |= {at: (name, _front(name)) for name, at in FRONT.items() if at not in pages and (ROOT / name).exists()}
    known = set(pages)
    numbers = sections()
    made = {name: page(name, source, text, known, numbers) for name, (source, text) in pages.items()}
    first = README_PART.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert first, "README.md does not begin with what integrade measures"
    made["index.md"] = made["index.md"].replace(README_HERE, page("index.md", "README.md", first[0], known, numbers))
    for name, below in CHILDREN.items():
        made[name] += "\n```{toctree}\n:hidden:\n:glob:\n\n" + "\n".join(below) + "\n```\n"
    for name, text in entered(made, tomllib.loads((HERE / "terms.toml").read_text(encoding="utf-8")), numbers).items():
        made[name] = text
    return {n: f"---\nnosearch: true\n---\n\n{t}" if n.startswith(UNSEARCHED) else t for n, t in made.items()}


def _front(name: str) -> str:
    """A page of the first folder; of the changelog the main changes of the newest version, which it has in bold."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if name != "CHANGELOG.md":
        return text
    newest = re.split(r"^## ", text, flags=re.MULTILINE)[1]
    version, _, entries = newest.partition("\n")
    changed = re.search(r"^### Changed\n(.*?)(?=^###|\Z)", entries, flags=re.MULTILINE | re.DOTALL)
    main = re.findall(r"^- \*\*.*$", changed[1], re.MULTILINE) if changed else []
    return f"# Changelog\n\n{CHANGES}\n## {version}\n\n" + ("\n".join(main) + "\n" if main else entries)


CHANGES = """The main changes of the newest version for those who used an earlier one. CHANGELOG.md in the repository
has all changes of all versions.
"""


def entered(pages: dict[str, str], terms: dict[str, list[str]], numbers: dict[str, str]) -> dict[str, str]:
    """Put entries of the index above the heading of each page or section of ``terms``; the pages that change."""
    changed: dict[str, str] = {}
    for place, words in terms.items():
        at = numbers[place.removeprefix("METHODS ")] if " " in place else place
        name, _, anchor = at.partition("#")
        text = changed.get(name, pages[name])
        heading = next(m for m in HEADING.finditer(text) if not anchor or slug(m[1]) == anchor)
        entry = f"```{{index}} {', '.join(f'! {word}' for word in words)}\n```\n\n"
        changed[name] = text[: heading.start()] + entry + text[heading.start() :]
    return changed


def page(name: str, source: str, text: str, known: set[str], numbers: dict[str, str]) -> str:
    """A page of the site: links lead to pages of the site, citations to sections, dollars are dollars."""

    def linked(line: str) -> str:
        line = LINK.sub(lambda m: _link(m, name, source, known), line)
        line = CITATION.sub(lambda m: _citation(m, name, numbers), line)
        return line if name.startswith(MATH) else _outside_code(line, lambda piece: piece.replace("$", r"\$"))

    return "".join(linked(piece) if prose else piece for prose, piece in _pieces(text, name))


def _pieces(text: str, name: str) -> Iterator[tuple[bool, str]]:
    """(whether it is prose, lines) in order: fenced blocks stay as they are, and formulas where there are any."""
    at = 0
    for found in (FORMULA if name.startswith(MATH) else FENCED).finditer(text):
        yield True, text[at : found.start()]
        yield False, found[0]
        at = found.end()
    yield True, text[at:]


def _prose(text: str, name: str) -> str:
    return "".join(piece for prose, piece in _pieces(text, name) if prose)


def _outside_code(line: str, change: Callable[[str], str]) -> str:
    return "".join(p if p.startswith("`") else change(p) for p in re.split(r"(`[^`\n]*`)", line))


def _link(found: re.Match[str], name: str, source: str, known: set[str]) -> str:
    """A link as it must stand on the site; a file that is no page of it is named, not linked."""
    picture, text, target = found["picture"], found["text"], found["target"]
    if not target or re.match(r"[a-z]+:|#", target):
        return found[0]
    path, _, anchor = target.partition("#")
    place = os.path.normpath(PurePosixPath(source).parent / path)
    at = FRONT.get(place) or place.removeprefix("docs/")
    if at in known or (picture and (ROOT / place).is_file()):
        shown = os.path.relpath(at, PurePosixPath(name).parent)
        return f"{picture}[{text}]({shown}{'#' + anchor if anchor else ''})"
    if at.startswith(RECORDS) or place in ROOT_RECORDS:
        file = os.path.relpath(f"records/{at}.txt", PurePosixPath(name).parent)
        return f"{{download}}`{text.replace('`', '')} <{file}>`"
    if not (ROOT / place).exists():
        raise FileNotFoundError(f"{source} links to {target}")
    return text if place.rstrip("/") in text else f"{text} (`{place}`)"


def _citation(found: re.Match[str], name: str, numbers: dict[str, str]) -> str:
    def one(number: re.Match[str]) -> str:
        if number[0] not in numbers:
            raise KeyError(f"{name} cites METHODS {number[0]}, which is not written")
        return f"[{number[0]}]({os.path.relpath(numbers[number[0]], PurePosixPath(name).parent)})"

    return "METHODS " + NUMBER.sub(one, found[1])


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings."""
    return {slug(title) for title in HEADING.findall(_prose(text, ""))}


def dead_links(pages: dict[str, str]) -> list[str]:
    """Links of staged pages to no page, no anchor or no picture."""
    found = []
    for name, text in pages.items():
        for picture, _, target in filter(any, LINK.findall(_prose(text, name))):
            path, _, anchor = target.partition("#")
            at = os.path.normpath(PurePosixPath(name).parent / path) if path else name
            if re.match(r"[a-z]+:", target) or (picture and (HERE / at).is_file()):
                continue
            if at not in pages or (anchor and anchor not in anchors(pages[at])):
                found.append(f"{name}: {target}")
    return found


def write(folder: Path, *, run: bool = True) -> None:
    """The source of the site in a folder: pages, pictures, settings; with ``run`` guides are executed."""
    for name, text in staged().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(executed(text, path) if run and name.startswith(EXECUTED) else _unmade(text), encoding="utf-8")
    for name, path in records():
        at = folder / "records" / f"{name}.txt"
        at.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, at)
    shutil.copytree(HERE / "images", folder / "images")
    for name in ("conf.py", "search.js"):
        shutil.copy(HERE / name, folder)


def records() -> Iterator[tuple[str, Path]]:
    """Name and path of each file that pages link and that is no page."""
    for path in sorted(HERE.rglob("*.md")):
        name = path.relative_to(HERE).as_posix()
        if name.startswith(RECORDS):
            yield name, path
    for name in ROOT_RECORDS:
        yield name, ROOT / name


def executed(text: str, path: Path) -> str:
    """A page with what its blocks print and draw, pictures beside it."""
    with tempfile.TemporaryDirectory() as work:
        text = blocks.execute(text, Path(work))
        for name, _ in blocks.pictures(text):
            (found,) = Path(work).glob(name)
            shutil.copy(found, path.parent / _picture(path, name))
    return blocks.PICTURE.sub(lambda m: f"![{m[2]}]({_picture(path, m[1])})", text)


def _picture(path: Path, name: str) -> str:
    return f"{path.stem}_{PurePosixPath(name).name}"


def _unmade(text: str) -> str:
    return blocks.PICTURE.sub("", text)


def build(target: Path = SITE, *, run: bool = True) -> None:
    """The site in ``target``; any warning of sphinx is an error."""
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "source")
        write(source, run=run)
        shutil.rmtree(target, ignore_errors=True)
        call = ["-b", "html", "-W", "--keep-going", "-q", "-d", f"{work}/doctrees", str(source), str(target)]
        subprocess.run([sys.executable, "-m", "sphinx", *call], check=True)


if __name__ == "__main__":
    build(run="--unexecuted" not in sys.argv)
    print(f"wrote the manual: {SITE / 'index.html'}")
