"""The same tables on pages (PDF with text), and whole papers with several of them between sentences.

``python pages.py`` after the other makers; needs pdflatex, Chromium and LibreOffice. ``pdf/NAME.json`` is the truth of
the file named in it as ``from``; that of a paper has the ``tables`` in their order and sentences of its ``text``.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PREAMBLE = r"""\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage{booktabs,threeparttable,dcolumn,graphicx,longtable,makecell,tabularx,array,amsmath,amssymb}
\usepackage[margin=2.2cm]{geometry}
\pdfinfoomitdate=1
\pdftrailerid{}
\providecommand{\sym}[1]{\ifmmode^{#1}\else\(^{#1}\)\fi}
"""
LATEX = {
    "texreg_default": ("texreg/default.tex", ""),
    "texreg_dcolumn": ("texreg/dcolumn.tex", ""),
    "stargazer_default": ("stargazer/default.tex", ""),
    "stargazer_aer": ("stargazer/style_aer.tex", ""),
    "esttab_t": ("stata/esttab.tex", ""),
    "esttab_se": ("stata/esttab_se.tex", ""),
    "fixest_default": ("fixest/default.tex", ""),
    "fixest_labelled": ("fixest/labelled.tex", ""),
    "pyfixest": ("pyfixest/etable.tex", ""),
    "journal_main": ("journal/main.tex", ""),
    "journal_panels": ("journal/panels.tex", ""),
    "journal_letters": ("journal/letters.tex", ""),
    "two_pages": ("journal/longtable.tex", r"\vspace*{17cm}"),
    "correlations": ("journal/correlations.tex", ""),
    "described": ("journal/described.tex", ""),
}
BROWSER = {
    "browser_modelsummary": "modelsummary/stars.html",
    "browser_journal": "journal/main.html",
    "browser_summary_col": "statsmodels/summary_col.html",
}
OFFICE = {
    "office_journal": "journal/main.docx",
    "office_chinese": "chinese/main.docx",
    "office_asdoc": "stata/asdoc.docx",
    "office_merged": "gtsummary/merged.docx",
}
BEFORE = [
    "We ask whether firms export more when their market is integrated with others.",
    "Table 1 describes the variables; the panel has 100 firms and six years, of which 18 observations lack leverage.",
]
BETWEEN = [
    "Integration and exports go together (Table 2): the correlation is 0.306 and significant at the 1% level.",
    "The estimates in Table 3 follow an inverted U: the coefficient of market integration is 2.551 in column (2) and "
    "that of its square -1.026, both significant at the 1% level.",
]
AFTER = ["With firm and year effects leverage is no longer significant (column 3)."]


def truth_of(source: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / source).with_suffix(".json").read_text(encoding="utf-8"))
    return found


def keep_page(folder: str, name: str, made: Path, truth: dict[str, Any]) -> None:
    (HERE / folder).mkdir(exist_ok=True)
    shutil.copyfile(made, HERE / folder / name)
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (HERE / folder / name).with_suffix(".json").write_text(text, encoding="utf-8")


def run(command: Sequence[str], where: str) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def body_of(source: str) -> str:
    text = (HERE / source).read_text(encoding="utf-8")
    if source.startswith("pyfixest"):
        text = re.sub(r"(?<=[a-z])_(?=[a-z])", r"\\_", text)
    return text


def latex(text: str, where: str, engine: str = "pdflatex") -> Path:
    (Path(where) / "page.tex").write_text(text, encoding="utf-8")
    for _ in range(2):
        run([engine, "-interaction=nonstopmode", "-halt-on-error", "page.tex"], where)
    return Path(where) / "page.pdf"


def pages() -> None:
    for name, (source, first) in LATEX.items():
        with tempfile.TemporaryDirectory() as where:
            text = "\\documentclass{article}\n" + PREAMBLE + "\\begin{document}\n" + first + "\n"
            made = latex(text + body_of(source) + "\\end{document}\n", where)
            keep_page("pdf", f"{name}.pdf", made, {**truth_of(source), "from": source})
    for name, source in BROWSER.items():
        with tempfile.TemporaryDirectory() as where:
            made = Path(where) / "page.pdf"
            flags = [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-pdf-header-footer",
                f"--user-data-dir={where}/u",
            ]
            run(["chromium", *flags, f"--print-to-pdf={made}", (HERE / source).as_uri()], where)
            keep_page("pdf", f"{name}.pdf", made, {**truth_of(source), "from": source})
    for name, source in OFFICE.items():
        with tempfile.TemporaryDirectory() as where:
            office(HERE / source, where)
            keep_page(
                "pdf", f"{name}.pdf", Path(where) / (Path(source).stem + ".pdf"), {**truth_of(source), "from": source}
            )


def office(source: Path, where: str) -> None:
    profile = f"-env:UserInstallation=file://{where}/profile"
    run(["libreoffice", profile, "--headless", "--convert-to", "pdf", "--outdir", where, str(source)], where)


TABLES = ["journal/described", "journal/correlations", "journal/main"]


def papers() -> None:
    """One paper in LaTeX (one column and two), Word and HTML."""
    truth = {
        "kind": "document",
        "tables": [{**truth_of(f"{t}.json"), "from": t} for t in TABLES],
        "text": [*BEFORE, *BETWEEN, *AFTER],
    }
    parts = [(HERE / f"{t}.tex").read_text(encoding="utf-8") for t in TABLES]
    parts = [re.sub(r"\\label\{tab:main\}", rf"\\label{{tab:{i}}}", p) for i, p in enumerate(parts)]
    words = [" ".join(p).replace("%", "\\%").replace("-1.026", "$-1.026$") for p in (BEFORE, BETWEEN, AFTER)]
    prose = [words[0], parts[0], words[1], parts[1], parts[2], words[2]]
    for stem, options, tall in (("paper", "11pt", False), ("two_columns", "10pt,twocolumn", True)):
        body = [re.sub(r"\{table\}(\[htbp\])?", lambda m: "{table*}" + (m[1] or ""), p) if tall else p for p in prose]
        filler = "\n\n".join(
            ["Nothing else is claimed here; these lines only fill the page beside the tables. " * 6] * 6
        )
        text = (
            f"\\documentclass[{options}]{{article}}\n{PREAMBLE}\\title{{Integration and exports}}\\author{{A. Author}}"
            "\\date{}\n\\begin{document}\n\\maketitle\n\\section{Introduction}\n"
            + "\n\n".join([body[0], body[1], body[2], filler if tall else "", *body[3:]])
            + "\n\\end{document}\n"
        )
        with tempfile.TemporaryDirectory() as where:
            made = latex(text, where)
            keep_page("documents", f"{stem}.pdf", made, truth)
            if not tall:
                keep_page("documents", f"{stem}.tex", made.with_suffix(".tex"), truth)
    paper_docx(truth)
    tables = [re.search(r"<table>.*?</table>", html_of(t), re.S) for t in TABLES]
    shown = [m[0] if m else "" for m in tables]
    blocks = [*BEFORE, shown[0], BETWEEN[0], shown[1], BETWEEN[1], shown[2], *AFTER]
    page = "\n".join(b if b.startswith("<table") else f"<p>{b}</p>" for b in blocks)
    with tempfile.TemporaryDirectory() as where:
        made = Path(where) / "paper.html"
        made.write_text(
            f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n{page}\n</body></html>\n', "utf-8"
        )
        keep_page("documents", "paper.html", made, truth)


def html_of(table: str) -> str:
    source = HERE / f"{table}.html"
    if source.exists():
        return source.read_text(encoding="utf-8")
    rows = [r.split(",") for r in (HERE / f"{table}.csv").read_text(encoding="utf-8").splitlines()]
    note = rows[-1]
    body = "\n".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in rows[1:-1])
    text = ",".join(note).rstrip(",").strip('"')
    return (
        f"<table>\n<caption>{rows[0][0]}</caption>\n{body}\n<tr><td colspan={len(rows[1])}>{text}</td></tr>\n</table>"
    )


def paper_docx(truth: dict[str, Any]) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Integration and exports", 0)
    for sentences, table in ((BEFORE, 0), (BETWEEN, 1), ([], 2)):
        document.add_paragraph(" ".join(sentences)) if sentences else None
        for element in docx.Document(str(HERE / f"{TABLES[table]}.docx")).element.body.iterchildren():
            if not element.tag.endswith("sectPr"):
                document.element.body.insert(len(document.element.body) - 1, copy.deepcopy(element))
    document.add_paragraph(AFTER[0])
    with tempfile.TemporaryDirectory() as where:
        made = Path(where) / "paper.docx"
        document.save(str(made))
        keep_page("documents", "paper.docx", made, truth)


if __name__ == "__main__":
    pages()
    papers()
