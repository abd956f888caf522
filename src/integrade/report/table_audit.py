"""Show findings on printed tables as one page.

The cells of each table are coloured by their role; next to the table are the findings about its cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from plainwords.escaping import for_html
from tablecheck.findings import GRADES, Finding, Review
from tablecheck.printed import PublishedTable

_STYLE = """
:root{color-scheme:light dark;--ink:#1d1d1f;--paper:#fff;--soft:#f4f4f2;--line:#d4d4d0;--bad:#b3261e;--warn:#8a5a00;
--calm:#4a5568;--b:#dbeafe;--e:#e9d8fd;--s:#d9f2e3;--h:#ececea;--n:#fde7e9}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--paper:#17181a;--soft:#222427;--line:#3b3e43;--bad:#ff8a80;
--warn:#f2c46d;--calm:#a9b4c2;--b:#1e3a5f;--e:#43305f;--s:#1f4733;--h:#2b2d30;--n:#5a2a2f}}
body{font:16px/1.5 Georgia,'Times New Roman',serif;color:var(--ink);background:var(--paper);margin:2rem auto;
max-width:80rem;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}td{padding:.2rem .5rem;white-space:nowrap}
.coefficient{background:var(--b)}.error{background:var(--e)}.statistic{background:var(--s)}.heading,.label{background:var(--h)}
.unread{background:var(--n)}td.contradiction{outline:2px solid var(--bad)}td.doubt{outline:2px dashed var(--warn)}
li{margin:.7rem 0}.grade{font-variant:small-caps;font-weight:bold}.contradiction>.grade{color:var(--bad)}
.doubt>.grade{color:var(--warn)}.note>.grade{color:var(--calm)}.more{color:var(--calm);font-size:.9rem;display:block}
.legend span{display:inline-block;padding:.1rem .5rem;margin:0 .5rem .3rem 0}td[colspan]{text-align:center}
.first li{margin:.3rem 0}a{color:inherit}:target{outline:3px solid var(--bad)}
""".replace("\n", "")
_KINDS = (
    ("coefficient", "coefficients"),
    ("error", "standard errors, t, p, intervals"),
    ("statistic", "statistics of a column"),
    ("heading", "headings and labels"),
    ("unread", "not read"),
)


def table_audit_page(review: Review) -> str:
    """Return a self-contained HTML page without scripts; every finding links to the cells that it rests on."""
    looked = ", ".join(f"{n:,} {name}" for name, n in review.checked.items())
    legend = "".join(f'<span class="{kind}">{words}</span>' for kind, words in _KINDS)
    parts = "".join(
        _section(n, t, [f for f in review.findings if f.table == t.name]) for n, t in enumerate(review.tables, 1)
    )
    numbers = {t.grid.file: f"#t{n}" for n, t in reversed(list(enumerate(review.tables, 1)))}
    return _page(
        f"<p>{_counted(review)}. Looked at: {looked}.</p>{_GRADES_MEAN}{_documents(review, numbers)}{_first(review)}"
        f'<p class="legend">{legend}</p>{parts}{_of_several(review)}{_not_read(review)}'
    )


def table_audit_pages(review: Review) -> dict[str, str]:
    """Return the pages of a folder by file name: ``index.html`` with a verdict per document, and one page for each.

    Findings that belong to no single document, and what was not read, are on the index.
    """
    files = list(dict.fromkeys(t.grid.file for t in review.tables))
    names = {file: _file_of_page(n, file) for n, file in enumerate(files, 1)}
    looked = ", ".join(f"{n:,} {name}" for name, n in review.checked.items())
    index = _page(
        f"<p>{_counted(review)} in {len(files)} documents. Looked at: {looked}.</p>{_GRADES_MEAN}"
        f"{_documents(review, names)}{_of_several(review)}{_not_read(review)}"
    )
    return {"index.html": index} | {name: _page_of_document(review, file) for file, name in names.items()}


def _file_of_page(number: int, document: str) -> str:
    """Return the file name of a document's page; the number keeps names apart that differ only in other characters."""
    letters = re.sub(r"[^A-Za-z0-9]+", "-", document).strip("-")
    return f"{number:03}-{letters[-60:]}.html"


def _page_of_document(review: Review, file: str) -> str:
    """Return the page of one document: its tables and their findings."""
    tables = [t for t in review.tables if t.grid.file == file]
    names = {t.name for t in tables}
    findings = tuple(f for f in review.findings if f.table in names)
    coefficients = sum(len(c.estimates) for t in tables for c in t.columns)
    own = replace(
        review,
        findings=findings,
        tables=tuple(tables),
        checked={"tables": len(tables), "coefficients": coefficients},
        lost=tuple(why for why in review.lost if why.startswith(f"{file}: ")),
        missed=tuple(why for why in review.missed if why.startswith(f"{file}: ")),
    )
    return table_audit_page(own).replace("<main>", '<main><p><a href="index.html">all documents</a></p>', 1)


_GRADES_MEAN = (
    "<p>A contradiction follows from the printed digits: no values that round to them satisfy the "
    "identity. A doubt depends on something that the table does not state, or concerns a claim that its numbers do "
    "not support.</p>"
)


def _page(content: str) -> str:
    """Return a page with the style, a policy against anything from elsewhere, and a heading."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Audit of printed tables</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style></head><body><main>'
        f"<h1>Audit of printed tables</h1>{content}</main></body></html>"
    )


def _counted(review: Review) -> str:
    """Return the number of findings of each grade in words."""
    counts = {g: sum(f.grade == g for f in review.findings) for g in GRADES}
    return ", ".join(f"{n} {g}{'' if n == 1 else 's'}" for g, n in counts.items())


def _of_several(review: Review) -> str:
    """Return the findings that belong to no single table."""
    names = {t.name for t in review.tables}
    apart = [f for grade in GRADES for f in review.findings if f.table not in names and f.grade == grade]
    others = "".join(_finding(0, f, {}) for f in apart)
    return f'<section id="t0"><h2>Of several tables or the text</h2><ol>{others}</ol></section>' if others else ""


def _not_read(review: Review) -> str:
    return "".join(f"<p>Not read: {for_html(why)}</p>" for why in (*review.lost, *review.missed))


def _documents(review: Review, links: Mapping[str, str]) -> str:
    """Return a table with the verdict on each document and a link to it, if there are several."""
    verdicts = review.verdicts()
    if len(verdicts) < 2:
        return ""
    rows = "".join(
        f'<tr><td><a href="{for_html(links[v.file])}">{for_html(v.file)}</a></td>'
        + "".join(f"<td>{n:,}</td>" for n in v[1:])
        + "</tr>"
        for v in verdicts
    )
    heads = ("document", "tables", "not read", "coefficients", "contradictions", "doubts")
    head = "".join(f"<th>{h}</th>" for h in heads)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


LISTED = 30
"""Maximum number of contradictions and doubts listed before the tables."""


def _first(review: Review) -> str:
    """Return the list that precedes the tables: contradictions, then doubts, each with a link to its table."""
    numbers = {t.name: n for n, t in enumerate(review.tables, 1)}
    findings = [f for grade in GRADES[:2] for f in review.findings if f.grade == grade]
    rows = [
        f'<li class="{f.grade}"><span class="grade">{f.grade}</span> <a href="#t{numbers.get(f.table, 0)}">'
        f"{for_html(f.table)}</a>{for_html(f', {f.where}' if f.where else '')} ({for_html(f.check)})</li>"
        for f in findings[:LISTED]
    ]
    more = f"<li>and {len(findings) - LISTED:,} more</li>" if len(findings) > LISTED else ""
    return f'<ul class="first">{"".join(rows)}{more}</ul>' if rows else ""


def _section(number: int, table: PublishedTable, findings: Sequence[Finding]) -> str:
    at = {table.place(i, j): (i, j) for i, row in enumerate(table.grid.rows) for j, cell in enumerate(row) if cell.text}
    marked: dict[tuple[int, int], str] = {}
    for finding in sorted(findings, key=lambda f: GRADES.index(f.grade), reverse=True):
        if finding.grade != "note":
            marked |= {at[place]: finding.grade for place in finding.cells if place in at}
    title = f"{table.name}: {table.grid.title}" if table.grid.title else table.name
    doubts = "".join(f"<p>Doubt about the reading: {for_html(d)}</p>" for d in table.doubts)
    unread = "" if table.is_understood else "<p>This table is of no kind that can be checked.</p>"
    notes = "".join(f"<p><small>{for_html(n)}</small></p>" for n in table.grid.notes)
    listed = "".join(_finding(number, f, at) for grade in GRADES for f in findings if f.grade == grade)
    return (
        f'<section id="t{number}"><h2>{for_html(title)}</h2>{doubts}{unread}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{for_html(title)}">'
        f"<table>{_rows(number, table, marked)}</table></div>{notes}"
        f"{f'<ol>{listed}</ol>' if listed else '<p>No finding.</p>' if table.is_understood else ''}</section>"
    )


def _rows(number: int, table: PublishedTable, marked: Mapping[tuple[int, int], str]) -> str:
    rows = []
    for i, row in enumerate(table.grid.rows):
        cells = []
        covered = 0
        for j, cell in enumerate(row):
            if covered:
                covered -= 1
                continue
            role = table.roles.get((i, j), "")
            kind = _kind(role)
            classes = " ".join(filter(None, (kind if cell.text else "", marked.get((i, j), ""))))
            named = f' id="t{number}r{i}c{j}"' if cell.text else ""
            title = f' title="{for_html(role)}"' if role else ""
            raised = f"<sup>{for_html(cell.raised)}</sup>" if cell.raised else ""
            reach = row[j + 1 : j + cell.width]  # a cell covers the empty cells within its width
            covered = next((k for k, other in enumerate(reach) if other.text or other.raised), len(reach))
            wide = f' colspan="{covered + 1}"' if covered else ""
            cells.append(f'<td class="{classes}"{wide}{named}{title}>{for_html(cell.text)}{raised}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return "".join(rows)


def _kind(role: str) -> str:
    if role.startswith(("coefficient", "standardised")):
        return "coefficient"
    if role.startswith(("standard error", "t statistic", "p-value", "interval", "number in", "lower", "upper")):
        return "error"
    if role in ("heading", "label"):
        return role
    return "unread" if role in ("not read", "words", "") or role.startswith("a statistic that") else "statistic"


def _finding(number: int, finding: Finding, at: Mapping[str, tuple[int, int]]) -> str:
    links = ", ".join(
        f'<a href="#t{number}r{at[p][0]}c{at[p][1]}">{for_html(p)}</a>' if p in at else for_html(p)
        for p in finding.cells
    )
    more = (
        ("Where", links),
        ("Arithmetic", for_html(finding.arithmetic)),
        ("What could explain it", for_html(finding.innocent)),
        ("Ask", for_html(finding.ask)),
    )
    lines = "".join(f'<span class="more">{name}: {text}</span>' for name, text in more if text)
    where = f"{for_html(finding.where)}: " if finding.where else ""
    return (
        f'<li class="{finding.grade}"><span class="grade">{finding.grade}</span> ({for_html(finding.check)}) {where}'
        f"{for_html(finding.sentence)}{lines}</li>"
    )
