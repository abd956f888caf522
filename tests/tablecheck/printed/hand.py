"""Tables as journals print them and as authors type them, English and Chinese, in every kind of file.

``python hand.py`` needs statsmodels, pandas with tabulate and jinja2, openpyxl and python-docx.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from scipy import stats as st
from simulated import TEN, Fit, column, data, fixed, keep, keep_fits, regressions, two, unnumbered
from stata import Printed, fits, laid, split, terms_of, tex, without_zero

Cell = tuple[str, str, int]
NOTE_SE = "Standard errors in parentheses. *, **, *** denote significance at the 10%, 5% and 1% level."
LABELS = {
    "integ": "Market integration",
    "integ_sq": "Market integration squared",
    "size": "Firm size",
    "lev": "Leverage",
    "lnexp": "Log exports",
    "Intercept": "Constant",
    "distance": "Distance",
    "reform": "Reform",
    "integ_reform": "Market integration × Reform",
}


@dataclass(frozen=True)
class Line:
    """One row of cells (text, raised text, columns covered); ``kind`` is head, panel, body, foot or note."""

    kind: str
    cells: tuple[Cell, ...]


def line(kind: str, *texts: str | tuple[str, str]) -> Line:
    return Line(kind, tuple((t, "", 1) if isinstance(t, str) else (t[0], t[1], 1) for t in texts))


def across(kind: str, text: str, width: int) -> Line:
    return Line(kind, ((text, "", width),))


def lines_of(t: Printed, corner: str = "") -> list[Line]:
    """Heads (grouped ones over several columns), bodies, foot; the notes are not in it."""
    out = []
    if t.groups:
        out.append(Line("head", (("", "", 1), *((g, "", n) for g, n in t.groups))))
    out += [line("head", corner if i == 0 else "", *head) for i, head in enumerate(t.heads)]
    for term, parts in t.body:
        if not parts:
            out.append(across("panel", term, t.width + 1))
        for i, part in enumerate(parts):
            out.append(line("body", term if i == 0 else "", *part))
    return out + [line("foot", name, *values) for name, values in t.foot]


def turned(lines: Sequence[Line], change: Callable[[str], str]) -> list[Line]:
    """Every number changed: another minus, another decimal mark, other brackets."""

    def new(text: str, i: int, kind: str) -> str:
        return change(text) if kind in {"body", "foot"} and i else text

    return [Line(x.kind, tuple((new(c[0], i, x.kind), c[1], c[2]) for i, c in enumerate(x.cells))) for x in lines]


def wide_minus(text: str) -> str:
    return text.replace("-", "\u2212")


def as_docx(lines: Sequence[Line], title: str, notes: Sequence[str], inside: bool = True, raised: bool = True) -> bytes:
    """Word: merged cells for what covers several columns; the notes in a last merged row, or below."""
    import docx

    document = docx.Document()
    add_docx(document, lines, title, notes, inside, raised)
    return saved(document)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_docx(
    document: Any, lines: Sequence[Line], title: str, notes: Sequence[str], inside: bool, raised: bool
) -> None:
    width = max(sum(c[2] for c in x.cells) for x in lines)
    if title:
        document.add_paragraph(title)
    table = document.add_table(rows=0, cols=width)
    shown = [*lines, *(across("note", n, width) for n in notes if inside)]
    for x in shown:
        cells = table.add_row().cells
        at = 0
        for text, up, span in x.cells:
            cell = cells[at] if span == 1 else cells[at].merge(cells[at + span - 1])
            paragraph = cell.paragraphs[0]
            paragraph.add_run(text + ("" if raised else up))
            if up and raised:
                paragraph.add_run(up).font.superscript = True
            at += span
    if not inside:
        for n in notes:
            document.add_paragraph(n)


def as_xlsx(lines: Sequence[Line], title: str, notes: Sequence[str], numbers: bool = False) -> bytes:
    """Excel: merged cells; with ``numbers`` the cells hold numbers, and stars and brackets are in their formats."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    width = max(sum(c[2] for c in x.cells) for x in lines)
    shown = [across("title", title, width)] if title else []
    shown += [*lines, *(across("note", n, width) for n in notes)]
    for i, x in enumerate(shown, 1):
        at = 1
        for text, up, span in x.cells:
            cell = sheet.cell(row=i, column=at)
            number_into(cell, text, up) if numbers and x.kind in {"body", "foot"} and at > 1 else text_into(
                cell, text + up
            )
            if span > 1:
                sheet.merge_cells(start_row=i, start_column=at, end_row=i, end_column=at + span - 1)
            at += span
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_into(cell: Any, text: str) -> None:
    cell.value = text or None


def number_into(cell: Any, text: str, up: str) -> None:
    bare = text.strip("()")
    try:
        value = float(bare)
    except ValueError:
        cell.value = text or None
        return
    digits = len(bare.split(".")[1]) if "." in bare else 0
    form = "0." + "0" * digits if digits else "0"
    if text.startswith("("):  # as Excel itself takes a typed (0.045)
        cell.value, cell.number_format = -value, f"{form}_);\\({form}\\)"
    else:
        cell.value = value if digits else int(value)
        cell.number_format = form + (f'"{up}"' if up else "")


def as_html(lines: Sequence[Line], title: str, notes: Sequence[str]) -> str:
    out = ["<!DOCTYPE html>", '<html><head><meta charset="utf-8"></head><body>', "<table>"]
    if title:
        out.append(f"<caption>{title}</caption>")
    width = max(sum(c[2] for c in x.cells) for x in lines)
    for section, kinds in (("thead", {"head"}), ("tbody", {"panel", "body", "foot"})):
        out.append(f"<{section}>")
        tag = "th" if section == "thead" else "td"
        for x in lines:
            if x.kind in kinds:
                cells = [
                    f"<{tag}"
                    + (f' colspan="{span}"' if span > 1 else "")
                    + f">{text}"
                    + (f"<sup>{up}</sup>" if up else "")
                    + f"</{tag}>"
                    for text, up, span in x.cells
                ]
                out.append("<tr>" + "".join(cells) + "</tr>")
        out.append(f"</{section}>")
    foot = "".join(f'<tr><td colspan="{width}">{n.replace("<", "&lt;")}</td></tr>' for n in notes)
    return "\n".join([*out, f"<tfoot>{foot}</tfoot>", "</table>", "</body></html>"]) + "\n"


def tex_cell(cell: Cell, math: bool, many: bool = True) -> str:
    text, up, span = cell
    body = tex(text).replace("×", "$\\times$").replace("²", "$^2$").replace("R2", "$R^2$")
    if up:
        body = f"${body}^{{{up}}}$" if math else f"{body}$^{{{up}}}$"
    elif math and body.startswith("-"):
        body = f"${body}$"
    return f"\\multicolumn{{{span}}}{{c}}{{{body}}}" if span > 1 and many else body


def as_tex(lines: Sequence[Line], title: str, notes: Sequence[str], math: bool = True) -> str:
    """booktabs in a threeparttable in a resizebox, notes in tablenotes."""
    width = max(sum(c[2] for c in x.cells) for x in lines)
    title = unnumbered(title)
    out = ["\\begin{table}[htbp]", "\\centering", f"\\caption{{{title}}}\\label{{tab:main}}", "\\begin{threeparttable}"]
    out += ["\\resizebox{\\textwidth}{!}{%", f"\\begin{{tabular}}{{@{{}}l{'c' * (width - 1)}@{{}}}}", "\\toprule"]
    before = "head"
    for x in lines:
        if x.kind != before and not (before == "head" and x.kind == "panel"):
            out.append("\\midrule" if x.kind in {"body", "foot"} and before in {"head", "body"} else "\\addlinespace")
        if x.kind == "panel":
            out.append(f"\\multicolumn{{{width}}}{{l}}{{\\textit{{{x.cells[0][0]}}}}} \\\\")
        else:
            out.append(" & ".join(tex_cell(c, math) for c in x.cells) + " \\\\")
        if x.kind == "head" and any(c[2] > 1 for c in x.cells):
            at, rules = 1, ""
            for _, _, span in x.cells:
                rules += f"\\cmidrule(lr){{{at}-{at + span - 1}}}" if span > 1 else ""
                at += span
            out.append(rules)
        before = x.kind
    out += ["\\bottomrule", "\\end{tabular}%", "}", "\\begin{tablenotes}[flushleft]\\footnotesize"]
    out += [f"\\item \\textit{{Notes:}} {tex(n)}" for n in notes]
    return "\n".join([*out, "\\end{tablenotes}", "\\end{threeparttable}", "\\end{table}"]) + "\n"


def as_csv(lines: Sequence[Line], title: str, notes: Sequence[str], between: str = ",") -> str:
    width = max(sum(c[2] for c in x.cells) for x in lines)
    rows = [[title]] if title else []
    for x in lines:
        row: list[str] = []
        for text, up, span in x.cells:
            row += [text + up, *[""] * (span - 1)]
        rows.append(row)
    rows += [[n] for n in notes]
    buffer = io.StringIO()
    frame = pd.DataFrame([r + [""] * (width - len(r)) for r in rows])
    frame.to_csv(buffer, sep=between, header=False, index=False, lineterminator="\n")
    return buffer.getvalue()


def as_md(lines: Sequence[Line], title: str, notes: Sequence[str]) -> str:
    width = max(sum(c[2] for c in x.cells) for x in lines)
    out = [f"**{title}**", ""] if title else []
    for i, x in enumerate(lines):
        row: list[str] = []
        for text, up, span in x.cells:
            row += [text + up.replace("*", "\\*"), *[""] * (span - 1)]
        out.append("| " + " | ".join(row + [""] * (width - len(row))) + " |")
        if i == 0:
            out.append("|:--" + "|--:" * (width - 1) + "|")
    return "\n".join([*out, "", *(n.replace("*", "\\*") for n in notes)]) + "\n"


def with_marks(columns: Sequence[dict[str, Any]], marks: Mapping[str, Sequence[str]]) -> None:
    for i, c in enumerate(columns):
        c["marks"] = {name: values[i] for name, values in marks.items()}


def journal(f: Mapping[str, Fit]) -> None:
    chosen = ["square", "full", "fe", "quality"]
    columns = [
        column(f[n], TEN, names=LABELS, name=f"({i})", group=g, outcome=None, r2=fixed(f[n].r2 or 0))
        for i, (n, g) in enumerate(zip(chosen, ["Log exports"] * 3 + ["Quality"], strict=True), 1)
    ]
    effects = {"Firm fixed effects": ["No", "No", "Yes", "No"], "Year fixed effects": ["No", "No", "Yes", "No"]}
    with_marks(columns, effects)
    foot = [
        *((k, v) for k, v in effects.items()),
        ("Observations", [str(f[n].nobs) for n in chosen]),
        ("R2", [c["r2"] for c in columns]),
    ]
    groups = [("Log exports", 3), ("Quality", 1)]
    t = laid(columns, ["se"], foot, [], [["(1)", "(2)", "(3)", "(4)"]], groups=groups)
    title = "Table 3. Market integration and exports"
    whole = regressions(columns, TEN, {"(": "se"}, fits=chosen, title=title)
    lines = lines_of(t)
    keep("journal", "main.docx", as_docx(turned(lines, wide_minus), title, [NOTE_SE]), whole)
    keep("journal", "main.html", as_html(turned(lines, wide_minus), title, [NOTE_SE]), whole)
    keep("journal", "main.tex", as_tex(lines, title, [NOTE_SE]), whole)
    keep("journal", "main.xlsx", as_xlsx(lines, title, [NOTE_SE]), whole)
    keep("journal", "main.csv", as_csv(lines, title, [NOTE_SE]), whole)
    keep("journal", "main.md", as_md(lines, title, [NOTE_SE]), whole)
    keep("journal", "main_plain.docx", as_docx(lines, title, [NOTE_SE], inside=False, raised=False), whole)
    keep(
        "journal",
        "numbers_in_cells.xlsx",
        as_xlsx(lines, title, [NOTE_SE], numbers=True),
        {**whole, "note": "numbers with stars and brackets in the formats of the cells"},
    )
    keep("journal", "utf16.tsv", as_csv(lines, title, [NOTE_SE], "\t"), {**whole, "encoding": "utf-16"}, "utf-16")

    comma = turned(lines, lambda v: v.replace(".", ","))
    turned_columns = [comma_truth(c) for c in columns]
    note = "Standardfehler in Klammern. *, **, *** denote significance at the 10%, 5% and 1% level."
    keep(
        "journal",
        "decimal_comma.csv",
        as_csv(comma, title, [note], ";"),
        {**whole, "columns": turned_columns, "decimal": ","},
    )

    # panels of one table
    east, west = ["east", "west"], ["quality_east", "quality_west"]
    keep_only = ["integ", "integ_sq", "size"]

    def panel(names: Sequence[str], letter: str, outcome: str) -> list[dict[str, Any]]:
        more = {"panel": f"Panel {letter}: {outcome}", "outcome": outcome}
        return [
            column(f[n], TEN, names=LABELS, only=keep_only, name=f"({i})", group=g, **more)
            for i, (n, g) in enumerate(zip(names, ["East", "West"], strict=True), 1)
        ]

    above, below = panel(east, "A", "Log exports"), panel(west, "B", "Quality")
    tops = laid(above, ["se"], [], [], [["East", "West"], ["(1)", "(2)"]])
    ends = laid(below, ["se"], [], [])
    body: list[Any] = [
        ("Panel A: Log exports", []),
        *tops.body,
        ("Observations", [[(str(c["nobs"]), "") for c in above]]),
    ]
    body += [("Panel B: Quality", []), *ends.body, ("Observations", [[(str(c["nobs"]), "") for c in below]])]
    t = Printed(tops.heads, body, [], [])
    whole = regressions([*above, *below], TEN, {"(": "se"}, fits=[*east, *west])
    panels = lines_of(t)
    keep("journal", "panels.docx", as_docx(panels, "Table 3. By region", [NOTE_SE]), whole)
    keep("journal", "panels.tex", as_tex(panels, "By region", [NOTE_SE], math=False), whole)
    keep("journal", "panels.html", as_html(panels, "Table 3. By region", [NOTE_SE]), whole)
    keep("journal", "panels.csv", as_csv(panels, "", [NOTE_SE]), whole)

    # letters instead of stars; stars before the number; marks of footnotes
    letters = {"c": 0.1, "b": 0.05, "a": 0.01}
    two_of = ["full", "fe"]
    columns = [
        column(f[n], letters, names=LABELS, name=f"({i})", outcome="Log exports") for i, n in enumerate(two_of, 1)
    ]
    foot = [("N", ["582", "582"])]
    t = laid(columns, ["se"], foot, [], [["(1)", "(2)"], ["Log exports", "Log exports"]])
    t = replace(
        t, body=[(k, [[(n.rstrip("abc"), n[len(n.rstrip("abc")) :]) for n, _ in x] for x in xs]) for k, xs in t.body]
    )
    note = "a, b, c: significant at 1, 5, 10 percent. Robust standard errors in parentheses."
    keep(
        "journal",
        "letters.docx",
        as_docx(lines_of(t), "Table 4", [note]),
        regressions(columns, letters, {"(": "se"}, fits=two_of),
    )
    keep(
        "journal",
        "letters.tex",
        as_tex(lines_of(t), "Letters", [note]),
        regressions(columns, letters, {"(": "se"}, fits=two_of),
    )
    columns = [column(f[n], TEN, names=LABELS, name=f"({i})", outcome="Log exports") for i, n in enumerate(two_of, 1)]
    t = laid(columns, ["se"], foot, [], [["(1)", "(2)"], ["Log exports", "Log exports"]])
    plain = lines_of(t)
    before = [Line(x.kind, tuple((c[1] + c[0], "", c[2]) for c in x.cells)) for x in plain]
    whole = regressions(columns, TEN, {"(": "se"}, fits=two_of)
    keep(
        "journal",
        "stars_before.csv",
        as_csv(before, "", [NOTE_SE]),
        {**whole, "note": "stars stand before the numbers"},
    )
    dashes = [
        Line(
            x.kind,
            tuple(
                (
                    c[0]
                    or ("—" if x.kind == "body" and i and x.cells[0][0] else "-" if x.kind == "body" and i else ""),
                    c[1],
                    c[2],
                )
                for i, c in enumerate(x.cells)
            ),
        )
        for x in plain
    ]
    keep(
        "journal",
        "dashes.md",
        as_md(turned(dashes, lambda v: v.replace("-", "–") if len(v) > 1 else v), "", [NOTE_SE]),
        whole,
    )
    noted = [
        Line(
            x.kind,
            tuple(
                (c[0] + ("ᵃ" if c[0] == "Leverage" else "¹" if c[0] == "Firm size" else ""), c[1], c[2])
                for c in x.cells
            ),
        )
        for x in plain
    ]
    notes = [NOTE_SE, "¹ Log of employees. ᵃ Debt over assets."]
    keep("journal", "footnotes.html", as_html(noted, "Table 5", notes), whole)
    short = Printed(
        t.heads,
        [
            (k, [[(" ".join(y for y in (n + s, parts[1][i][0]) if y), "") for i, (n, s) in enumerate(parts[0])]])
            for k, parts in t.body
        ],
        t.foot,
        [],
    )
    keep("journal", "one_cell.md", as_md(lines_of(short), "", [NOTE_SE]), whole)
    broken = Printed(
        t.heads,
        [
            (k, [[("\n".join(y for y in (n + s, parts[1][i][0]) if y), "") for i, (n, s) in enumerate(parts[0])]])
            for k, parts in t.body
        ],
        t.foot,
        [],
    )
    keep("journal", "one_cell_broken.csv", as_csv(lines_of(broken), "", [NOTE_SE]), whole)
    keep("journal", "one_cell_broken.xlsx", as_xlsx(lines_of(broken), "", [NOTE_SE]), whole)

    # three lines below: s.e., p, t, in columns of siunitx
    columns = [
        column(
            f[n], TEN, {"se": "({})", "p": "[{}]", "t": "{{{}}}"}, names=LABELS, name=f"({i})", outcome="Log exports"
        )
        for i, n in enumerate(two_of, 1)
    ]
    t = laid(columns, ["se", "p", "t"], foot, [], [["(1)", "(2)"]])
    out = [
        "\\begin{tabular}{l" + " S[table-format=-1.3,table-space-text-post=***]" * 2 + "}",
        "\\toprule",
        " & \\multicolumn{2}{c}{Log exports} \\\\",
        "\\cmidrule{2-3}",
        " & {(1)} & {(2)} \\\\",
        "\\midrule",
    ]
    for term, parts in t.body:
        for i, part in enumerate(parts):
            cells = []
            for n, s in part:
                shown = n.replace("{", "\\{").replace("}", "\\}")
                cells.append(shown + s if i == 0 or not shown else "{" + shown + "}")
            out.append((tex(term) if i == 0 else "") + " & " + " & ".join(cells) + " \\\\")
    out += [
        "\\midrule",
        "Observations & {582} & {582} \\\\",
        "\\bottomrule",
        "\\multicolumn{3}{p{9cm}}{\\footnotesize Standard errors in parentheses, $p$-values in brackets, "
        "$t$ statistics in braces. * $p<0.1$, ** $p<0.05$, *** $p<0.01$.}",
        "\\end{tabular}",
    ]
    keep(
        "journal",
        "three_lines.tex",
        "\n".join(out) + "\n",
        regressions(columns, TEN, {"(": "se", "[": "p", "{": "t"}, fits=two_of),
    )

    # a column each for coefficient, s.e., p
    columns = [
        column(
            f[n],
            {},
            {"se": "{}", "p": "{}"},
            {"p": lambda v: "<0.001" if v < 0.001 else fixed(v)},
            LABELS,
            name=m,
            outcome=None,
        )
        for n, m in zip(two_of, ["Model 1", "Model 2"], strict=True)
    ]
    rows = [
        Line("head", (("", "", 1), ("Model 1", "", 3), ("Model 2", "", 3))),
        line("head", "", "Coef.", "S.E.", "p", "Coef.", "S.E.", "p"),
    ]
    for term in terms_of(columns):
        cells: list[str] = []
        for c in columns:
            e = c["estimates"].get(term)
            cells += [e["b"], e["se"], e["p"]] if e else ["", "", ""]
        rows.append(line("body", term, *cells))
    rows.append(Line("foot", (("N", "", 1), ("582", "", 3), ("582", "", 3))))
    whole = regressions(columns, {}, {}, ["columns"], fits=two_of, layout="beside, a column each")
    keep("journal", "beside.docx", as_docx(rows, "Table 6. Two models", []), whole)
    keep("journal", "beside.csv", as_csv(rows, "", []), whole)
    keep("journal", "beside.html", as_html(rows, "Table 6. Two models", []), whole)
    keep("journal", "beside.xlsx", as_xlsx(rows, "", []), whole)

    # models in rows
    regions = ["east", "central", "west"]
    columns = [
        column(
            f[n],
            TEN,
            {"se": "{}", "t": "{}"},
            names=LABELS,
            only=["integ"],
            name=n.title(),
            outcome=None,
            r2=fixed(f[n].r2 or 0),
        )
        for n in regions
    ]
    rows = [line("head", "Region", "Market integration", "S.E.", "t", "N", "R2")]
    for c in columns:
        e = c["estimates"]["Market integration"]
        rows.append(line("body", c["name"], split(e["b"]), e["se"], e["t"], str(c["nobs"]), c["r2"]))
    note = "Each row is a regression of log exports. * p<0.1, ** p<0.05, *** p<0.01."
    whole = regressions(columns, TEN, {}, ["columns", "levels"], fits=regions, layout="a model in each row")
    keep("journal", "models_in_rows.csv", as_csv(rows, "", [note]), whole)
    keep("journal", "models_in_rows.docx", as_docx(rows, "Table 7. Regions", [note]), whole)

    # SPSS: B, Std. Error, Beta, t, Sig.
    d = data().dropna()
    w = without_zero()
    estimates: dict[str, Any] = {}
    rows = [
        Line(
            "head",
            (
                ("", "", 1),
                ("Unstandardized Coefficients", "", 2),
                ("Standardized Coefficients", "", 1),
                ("", "", 1),
                ("", "", 1),
            ),
        ),
        line("head", "", "B", "Std. Error", "Beta", "t", "Sig."),
    ]
    for name in ["Intercept", "integ", "integ_sq", "size", "lev"]:
        term = f["full"].terms[name]
        beta = "" if name == "Intercept" else w(term.b * float(d[name].std() / d["lnexp"].std()))
        e = {"b": w(term.b), "se": w(term.se), "t": fixed(term.t), "p": "<.001" if term.p < 0.001 else w(term.p)}
        label = "(Constant)" if name == "Intercept" else LABELS[name]
        estimates[label] = {**e, **({"beta": beta} if beta else {})}
        rows.append(line("body", label, e["b"], e["se"], beta, e["t"], e["p"]))
    one = {"outcome": "Log exports", "nobs": None, "estimates": estimates}
    whole = regressions([one], {}, {}, ["columns"], fits=["full"], layout="one row, five columns")
    keep("journal", "spss.docx", as_docx(rows, "Coefficients", ["a. Dependent Variable: Log exports"]), whole)
    keep("journal", "spss.html", as_html(rows, "Coefficients", ["a. Dependent Variable: Log exports"]), whole)

    # scientific notation, thousands
    columns = [
        column(
            f["sales"],
            TEN,
            names=LABELS,
            shape={"b": lambda v: f"{v:.3e}", "se": lambda v: f"{v:.2e}"},
            name="(1)",
            outcome="Sales",
        ),
        column(
            f["sales_short"],
            TEN,
            names=LABELS,
            shape={"b": lambda v: f"{v:,.1f}", "se": lambda v: f"{v:,.1f}"},
            name="(2)",
            outcome="Sales",
        ),
    ]
    t = laid(columns, ["se"], [("N", ["582", "600"])], [], [["(1)", "(2)"], ["Sales", "Sales"]])
    keep(
        "journal",
        "large.csv",
        as_csv(lines_of(t), "", [NOTE_SE]),
        regressions(columns, TEN, {"(": "se"}, fits=["sales", "sales_short"]),
    )

    # a table continued on the next page
    chosen = ["reform", "fe"]
    columns = [column(f[n], TEN, names=LABELS, name=f"({i})", outcome="Log exports") for i, n in enumerate(chosen, 1)]
    t = laid(columns, ["se"], [("Observations", [str(c["nobs"]) for c in columns])], [], [["(1)", "(2)"]])
    whole = regressions(columns, TEN, {"(": "se"}, fits=chosen)
    for c in whole["columns"]:
        c["outcome"] = None
    out = [
        "\\begin{longtable}{lcc}",
        "\\caption{Reform and exports} \\\\",
        "\\toprule",
        " & (1) & (2) \\\\",
        "\\midrule",
        "\\endfirsthead",
    ]
    out += [
        "\\multicolumn{3}{c}{\\tablename\\ \\thetable{} -- continued} \\\\",
        "\\toprule",
        " & (1) & (2) \\\\",
        "\\midrule",
        "\\endhead",
        "\\midrule",
        "\\multicolumn{3}{r}{Continued on next page} \\\\",
        "\\endfoot",
        "\\bottomrule",
        "\\multicolumn{3}{l}{\\footnotesize " + NOTE_SE.replace("%", "\\%") + "} \\\\",
        "\\endlastfoot",
    ]
    for x in lines_of(t)[1:]:
        out.append(" & ".join(tex_cell(c, math=False) for c in x.cells) + " \\\\")
    keep("journal", "longtable.tex", "\n".join([*out, "\\end{longtable}"]) + "\n", whole)
    import docx

    document = docx.Document()
    shown = lines_of(t)
    add_docx(document, shown[:5], "Table 8. Reform and exports", [], inside=True, raised=True)
    document.add_page_break()
    add_docx(document, [shown[0], *shown[5:]], "Table 8 (continued)", [NOTE_SE], inside=True, raised=True)
    keep(
        "journal",
        "continued.docx",
        saved(document),
        {**whole, "note": "one table in two parts", "title": "Table 8. Reform and exports"},
    )


def comma_truth(c: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(c)
    out["r2"] = out["r2"].replace(".", ",")
    out["estimates"] = {k: {n: v.replace(".", ",") for n, v in e.items()} for k, e in c["estimates"].items()}
    return out


def pandas_tables(f: Mapping[str, Fit]) -> None:
    """Tables put together in a data frame and written by pandas itself."""
    chosen = ["square", "full", "quality"]
    columns = [
        column(f[n], TEN, names=LABELS, name=f"({i})", outcome=o, r2=fixed(f[n].r2 or 0))
        for i, (n, o) in enumerate(zip(chosen, ["Exports", "Exports", "Quality"], strict=True), 1)
    ]
    index: list[tuple[str, str]] = []
    body: list[list[str]] = []
    for term in terms_of(columns):
        for part in ("b", "se"):
            index.append((term, "" if part == "b" else "s.e."))
            body.append([c["estimates"].get(term, {}).get(part, "") for c in columns])
    index += [("Observations", ""), ("R-squared", "")]
    body += [[str(c["nobs"]) for c in columns], [c["r2"] for c in columns]]
    heads = pd.MultiIndex.from_tuples([(c["outcome"], c["name"]) for c in columns])
    frame = pd.DataFrame(body, index=pd.MultiIndex.from_tuples(index), columns=heads)
    whole = regressions(columns, TEN, {"(": "se"}, ["brackets"], fits=chosen)
    keep("pandas", "levels.tex", frame.to_latex(), whole)
    keep("pandas", "levels.html", frame.to_html(), whole)
    keep("pandas", "levels.csv", frame.to_csv(lineterminator="\n"), whole)
    with io.BytesIO() as book:
        frame.to_excel(book)
        keep("pandas", "levels.xlsx", book.getvalue(), whole)
    keep("pandas", "levels.md", frame.to_markdown() + "\n", whole)
    flat = pd.DataFrame(body, index=[a if not b else "" for a, b in index], columns=["(1)", "(2)", "(3)"])
    flat.loc["Note: * p<0.1, ** p<0.05, *** p<0.01; standard errors in parentheses"] = ["", "", ""]
    bare = regressions([{**c, "outcome": None} for c in columns], TEN, {"(": "se"}, fits=chosen)
    keep("pandas", "flat.md", flat.to_markdown() + "\n", bare)
    keep("pandas", "flat.tex", flat.to_latex(escape=True, caption="Exports and quality", label="tab:q"), bare)
    keep("pandas", "flat.txt", flat.to_string() + "\n", bare)
    keep("pandas", "flat.html", flat.style.to_html(uuid="printed"), bare)


CHINESE = {
    "integ": "市场一体化",
    "integ_sq": "市场一体化平方",
    "size": "企业规模",
    "lev": "资产负债率",
    "lnexp": "出口额",
    "Intercept": "常数项",
    "distance": "距离",
}
NOTE_T = "注：括号内为t值，*、**、***分别表示在10%、5%、1%的水平上显著。"
NOTE_SE_ZH = "注：括号内为企业层面聚类的稳健标准误；***、**、* 分别表示 1%、5%、10% 的显著性水平。"


def wide_brackets(text: str) -> str:
    return text.replace("(", "（").replace(")", "）").replace("-", "－")


def chinese(f: Mapping[str, Fit]) -> None:
    chosen = ["square", "full", "fe"]
    columns = [
        column(f[n], TEN, {"t": "({})"}, names=CHINESE, name=f"({i})", outcome="出口额", adj_r2=fixed(f[n].adj_r2 or 0))
        for i, n in enumerate(chosen, 1)
    ]
    effects = {"企业固定效应": ["否", "否", "是"], "年份固定效应": ["否", "否", "是"]}
    with_marks(columns, effects)
    foot = [
        *((k, v) for k, v in effects.items()),
        ("样本量", [str(c["nobs"]) for c in columns]),
        ("调整R²", [c["adj_r2"] for c in columns]),
    ]
    t = laid(columns, ["t"], foot, [], [["(1)", "(2)", "(3)"], ["出口额", "出口额", "出口额"]])
    title = "表2 市场一体化与企业出口"
    lines = lines_of(t, "变量")
    whole = regressions(columns, TEN, {"(": "t"}, fits=chosen, title=title)
    keep("chinese", "main.csv", as_csv(lines, title, [NOTE_T]), whole, "utf-8-sig")
    keep("chinese", "main.docx", as_docx(lines, title, [NOTE_T]), whole)
    keep("chinese", "main.xlsx", as_xlsx(lines, title, [NOTE_T]), whole)
    keep("chinese", "main.html", as_html(lines, title, [NOTE_T]), whole)
    keep("chinese", "main.tex", as_tex(lines, title, [NOTE_T]), whole)
    keep("chinese", "main_gb18030.csv", as_csv(lines, title, [NOTE_T]), {**whole, "encoding": "gb18030"}, "gb18030")
    full = turned(lines, wide_brackets)
    keep(
        "chinese",
        "full_width.csv",
        as_csv(full, title, [NOTE_T.replace("*", "＊")]),
        {**whole, "note": "brackets and minus of full width"},
    )
    keep(
        "chinese",
        "full_width.docx",
        as_docx(full, title, [NOTE_T.replace("*", "＊")]),
        {**whole, "note": "brackets and minus of full width"},
    )

    regions = ["east", "central", "west"]
    columns = [
        column(f[n], TEN, names=CHINESE, name=m, outcome="出口额", r2=fixed(f[n].r2 or 0))
        for n, m in zip(regions, ["东部地区", "中部地区", "西部地区"], strict=True)
    ]
    foot = [("观测值", [str(c["nobs"]) for c in columns]), ("R²", [c["r2"] for c in columns])]
    t = laid(columns, ["se"], foot, [], [[c["name"] for c in columns]], groups=[("出口额", 3)])
    whole = regressions(columns, TEN, {"(": "se"}, fits=regions, title="表4 异质性分析")
    keep(
        "chinese",
        "regions.docx",
        as_docx(lines_of(t), "表4 异质性分析", [NOTE_SE_ZH.replace("企业层面聚类的", "")], inside=False),
        whole,
    )
    keep(
        "chinese",
        "regions.csv",
        as_csv(lines_of(t), "表4 异质性分析", [NOTE_SE_ZH.replace("企业层面聚类的", "")]),
        whole,
    )

    columns = [
        column(f["first"], TEN, names=CHINESE, name="第一阶段", outcome="市场一体化"),
        column(f["years"], TEN, names=CHINESE, name="基准回归", outcome="出口额"),
    ]
    foot = [("控制变量", ["是", "是"]), ("样本量", [f"{c['nobs']}" for c in columns])]
    t = laid(columns, ["se"], foot, [], [["第一阶段", "基准回归"], ["市场一体化", "出口额"]])
    keep(
        "chinese",
        "first_stage.docx",
        as_docx(lines_of(t), "表5 工具变量", [NOTE_SE_ZH]),
        regressions(columns, TEN, {"(": "se"}, fits=["first", "years"], title="表5 工具变量"),
    )


def summary(x: pd.Series, write: Callable[[float], str]) -> dict[str, str]:
    x = x.dropna()
    q = x.quantile([0.25, 0.5, 0.75])
    values = {
        "mean": x.mean(),
        "sd": x.std(),
        "min": x.min(),
        "p25": q[0.25],
        "median": q[0.5],
        "p75": q[0.75],
        "max": x.max(),
    }
    return {"n": str(len(x)), **{k: write(float(v)) for k, v in values.items()}}


NOTHING: dict[str, Any] = {"levels": {}, "brackets": {}}
WANTED = ["lnexp", "integ", "size", "lev", "age"]
NAMES = {
    "lnexp": "Log exports",
    "integ": "Market integration",
    "size": "Firm size",
    "lev": "Leverage",
    "age": "Firm age",
}
NAMES_ZH = {"lnexp": "出口额", "integ": "市场一体化", "size": "企业规模", "lev": "资产负债率", "age": "企业年龄"}


def descriptives(d: pd.DataFrame) -> None:
    made = d[WANTED].describe()
    rows = [{"label": v, **summary(d[v], lambda x: f"{x:.6f}")} for v in WANTED]
    for r in rows:
        r["n"] += ".000000"
    truth = {"kind": "descriptives", **NOTHING, "layout": "statistics in rows", "rows": rows}
    keep("pandas", "describe.txt", made.to_string(float_format="%.6f") + "\n", truth)
    keep("pandas", "describe.csv", made.to_csv(float_format="%.6f", lineterminator="\n"), truth)
    keep("pandas", "describe.tex", made.to_latex(float_format="%.6f"), truth)
    keep("pandas", "describe.html", made.to_html(float_format=lambda v: f"{v:.6f}"), truth)
    rows = [{"label": v, **summary(d[v], two)} for v in WANTED]
    for r in rows:
        r["n"] += ".00"
    keep(
        "pandas",
        "describe_turned.md",
        made.T.to_markdown(floatfmt=".2f") + "\n",
        {"kind": "descriptives", **NOTHING, "rows": rows},
    )

    for names, package, heads, stem, title, note in (
        (
            NAMES,
            "journal",
            ["Variable", "N", "Mean", "S.D.", "Min", "P25", "Median", "P75", "Max"],
            "described",
            "Table 1. Summary statistics",
            "All variables as defined in Section 3.",
        ),
        (
            NAMES_ZH,
            "chinese",
            ["变量", "样本量", "均值", "标准差", "最小值", "25%分位", "中位数", "75%分位", "最大值"],
            "described",
            "表1 描述性统计",
            "注：数据为模拟数据。",
        ),
    ):
        rows = [{"label": names[v], **summary(d[v], fixed)} for v in WANTED]
        keys = ["n", "mean", "sd", "min", "p25", "median", "p75", "max"]
        lines = [line("head", *heads), *(line("body", r["label"], *(r[k] for k in keys)) for r in rows)]
        truth = {"kind": "descriptives", **NOTHING, "title": unnumbered(title), "rows": rows}
        keep(package, f"{stem}.docx", as_docx(lines, title, [note]), truth)
        keep(package, f"{stem}.csv", as_csv(lines, title, [note]), truth)
        keep(package, f"{stem}.xlsx", as_xlsx(lines, title, [note]), truth)
        if package == "journal":
            keep(package, f"{stem}.tex", as_tex(lines, title, [note]), truth)
            keep(package, f"{stem}.html", as_html(lines, title, [note]), truth)

    # mean (s.d.) in one cell, and two groups with their difference
    lines = [
        Line("head", (("", "", 1), ("No reform", "", 1), ("Reform", "", 1), ("Difference", "", 2))),
        line("head", "", "Mean (S.D.)", "Mean (S.D.)", "Diff.", "t"),
    ]
    rows, differences = [], []
    for v in WANTED:
        a, b = d.loc[d["reform"] == 0, v].dropna(), d.loc[d["reform"] == 1, v].dropna()
        test = st.ttest_ind(b, a, equal_var=False)
        low, high = summary(a, fixed), summary(b, fixed)
        mark = (
            {True: "*"}.get(test.pvalue < 0.1, "")
            + {True: "*"}.get(test.pvalue < 0.05, "")
            + {True: "*"}.get(test.pvalue < 0.01, "")
        )
        diff = fixed(float(b.mean() - a.mean()))
        differences.append({"label": NAMES[v], "b": diff + mark, "t": two(float(test.statistic))})
        for group, s in (("No reform", low), ("Reform", high)):
            rows.append({"label": NAMES[v], "group": group, "mean": s["mean"], "sd": s["sd"]})
        lines.append(
            line(
                "body",
                NAMES[v],
                f"{low['mean']} ({low['sd']})",
                f"{high['mean']} ({high['sd']})",
                (diff, mark),
                two(float(test.statistic)),
            )
        )
    counts = [str(int((d["reform"] == g).sum())) for g in (0, 1)]
    lines.append(line("foot", "N", *counts, "", ""))
    note = "*, **, *** denote differences that are significant at 10%, 5% and 1% (Welch's t test)."
    truth = {
        "kind": "descriptives",
        "levels": dict(TEN),
        "brackets": {"(": "sd"},
        "rows": rows,
        "differences": differences,
        "counts": {"No reform": counts[0], "Reform": counts[1]},
    }
    keep("journal", "groups.docx", as_docx(lines, "Table 2. Means by group", [note]), truth)
    keep("journal", "groups.csv", as_csv(lines, "", [note]), truth)
    keep("journal", "groups.html", as_html(lines, "Table 2. Means by group", [note]), truth)


def starred(p: float) -> str:
    return "***" if p < 0.01 else "**" if p < 0.05 else "*" if p < 0.1 else ""


Pairs = dict[tuple[str, str], tuple[float, float]]


def correlations(d: pd.DataFrame) -> None:
    pairs: Pairs = {}
    ranks: Pairs = {}
    for i, a in enumerate(WANTED):
        for b in WANTED[:i]:
            both = d[[a, b]].dropna()
            pairs[a, b] = tuple(map(float, st.pearsonr(both[a], both[b])))  # type: ignore[assignment]
            ranks[a, b] = tuple(map(float, st.spearmanr(both[a], both[b])))  # type: ignore[assignment]
    lower_with_moments(d, pairs)
    upper_and_both(pairs, ranks)
    with_p(pairs)
    m = d[WANTED].corr()
    cells = [[a, b, f"{m.loc[a, b]:.4f}"] for a in WANTED for b in WANTED]
    keep(
        "pandas",
        "corr.tex",
        m.to_latex(float_format="%.4f"),
        {"kind": "correlations", **NOTHING, "variables": WANTED, "triangle": "both", "cells": cells},
    )
    keep(
        "pandas",
        "corr.csv",
        m.to_csv(float_format="%.4f", lineterminator="\n"),
        {"kind": "correlations", **NOTHING, "variables": WANTED, "triangle": "both", "cells": cells},
    )


def lower_with_moments(d: pd.DataFrame, pairs: Pairs) -> None:
    for names, package, title, note in (
        (NAMES, "journal", "Table 2. Correlations", "*, **, *** denote significance at the 10%, 5% and 1% level."),
        (NAMES_ZH, "chinese", "表3 相关系数矩阵", "注：*、**、***分别表示在10%、5%、1%的水平上显著。"),
    ):
        first = ["均值", "标准差"] if package == "chinese" else ["Mean", "S.D."]
        moments = {v: summary(d[v], two) for v in WANTED}
        lines = [line("head", "变量" if package == "chinese" else "Variable", *first, *(f"({i})" for i in range(1, 6)))]
        cells = []
        for i, a in enumerate(WANTED):
            row: list[str | tuple[str, str]] = []
            for j, b in enumerate(WANTED):
                if j < i:
                    r, p = pairs[a, b]
                    row.append((fixed(r), starred(p)))
                    cells.append([names[a], names[b], fixed(r) + starred(p)])
                else:
                    row.append("1" if i == j else "")
                    if i == j:
                        cells.append([names[a], names[a], "1"])
            lines.append(line("body", f"({i + 1}) {names[a]}", moments[a]["mean"], moments[a]["sd"], *row))
        truth = {
            "kind": "correlations",
            "levels": dict(TEN),
            "brackets": {},
            "variables": [names[v] for v in WANTED],
            "triangle": "lower",
            "cells": cells,
            "moments": [{"label": names[v], "mean": moments[v]["mean"], "sd": moments[v]["sd"]} for v in WANTED],
        }
        keep(package, "correlations.docx", as_docx(lines, title, [note]), truth)
        keep(package, "correlations.csv", as_csv(lines, title, [note]), truth)
        if package == "journal":
            keep(package, "correlations.tex", as_tex(lines, title, [note]), truth)
            keep(package, "correlations.xlsx", as_xlsx(lines, title, [note]), truth)


def upper_and_both(pairs: Pairs, ranks: Pairs) -> None:
    labels = [NAMES[v] for v in WANTED]
    lines = [line("head", "", *labels)]
    cells = []
    for i, a in enumerate(WANTED):
        row = []
        for j, b in enumerate(WANTED):
            text = "" if j < i else "1.00" if i == j else two(pairs[b, a][0])
            row.append(text)
            if text:
                cells.append([NAMES[a], NAMES[b], text])
        lines.append(line("body", NAMES[a], *row))
    truth = {"kind": "correlations", **NOTHING, "variables": labels, "triangle": "upper", "cells": cells}
    keep("journal", "correlations_upper.html", as_html(turned(lines, wide_minus), "Correlations", []), truth)
    keep("journal", "correlations_upper.csv", as_csv(lines, "", []), truth)

    lines = [line("head", "", *labels)]
    cells, above = [], []
    for i, a in enumerate(WANTED):
        row = []
        for j, b in enumerate(WANTED):
            if i == j:
                row.append("—")
            elif j < i:
                row.append(without_zero(2)(pairs[a, b][0]))
                cells.append([NAMES[a], NAMES[b], row[-1]])
            else:
                row.append(without_zero(2)(ranks[b, a][0]))
                above.append([NAMES[a], NAMES[b], row[-1]])
        lines.append(line("body", NAMES[a], *row))
    note = "Pearson correlations below, Spearman correlations above the diagonal. |r| > .08 is significant at 5%."
    truth = {"kind": "correlations", **NOTHING, "variables": labels, "triangle": "both", "cells": cells, "above": above}
    keep("journal", "correlations_both.csv", as_csv(lines, "", [note]), truth)
    keep("journal", "correlations_both.docx", as_docx(lines, "Table 4. Correlations", [note]), truth)


def with_p(pairs: Pairs) -> None:
    labels = [NAMES[v] for v in WANTED]
    lines = [line("head", "", *labels[:4])]
    cells, ps = [], []
    for i, a in enumerate(WANTED[:4]):
        top, below = [], []
        for j, b in enumerate(WANTED[:4]):
            text = "1.000" if i == j else fixed(pairs[a, b][0]) if j < i else ""
            p = f"({fixed(pairs[a, b][1])})" if j < i else ""
            top.append(text)
            below.append(p)
            if text:
                cells.append([NAMES[a], NAMES[b], text])
            if p:
                ps.append([NAMES[a], NAMES[b], p])
        lines.append(line("body", NAMES[a], *top))
        if i:
            lines.append(line("body", "", *below))
    truth = {
        "kind": "correlations",
        "levels": {},
        "brackets": {"(": "p"},
        "variables": labels[:4],
        "triangle": "lower",
        "cells": cells,
        "p": ps,
    }
    keep("journal", "correlations_p.md", as_md(lines, "", ["p-values in parentheses."]), truth)
    keep("journal", "correlations_p.html", as_html(lines, "", ["p-values in parentheses."]), truth)


def main() -> None:
    warnings.simplefilter("ignore")
    f = fits()
    for package in ("journal", "pandas", "chinese"):
        keep_fits(package, f)
    journal(f)
    pandas_tables(f)
    chinese(f)
    descriptives(data())
    correlations(data())


if __name__ == "__main__":
    main()
