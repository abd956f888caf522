"""Read the tables of a report back from each of its formats, without any of the code that wrote them."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import zipfile
import zlib
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Cells = list[list[str]]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NUMBER = re.compile(r"[-\u2212]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?\**")


class _Page(HTMLParser):
    """The body cells of every table, by the id of the box around it."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Cells] = {}
        self._name, self._body, self._cell = "", False, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("id") or ""
        if tag == "div" and name.startswith("table"):
            self._name, self.tables[name.removeprefix("table")] = name.removeprefix("table"), []
        elif tag == "tbody":
            self._body = self._name != ""  # the verdicts have no number
        elif self._body and tag == "tr":
            self.tables[self._name].append([])
        elif self._body and tag in ("td", "th"):
            self._cell = True
            self.tables[self._name][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self._body = False
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[self._name][-1][-1] += data.replace("\u2212", "-").replace("\u00a0", " ")


def of_html(path: Path) -> Mapping[str, Cells]:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page.tables


def of_word(path: Path) -> Mapping[str, Cells]:
    """Tables under the number of the caption above them, from the bare XML."""
    with zipfile.ZipFile(path) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))[0]
    found: dict[str, Cells] = {}
    number = ""
    for element in body:
        if element.tag == f"{WORD}p":
            text = "".join(t.text or "" for t in element.iter(f"{WORD}t"))
            match = re.match(r"(?:Table|表) ([A-Z]?\d+[a-z]?)", text)
            if match and element.find(f".//{WORD}pStyle[@{WORD}val='Caption']") is not None:
                number = match[1]
        elif element.tag == f"{WORD}tbl" and number:
            rows = element.findall(f"{WORD}tr")[1:]
            found[number] = [
                [
                    "".join(t.text or "" for t in cell.iter(f"{WORD}t")).replace("\u2212", "-")
                    for cell in row.findall(f"{WORD}tc")
                ]
                for row in rows
            ]
            number = ""
    return found


def of_markdown(path: Path) -> Mapping[str, Cells]:
    found: dict[str, Cells] = {}
    for part in re.split(r'<a id="table-', path.read_text(encoding="utf-8"))[1:]:
        lines = [line for line in part.splitlines() if line.startswith("|")]
        cells = [[_plain(c.strip()) for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]
        number = part[: part.index('"')]
        found[number[0].upper() + number[1:]] = cells
    return found


def _plain(text: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\u2212", "-")


LATEX = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\ensuremath{-}": "-",
    r"\ensuremath{^2}": "²",
    r"\ensuremath{\times}": "×",
    r"\hspace{0pt}": "",
}


STACKED = re.compile(r"\\begin\{tabular\}\[b\]\{@\{\}c@\{\}\}(.*?)\\end\{tabular\}")
"""A heading broken into lines."""


def of_latex(folder: Path) -> Mapping[str, Cells]:
    found = {}
    for path in folder.glob("table*.tex"):
        text = STACKED.sub(lambda m: m[1].replace(r"\\", " "), path.read_text(encoding="utf-8"))
        body = text[text.index(r"\endfoot" if r"\endfoot" in text else r"\midrule") :]
        rows = (re.sub(r"\\\\\*$", r"\\\\", line) for line in body.splitlines())  # before which no page breaks
        lines = [row.removeprefix("{}") for row in rows if row.endswith(r"\\") and r"\par" not in row]
        found[path.stem.removeprefix("table")] = [
            [_untexed(c) for c in re.split(r"(?<!\\)&", line[:-2])] for line in lines
        ]
    return found


def _untexed(text: str) -> str:
    text = re.sub(r"\\multicolumn\{\d+\}\{l\}\{\\textit\{(.*)\}\}", r"\1", text.strip())
    for code, sign in LATEX.items():
        text = text.replace(code, sign)
    text = re.sub(r"\\textit|(?<!\\)[{}]", "", text)  # what siunitx takes for text
    return re.sub(r"\\([&%$#_{}])", r"\1", text)


def of_pdf(path: Path) -> Mapping[str, list[str]]:
    """Words of the pages below each table's caption, where it goes on too, up to the next one's, line by line."""
    made = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    pieces = re.split(r"(?m)^[\f ]*(?:Table|表) ([A-Z]?\d+[a-z]?)(?:\. |　| )", made.replace("\u200b", ""))
    found: dict[str, list[str]] = {}
    for number, text in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(number, []).extend(NUMBER.findall(text))
    return found


def unpacked(block: object) -> Any:
    """What `integrade.report.self_contained.packed` packed."""
    assert isinstance(block, str)
    return json.loads(zlib.decompress(base64.b64decode(block)))
