"""Does every number of every truth stand in its files? ``python check.py`` prints those that do not.

A loose check: marks of typesetting are taken off, then each number with its stars is looked for; that it stands in the
right place is what readers of tables are tested for.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# the note of a truth says how its file is unlike others
KINDS = {".txt", ".csv", ".tsv", ".md", ".html", ".tex", ".docx", ".xlsx", ".rtf"} | (
    {".pdf"} if shutil.which("pdftotext") else set()
)


def document(path: Path) -> str:
    import docx

    body = docx.Document(str(path))
    lines = [p.text for p in body.paragraphs]
    for table in body.tables:
        lines += [" ".join(cell.text for cell in row.cells) for row in table.rows]
    return "\n".join(lines)


def workbook(path: Path) -> str:
    import openpyxl

    sheets = openpyxl.load_workbook(path, read_only=True).worksheets  # R's openxlsx writes what the other mode refuses
    for sheet in sheets:
        sheet.reset_dimensions()
    rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
    return "\n".join(" ".join("" if v is None else str(v) for v in row) for row in rows)


def page(path: Path) -> str:
    return subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout


def visible(path: Path, encoding: str) -> str:
    """The text of a file without typesetting and blanks."""
    if path.suffix == ".pdf":
        text = page(path).replace("\u2217", "*")
    elif path.suffix == ".docx":
        text = document(path)
    elif path.suffix == ".xlsx":
        text = workbook(path)
    else:
        text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    if path.suffix in {".html", ".md"}:
        text = html.unescape(re.sub(r"<(?!\s|\d)[^<>]*>", " ", text))
        text = text.replace("\\*", "*")
    if path.suffix == ".tex":
        text = re.sub(r"\\num\{([^{}]*)\}", r"\1", text)
        text = re.sub(r"\\(sym|tnote|textsuperscript|makecell|makebox)\b", "", text)
        text = text.replace("\\_", "_").replace("\\%", "%").replace("\\ast", "*").replace("\\times", "×")
        text = re.sub(r"\[-?[\d.]+ex\]|\\[;,!]", "", text)
        text = re.sub(r"[${}^\\&~]", " ", text)
    if path.suffix == ".rtf":
        text = re.sub(r"\\[a-z]+-?\d*|[{}]", "", text)
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2013", "-")
    return re.sub(r"[\s\u2009\u00a0\u202f]+", " ", text)


def pattern(number: str, marked: bool) -> str:
    """A number as it may stand in a text: blanks anywhere but between digits; no further star where stars may stand."""
    bare = number.rstrip("*+.") if marked else number
    parts = re.findall(r"[\d.,]+|\S", bare)
    if bare != number:
        tail = r"(?: ?\([^()]*\)| ?\[[^][]*\])? ?" + " ?".join(re.escape(p) for p in number[len(bare) :])
        return r"(?<![\d.])" + " ?".join(re.escape(p) for p in parts) + tail + r"(?! ?\*)"
    return r"(?<![\d.])" + " ?".join(re.escape(p) for p in parts) + (r"(?![\d]| ?\*)" if marked else r"(?!\d)")


def numbers(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Each printed number of a truth with where it stands in it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            skipped = {
                "unrounded",
                "levels",
                "levels_used",
                "brackets",
                "stated",
                "fits",
                "marks",
                "layout",
                "kind",
                "note",
            }
            if key not in skipped | {
                "from",
                "text",
                "name",
                "outcome",
                "label",
                "group",
                "title",
                "encoding",
                "panel",
                "variables",
            }:
                yield from numbers(inner, f"{at}/{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from numbers(inner, f"{at}/{i}")
    elif isinstance(value, str) and re.search(r"\d", value):
        yield at, value
    elif isinstance(value, int) and at.endswith("nobs"):
        yield at, str(value)


def missing(path: Path) -> list[str]:
    """The numbers of its truth that do not stand in ``path``."""
    truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    text = visible(path, truth.get("encoding", "utf-8"))
    short = text.replace(",", "")
    wanted: Counter[tuple[str, bool]] = Counter()
    for at, number in numbers(truth):
        wanted[plainer(number, path, truth.get("note", "")), at.endswith("/b")] += 1
    out = []
    for (number, marked), count in wanted.items():
        found = max(len(re.findall(pattern(number, marked), t)) for t in (text, short))
        if found < count:
            out.append(f"{number}: {count} wanted, {found} found")
    return out


def plainer(number: str, path: Path, note: str) -> str:
    """A number as `visible` leaves it."""
    if path.suffix == ".tex":
        return number.strip("{}")
    if note.startswith("stars stand before"):
        return re.sub(r"^(.*?)(\*+)$", r"\2\1", number)
    if note.startswith("numbers with stars") and "." in number:
        return re.sub(r"\.?0+$", "", number.strip("()*"))
    return number


def main() -> int:
    count = bad = 0
    for path in sorted(HERE.glob("*/*")):
        if path.suffix in KINDS:
            count += 1
            lost = missing(path) if path.with_suffix(".json").exists() else ["no truth"]
            if lost:
                bad += 1
                print(path.relative_to(HERE), len(lost), lost[:4])
    print(count, "files,", bad, "with numbers that were not found")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
