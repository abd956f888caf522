"""Tables in the forms of Stata's esttab, estout, outreg2, asdoc and of its own output, with what stands in them.

Stata is not needed: the forms follow the documented output of those commands, the numbers are fits of ``data.csv``.
``python stata.py`` needs statsmodels and python-docx.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from simulated import FIVE, TEN, Fit, a3, column, data, fixed, keep, keep_fits, of_statsmodels, regressions, stars, two

CONS = {"Intercept": "_cons"}
ROBUST: dict[str, Any] = {"cov_type": "HC1", "use_t": True}


def fits() -> dict[str, Fit]:
    """The models of these tables and of ``hand.py``."""
    import statsmodels.formula.api as smf

    warnings.simplefilter("ignore")
    d = data()
    d["sales"] = (np.exp(d["lnexp"]) * 250).round(2)
    d["integ_reform"] = d["integ"] * d["reform"]
    cut = d.dropna()
    full = "lnexp ~ integ + integ_sq + size + lev"
    clustered = {"cov_type": "cluster", "use_t": True}
    out = {
        "base": of_statsmodels(smf.ols("lnexp ~ integ", d).fit()),
        "square": of_statsmodels(smf.ols("lnexp ~ integ + integ_sq", d).fit()),
        "full": of_statsmodels(smf.ols(full, d).fit(**ROBUST), "HC1"),
        "quality": of_statsmodels(smf.ols("lnqual ~ integ + lnexp + size", d).fit(**ROBUST), "HC1"),
        "sales": of_statsmodels(smf.ols("sales ~ integ + integ_sq + size + lev", d).fit(**ROBUST), "HC1"),
        "first": of_statsmodels(smf.ols("integ ~ distance + size + lev", cut).fit(**ROBUST), "HC1"),
        "reform": of_statsmodels(smf.ols("lnexp ~ integ + reform + integ_reform + size", d).fit(**ROBUST), "HC1"),
        "logit": of_statsmodels(smf.logit("exporter ~ integ + size + lev", d).fit(disp=0), "iid", "logit"),
    }
    out["sales_short"] = of_statsmodels(smf.ols("sales ~ integ + integ_sq + size", d).fit(**ROBUST), "HC1")
    for region in ("East", "Central", "West"):
        part = smf.ols(full, d[d["region"] == region]).fit(**ROBUST)
        out[region.lower()] = of_statsmodels(part, "HC1")
        part = smf.ols("lnqual ~ integ + integ_sq + size", d[d["region"] == region]).fit(**ROBUST)
        out[f"quality_{region.lower()}"] = of_statsmodels(part, "HC1")
    result = smf.ols(full + " + C(year)", cut).fit(**clustered, cov_kwds={"groups": cut["firm"]})
    out["years"] = only(of_statsmodels(result, "cluster firm"), "C(")
    result = smf.ols(full + " + C(firm) + C(year)", cut).fit(**clustered, cov_kwds={"groups": cut["firm"]})
    out["fe"] = only(of_statsmodels(result, "cluster firm", "OLS with firm and year effects"), "C(", "Intercept")
    return out


def only(fit: Fit, *without: str) -> Fit:
    """A fit without the coefficients whose names begin so."""
    terms = {n: t for n, t in fit.terms.items() if not n.startswith(without)}
    return Fit(fit.outcome, terms, fit.nobs, fit.df, fit.r2, fit.adj_r2, fit.more, fit.vcov, fit.model)


@dataclass(frozen=True)
class Printed:
    """A table before it gets a form: heads, rows of coefficients with lines below or beside, foot, notes."""

    heads: list[list[str]]
    body: list[tuple[str, list[list[tuple[str, str]]]]]  # label, lines of (number, stars)
    foot: list[tuple[str, list[str]]]
    notes: list[str]
    groups: list[tuple[str, int]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.heads[0])


def terms_of(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """All labels, in the order of their first column, the constant last."""
    out: list[str] = []
    for c in columns:
        out += [t for t in c["estimates"] if t not in out]
    last = [t for t in out if t in {"_cons", "Constant"}]
    return [t for t in out if t not in last] + last


def split(text: str) -> tuple[str, str]:
    bare = text.rstrip("*+")
    return bare, text[len(bare) :]


def laid(
    columns: Sequence[Mapping[str, Any]],
    parts: Sequence[str],
    foot: Sequence[tuple[str, Sequence[str]]],
    notes: Sequence[str],
    heads: Sequence[Sequence[str]] | None = None,
    ends: str = "[{}, {}]",
    groups: Sequence[tuple[str, int]] = (),
) -> Printed:
    """The columns of a truth laid below one another."""
    if heads is None:
        heads = [[f"({i})" for i in range(1, len(columns) + 1)], [str(c["outcome"]) for c in columns]]
    body = []
    for term in terms_of(columns):
        lines: list[list[tuple[str, str]]] = []
        for part in ("b", *parts):
            line = []
            for c in columns:
                value = c["estimates"].get(term)
                if value is None:
                    line.append(("", ""))
                elif part == "ci":
                    line.append((ends.format(*value["ci"]), ""))
                else:
                    line.append(split(value[part]))
            lines.append(line)
        body.append((term, lines))
    return Printed([list(h) for h in heads], body, [(n, list(v)) for n, v in foot], list(notes), list(groups))


def fixed_text(t: Printed, label: int = 12, width: int = 13, mark: int = 3, gaps: bool = True) -> str:
    """esttab's fixed format: numbers set to the right, their stars after them."""
    rule = "-" * (label + t.width * (width + mark))
    out = [rule]
    out += [" " * label + "".join(h.rjust(width).ljust(width + mark) for h in head) for head in t.heads]
    out.append(rule)
    for term, lines in t.body:
        for i, line in enumerate(lines):
            name = (term if len(term) <= label else term[: label - 2] + "~" + term[-1]) if i == 0 else ""
            out.append(name.ljust(label) + "".join(n.rjust(width) + s.ljust(mark) for n, s in line))
        if gaps:
            out.append("")
    if gaps:
        out.pop()
    out.append(rule)
    out += [name.ljust(label) + "".join(v.rjust(width) + " " * mark for v in values) for name, values in t.foot]
    return "\n".join([*out, rule, *t.notes]) + "\n"


def rows_of(t: Printed) -> list[list[str]]:
    """Label and cells of each line."""
    out = [["", *head] for head in t.heads]
    for term, lines in t.body:
        out += [[term if i == 0 else "", *(n + s for n, s in line)] for i, line in enumerate(lines)]
    return out + [[name, *values] for name, values in t.foot]


def csv_text(t: Printed, between: str = ",", excel: bool = True) -> str:
    """esttab's csv for Excel, every cell ``="..."``; scsv has semicolons, plain csv no marks."""
    cell = '="{}"' if excel else '"{}"'
    out = [between.join(cell.format(c) for c in row) for row in rows_of(t)]
    return "\n".join([*out, *(cell.format(n) for n in t.notes)]) + "\n"


def tab_text(t: Printed) -> str:
    return "\n".join(["\t".join(row) for row in rows_of(t)] + t.notes) + "\n"


def md_text(t: Printed) -> str:
    rows = [[c.replace("*", "\\*") for c in row] for row in rows_of(t)]
    out = ["| " + " | ".join(row) + " |" for row in rows]
    out.insert(1, "|" + " :--- |" + " :---: |" * t.width)
    return "\n".join([*out, "", *("<small>" + n.replace("*", "\\*") + "</small>  " for n in t.notes)]) + "\n"


def html_text(t: Printed) -> str:
    """esttab's html: no head section, rules as rows, a bare < in the notes."""
    rule = f"<tr><td colspan={t.width + 1}><hr></td></tr>"

    def row(cells: Sequence[str]) -> str:
        first, *rest = cells
        return "<tr><td>" + first + "</td>" + "".join(f'<td align="center">{c}</td>' for c in rest) + "</tr>"

    out = ['<table border="0" width="*">', rule, *(row(["", *h]) for h in t.heads), rule]
    for term, lines in t.body:
        for i, line in enumerate(lines):
            out.append(row([term if i == 0 else "", *(n + (f"<sup>{s}</sup>" if s else "") for n, s in line)]))
        out.append(row(["&nbsp;"] + [""] * t.width))
    out += [rule, *(row([name.replace("R-sq", "<i>R</i><sup>2</sup>"), *values]) for name, values in t.foot), rule]
    notes = "\n<br /> ".join(n.replace("p<", "<em>p</em> < ").replace("*", "<sup>*</sup>") for n in t.notes)
    notes = notes.replace("</sup><sup>", "")
    return "\n".join([*out, f"<tr><td colspan={t.width + 1}>\n{notes}\n</td></tr>", "</table>"]) + "\n"


def tex(text: str) -> str:
    return text.replace("_", "\\_").replace("#", "\\#").replace("%", "\\%")


def tex_text(t: Printed, booktabs: bool = False, siunitx: bool = False) -> str:
    """esttab's LaTeX: ``\\sym`` for stars, [1em] between rows; with booktabs and columns of siunitx."""
    top, mid, bottom = (
        ("\\toprule", "\\midrule", "\\bottomrule") if booktabs else ("\\hline\\hline", "\\hline", "\\hline\\hline")
    )
    kind = "S[table-format=4.4]" if siunitx else "c"
    out = [
        "{",
        "\\def\\sym#1{\\ifmmode^{#1}\\else\\(^{#1}\\)\\fi}",
        f"\\begin{{tabular}}{{l*{{{t.width}}}{{{kind}}}}}",
        top,
    ]
    if t.groups:
        out.append("            " + "".join(f"&\\multicolumn{{{n}}}{{c}}{{{g}}}" for g, n in t.groups) + "\\\\")
        at, rules = 2, []
        for _, n in t.groups:
            rules.append(f"\\cmidrule(lr){{{at}-{at + n - 1}}}")
            at += n
        out[-1] += "".join(rules)
    cells = [["&\\multicolumn{1}{c}{" + tex(h) + "}" for h in head] for head in t.heads]
    out += ["            " + "".join(head) + "\\\\" for head in cells]
    out.append(mid)
    for i, (term, lines) in enumerate(t.body):
        for j, line in enumerate(lines):
            cells = "".join("&" + (n + (f"\\sym{{{s}}}" if s else "")).rjust(20) for n, s in line)
            out.append((tex(term) if j == 0 else "").ljust(12) + cells + "\\\\")
        if i < len(t.body) - 1:
            out.append("\\addlinespace" if booktabs else "[1em]")
    names = {"N": "\\(N\\)", "R-sq": "\\(R^{2}\\)", "adj. R-sq": "adj. \\(R^{2}\\)"}
    cell = "\\multicolumn{{1}}{{c}}{{{}}}" if siunitx else "{}"
    out.append(mid)
    for name, values in t.foot:
        out.append(
            names.get(name, tex(name)).ljust(12) + "".join("&" + cell.format(v).rjust(20) for v in values) + "\\\\"
        )
    out.append(bottom)
    for note in t.notes:
        for s in ("***", "**", "*"):
            note = note.replace(s + " p<", "\\sym{" + s.replace("*", "@") + "} p<")
        note = note.replace("@", "*")
        note = "\\(p<".join(note.split("p<")) if "p<" in note else note
        note = note.replace(",", "\\),") + "\\)" if "\\(p<" in note else note
        out.append(f"\\multicolumn{{{t.width + 1}}}{{l}}{{\\footnotesize {note}}}\\\\")
    return "\n".join([*out, "\\end{tabular}", "}"]) + "\n"


def rtf_text(t: Printed) -> str:
    """esttab's rtf: one row of a table each line, stars raised."""
    ends = "".join(f"\\cellx{1800 + 1440 * i}" for i in range(t.width + 1))

    def row(cells: Sequence[str]) -> str:
        first, *rest = cells
        body = f"\\pard\\intbl\\ql {{{first}}}\\cell\n" + "".join(f"\\pard\\intbl\\qc {{{c}}}\\cell\n" for c in rest)
        return "{\\trowd\\trgaph108\\trleft-108" + ends + "\n" + body + "\\row}"

    out = [
        "{\\rtf1\\ansi\\deff0 {\\fonttbl{\\f0\\fnil Times New Roman;}}",
        "{\\info {\\author .}{\\company .}{\\title .}{\\creatim\\yr2026\\mo11\\dy28\\hr12\\min0}}",
        "\\deflang1033\\plain\\fs24",
        *(row(["", *h]) for h in t.heads),
    ]
    for term, lines in t.body:
        for i, line in enumerate(lines):
            out.append(row([term if i == 0 else "", *(n + (f"{{\\super {s}}}" if s else "") for n, s in line)]))
    out += [row([name, *values]) for name, values in t.foot]
    out += [f"{{\\pard\\fs20 {n}\\par}}" for n in t.notes]
    return "\n".join(out) + "\n}\n"


def said(levels: Mapping[str, float]) -> str:
    return ", ".join(f"{m} p<{v}" for m, v in levels.items())


A3 = {"b": a3, "se": a3, "ci": a3}


def esttab(f: Mapping[str, Fit]) -> None:
    chosen = ["square", "full", "years"]

    def cols(
        which: Sequence[str], levels: Mapping[str, float], under: Mapping[str, str], **more: Any
    ) -> list[dict[str, Any]]:
        shape = more.pop("shape", A3)
        renamed = more.pop("names", CONS)
        return [column(f[n], levels, under, shape, renamed, name=f"({i})", **more) for i, n in enumerate(which, 1)]

    n_of = ("N", [str(f[n].nobs) for n in chosen])
    columns = cols(chosen, FIVE, {"t": "({})"})
    t = laid(columns, ["t"], [n_of], ["t statistics in parentheses", said(FIVE)])
    whole = regressions(columns, FIVE, {"(": "t"}, fits=chosen)
    for ext, write in (
        ("txt", fixed_text),
        ("csv", csv_text),
        ("tsv", tab_text),
        ("md", md_text),
        ("html", html_text),
        ("tex", tex_text),
        ("rtf", rtf_text),
    ):
        keep("stata", f"esttab.{ext}", write(t), whole)
    keep("stata", "esttab_scsv.csv", csv_text(t, ";"), whole)
    keep("stata", "esttab_compress.txt", fixed_text(t, 10, 9, 3, gaps=False), whole)

    columns = cols(chosen, TEN, {"se": "({})"})
    for one, n in zip(columns, chosen, strict=True):
        one |= {"r2": fixed(f[n].r2 or 0), "adj_r2": fixed(f[n].adj_r2 or 0)}
        one["marks"] = {"Year FE": "Yes" if n == "years" else "No"}
    foot = [
        ("Year FE", [c["marks"]["Year FE"] for c in columns]),
        n_of,
        ("R-sq", [c["r2"] for c in columns]),
        ("adj. R-sq", [c["adj_r2"] for c in columns]),
    ]
    levels = {"*": 0.10, "**": 0.05, "***": 0.01}
    t = laid(columns, ["se"], foot, ["Standard errors in parentheses", "* p<0.10, ** p<0.05, *** p<0.01"])
    whole = regressions(columns, levels, {"(": "se"}, fits=chosen)
    keep("stata", "esttab_se.txt", fixed_text(t), whole)
    keep("stata", "esttab_se.tex", tex_text(t, booktabs=True), whole)
    keep("stata", "esttab_se.rtf", rtf_text(t), whole)
    keep("stata", "esttab_se.csv", csv_text(t), whole)

    names = ["square", "full", "quality"]
    labels = {
        "integ": "Market integration",
        "integ_sq": "Market integration squared",
        "size": "Firm size",
        "lev": "Leverage",
        "lnexp": "Log exports",
        "Intercept": "Constant",
    }
    columns = cols(
        names, TEN, {"se": "({})"}, shape={"b": lambda v: fixed(v, 4), "se": lambda v: fixed(v, 4)}, names=labels
    )
    for one, n, g in zip(columns, names, ("Exports", "Exports", "Quality"), strict=True):
        one |= {"group": g, "r2": fixed(f[n].r2 or 0), "outcome": None}
    foot = [("Observations", [f"{f[n].nobs}" for n in names]), ("R-sq", [c["r2"] for c in columns])]
    t = laid(
        columns,
        ["se"],
        foot,
        ["Standard errors in parentheses", "* p<0.10, ** p<0.05, *** p<0.01"],
        [["(1)", "(2)", "(3)"]],
        groups=[("Exports", 2), ("Quality", 1)],
    )
    keep(
        "stata",
        "esttab_groups.tex",
        tex_text(t, booktabs=True, siunitx=True),
        regressions(columns, levels, {"(": "se"}, fits=names),
    )

    columns = cols(chosen, FIVE, {"p": "({})"}, shape=A3 | {"p": fixed})
    t = laid(columns, ["p"], [n_of], ["p-values in parentheses", said(FIVE)])
    keep("stata", "esttab_p.txt", fixed_text(t), regressions(columns, FIVE, {"(": "p"}, fits=chosen))
    columns = cols(chosen, FIVE, {"ci": ""})
    t = laid(columns, ["ci"], [n_of], ["95% confidence intervals in brackets", said(FIVE)], ends="[{},{}]")
    keep("stata", "esttab_ci.txt", fixed_text(t, 12, 18), regressions(columns, FIVE, {"[": "ci"}, fits=chosen))
    keep("stata", "esttab_ci.csv", csv_text(t), regressions(columns, FIVE, {"[": "ci"}, fits=chosen))
    columns = cols(chosen, FIVE, {"t": "[{}]"})
    t = laid(columns, ["t"], [n_of], ["t statistics in brackets", said(FIVE)])
    keep("stata", "esttab_brackets.tsv", tab_text(t), regressions(columns, FIVE, {"[": "t"}, fits=chosen))
    columns = cols(chosen, {}, {"se": "({})"})
    t = laid(columns, ["se"], [n_of], ["Standard errors in parentheses"])
    keep("stata", "esttab_nostar.txt", fixed_text(t), regressions(columns, {}, {"(": "se"}, ["brackets"], fits=chosen))
    four = {"+": 0.1, "*": 0.05}
    columns = cols(["reform", "full"], four, {"se": "({})"})
    for one in columns:
        if "integ_reform" in one["estimates"]:
            one["estimates"] = {
                ("c.integ#c.reform" if k == "integ_reform" else k): v for k, v in one["estimates"].items()
            }
    t = laid(
        columns,
        ["se"],
        [("N", [str(c["nobs"]) for c in columns])],
        ["Standard errors in parentheses", "+ p<0.1, * p<0.05"],
    )
    keep(
        "stata", "esttab_plus.txt", fixed_text(t, 20), regressions(columns, four, {"(": "se"}, fits=["reform", "full"])
    )
    keep("stata", "esttab_plus.tex", tex_text(t), regressions(columns, four, {"(": "se"}, fits=["reform", "full"]))

    columns = cols(chosen[:2], FIVE, {"se": "({})"})
    wide = []
    for term in terms_of(columns):
        line: list[tuple[str, str]] = []
        for c in columns:
            value = c["estimates"].get(term)
            line += [split(value["b"]), (value["se"], "")] if value else [("", ""), ("", "")]
        wide.append((term, [line]))
    heads = [["(1)", "", "(2)", ""], ["lnexp", "", "lnexp", ""]]
    t = Printed(heads, wide, [("N", ["600", "", "582", ""])], ["Standard errors in parentheses", said(FIVE)])
    whole = regressions(columns, FIVE, {"(": "se"}, fits=chosen[:2], layout="beside, a column each")
    keep("stata", "esttab_wide.txt", fixed_text(t, gaps=False), whole)
    keep("stata", "esttab_wide.csv", csv_text(t), whole)

    columns = cols(chosen, {}, {"t": "{}"}, shape={"b": lambda v: f"{v:.7g}", "t": lambda v: f"{v:.7g}"})
    t = laid(columns, ["t"], [n_of], [], [["est1", "est2", "est3"], ["b/t", "b/t", "b/t"]])
    for i, one in enumerate(columns, 1):
        one |= {"name": f"est{i}", "outcome": None}
    keep(
        "stata",
        "estout_plain.tsv",
        tab_text(t),
        regressions(columns, {}, {}, ["columns"], fits=chosen, note="b/t in the head: t below b, without brackets"),
    )

    d = data()
    beta = []
    for i, n in enumerate(["square", "full"], 1):
        sample = d.dropna() if n == "full" else d
        estimates = {}
        for name, term in f[n].terms.items():
            if name == "Intercept":
                continue
            scaled = term.b * float(sample[name].std() / sample["lnexp"].std())
            estimates[name] = {"b": fixed(scaled) + stars(term.p, FIVE), "t": f"({two(term.t)})"}
        beta.append(
            {"outcome": "lnexp", "nobs": f[n].nobs, "name": f"({i})", "standardised": True, "estimates": estimates}
        )
    t = laid(
        beta,
        ["t"],
        [("N", ["600", "582"])],
        ["Standardized beta coefficients; t statistics in parentheses", said(FIVE)],
    )
    keep("stata", "esttab_beta.txt", fixed_text(t), regressions(beta, FIVE, {"(": "t"}, fits=["square", "full"]))

    columns = cols(["sales", "logit"], FIVE, {"t": "({})"})
    columns[1]["model"] = "logit"
    t = laid(columns, ["t"], [("N", ["582", "582"])], ["t statistics in parentheses", said(FIVE)])
    keep("stata", "esttab_large.txt", fixed_text(t), regressions(columns, FIVE, {"(": "t"}, fits=["sales", "logit"]))


def thousands(digits: int = 3) -> Any:
    return lambda v: f"{v:,.{digits}f}"


def outreg2(f: Mapping[str, Fit]) -> None:
    chosen = ["square", "full", "quality"]
    rename = {"Intercept": "Constant"}
    columns = [column(f[n], TEN, names=rename, name=f"({i})", r2=fixed(f[n].r2 or 0)) for i, n in enumerate(chosen, 1)]
    whole = regressions(columns, TEN, {"(": "se"}, fits=chosen)
    notes = ["Standard errors in parentheses", "*** p<0.01, ** p<0.05, * p<0.1"]
    foot = [("Observations", [str(f[n].nobs) for n in chosen]), ("R-squared", [c["r2"] for c in columns])]
    t = laid(columns, ["se"], foot, notes)

    rows = rows_of(t)
    rows[1][0] = "VARIABLES"
    lines = ["\t".join(r) for r in rows]
    lines.insert(2, "\t" * t.width)
    lines.insert(len(lines) - len(foot), "\t" * t.width)
    keep("stata", "outreg2.txt", "\n".join([*lines, *(n + "\t" * t.width for n in notes)]) + "\n", whole)
    out = ["\\documentclass[]{article}", "\\begin{document}", f"\\begin{{tabular}}{{l{'c' * t.width}}} \\hline"]
    out.append(" & " + " & ".join(t.heads[0]) + " \\\\")
    out.append("VARIABLES & " + " & ".join(t.heads[1]) + " \\\\ \\hline")
    out.append(" & " * t.width + " \\\\")
    for term, parts in t.body:
        out += [
            (tex(term) if i == 0 else "") + " & " + " & ".join(n + s for n, s in line) + " \\\\"
            for i, line in enumerate(parts)
        ]
    out.append(" & " * t.width + " \\\\")
    out += [name + " & " + " & ".join(v) + " \\\\" for name, v in foot]
    out[-1] += " \\hline"
    out += [f"\\multicolumn{{{t.width + 1}}}{{c}}{{ {n.replace('<', '$<$')}}} \\\\" for n in notes]
    keep("stata", "outreg2.tex", "\n".join([*out, "\\end{tabular}", "\\end{document}"]) + "\n", whole)

    chosen = ["sales", "full"]
    labels = {
        "integ": "Market integration",
        "integ_sq": "Market integration squared",
        "size": "Firm size",
        "lev": "Leverage",
        "Intercept": "Constant",
    }
    shape = {"b": thousands(), "se": thousands()}
    outcomes = ["Sales (1,000 yuan)", "Log exports"]
    columns = [
        column(f[n], TEN, names=labels, shape=shape, name=f"({i})", outcome=o, r2=fixed(f[n].r2 or 0))
        for i, (n, o) in enumerate(zip(chosen, outcomes, strict=True), 1)
    ]
    foot = [("Observations", ["582", "582"]), ("R-squared", [c["r2"] for c in columns]), ("Year FE", ["NO", "NO"])]
    for one in columns:
        one["marks"] = {"Year FE": "NO"}
    robust = ["Robust standard errors in parentheses", notes[1]]
    t = laid(columns, ["se"], foot, robust)
    rows = rows_of(t)
    rows[1][0] = "LABELS"
    lines = ["\t".join(r) for r in rows]
    keep(
        "stata",
        "outreg2_labels.txt",
        "\n".join([*lines, *robust]) + "\n",
        regressions(columns, TEN, {"(": "se"}, fits=chosen),
    )


def without_zero(digits: int = 3) -> Any:
    def write(v: float) -> str:
        text = fixed(v, digits)
        return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text

    return write


def asdoc(f: Mapping[str, Fit]) -> None:
    import docx

    d = data()
    fit = f["square"]
    w = without_zero()
    estimates = {}
    for name, term in fit.terms.items():
        estimates["Constant" if name == "Intercept" else name] = {
            "b": w(term.b),
            "se": w(term.se),
            "t": two(term.t).replace("0.", ".", 1) if abs(term.t) < 1 else two(term.t),
            "p": "0" if term.p < 0.0005 else w(term.p),
            "ci": [w(term.lo), w(term.hi)],
            "stars": stars(term.p, TEN),
        }
    document = docx.Document()
    document.add_paragraph("Linear regression")
    heads = ["lnexp", "Coef.", "St.Err.", "t-value", "p-value", "[95% Conf", "Interval]", "Sig"]
    foot = [
        ["Mean dependent var", fixed(float(d["lnexp"].mean())), "SD dependent var", fixed(float(d["lnexp"].std()))],
        ["R-squared", fixed(fit.r2 or 0), "Number of obs", str(fit.nobs)],
        ["F-test", fixed(fit.more["f"]), "Prob > F", "0.000"],
        ["Akaike crit. (AIC)", fixed(fit.more["aic"]), "Bayesian crit. (BIC)", fixed(fit.more["bic"])],
    ]
    table = document.add_table(rows=0, cols=8)

    def add(values: Sequence[str]) -> None:
        cells = table.add_row().cells
        for cell, value in zip(cells, values, strict=False):
            cell.text = value

    add(heads)
    for name, e in estimates.items():
        add([name, e["b"], e["se"], e["t"], e["p"], *e["ci"], e["stars"]])
    add([""] * 8)
    for row in foot:
        cells = table.add_row().cells
        cells[0].merge(cells[1]).text = row[0]
        cells[2].text = row[1]
        cells[3].merge(cells[6]).text = row[2]
        cells[7].text = row[3]
    last = table.add_row().cells
    last[0].merge(last[7]).text = "*** p<.01, ** p<.05, * p<.1"
    out = io.BytesIO()
    document.save(out)
    one = {"outcome": "lnexp", "nobs": 600, "r2": foot[1][1], "f": foot[2][1], "estimates": estimates}
    keep(
        "stata",
        "asdoc.docx",
        out.getvalue(),
        regressions([one], TEN, {}, ["columns", "levels"], fits=["square"], layout="one row, seven columns"),
    )

    chosen = ["square", "full"]
    shape = {"b": w, "se": w}
    columns = [
        column(f[n], TEN, shape=shape, names=CONS, name=f"({i})", r2=w(f[n].r2 or 0)) for i, n in enumerate(chosen, 1)
    ]
    notes = ["Standard errors are in parentheses", "*** p<.01, ** p<.05, * p<.1"]
    t = laid(columns, ["se"], [("Observations", ["600", "582"]), ("R-squared", [c["r2"] for c in columns])], notes)
    document = docx.Document()
    document.add_paragraph("Table: Regression results")
    table = document.add_table(rows=0, cols=3)
    for row in rows_of(t):
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=True):
            cell.text = value
    for n in notes:
        cells = table.add_row().cells
        cells[0].merge(cells[2]).text = n
    out = io.BytesIO()
    document.save(out)
    keep(
        "stata",
        "asdoc_nested.docx",
        out.getvalue(),
        regressions(columns, TEN, {"(": "se"}, fits=chosen, title="Table: Regression results"),
    )


def console(f: Mapping[str, Fit]) -> None:
    """What ``regress``, ``summarize``, ``tabstat`` and ``pwcorr`` show on the screen."""
    fit = f["square"]
    total = float(((data()["lnexp"] - data()["lnexp"].mean()) ** 2).sum())
    model = total * (fit.r2 or 0)
    rest = total - model

    def source(name: str, ss: float, df: int, right: str) -> str:
        return f"{name:>12} | {ss:>11.9g} {df:>9}  {ss / df:>10.9g}   {right}"

    out = [
        f"      Source |       SS           df       MS      Number of obs   ={fit.nobs:>10}",
        f"-------------+----------------------------------   F(2, 597)       ={fit.more['f']:>10.2f}",
        source("Model", model, 2, "Prob > F        =    0.0000"),
        source("Residual", rest, 597, f"R-squared       ={fit.r2 or 0:>10.4f}"),
        f"-------------+----------------------------------   Adj R-squared   ={fit.adj_r2 or 0:>10.4f}",
        source("Total", total, 599, f"Root MSE        ={(rest / 597) ** 0.5:>10.5f}"),
        "",
        "------------------------------------------------------------------------------",
        "       lnexp | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]",
        "-------------+----------------------------------------------------------------",
    ]

    def nine(v: float) -> str:
        text = f"{v:.7g}"
        return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text

    estimates = {}
    for name in [*(n for n in fit.terms if n != "Intercept"), "Intercept"]:
        term = fit.terms[name]
        label = CONS.get(name, name)
        e = {
            "b": nine(term.b),
            "se": nine(term.se),
            "t": two(term.t),
            "p": fixed(term.p),
            "ci": [nine(term.lo), nine(term.hi)],
        }
        estimates[label] = e
        out.append(f"{label:>12} |{e['b']:>11}{e['se']:>11}{e['t']:>9}{e['p']:>8}{e['ci'][0]:>13}{e['ci'][1]:>12}")
    out.append("------------------------------------------------------------------------------")
    one = {
        "outcome": "lnexp",
        "nobs": 600,
        "r2": fixed(fit.r2 or 0, 4),
        "adj_r2": fixed(fit.adj_r2 or 0, 4),
        "f": two(fit.more["f"]),
        "estimates": estimates,
    }
    keep(
        "stata",
        "regress.txt",
        "\n".join(out) + "\n",
        regressions([one], {}, {}, ["columns"], fits=["square"], layout="one row, six columns"),
    )

    d = data()
    wanted = ["lnexp", "integ", "size", "lev", "age"]
    lines = ["    Variable |        Obs        Mean    Std. dev.       Min        Max", "-------------+" + "-" * 57]
    rows = []
    for v in wanted:
        x = d[v].dropna()
        r = {
            "label": v,
            "n": str(len(x)),
            "mean": nine(float(x.mean())),
            "sd": nine(float(x.std())),
            "min": nine(float(x.min())),
            "max": nine(float(x.max())),
        }
        rows.append(r)
        lines.append(f"{v:>12} |{r['n']:>11}{r['mean']:>12}{r['sd']:>12}{r['min']:>11}{r['max']:>11}")
    empty: dict[str, Any] = {"kind": "descriptives", "levels": {}, "brackets": {}}
    keep("stata", "summarize.txt", "\n".join(lines) + "\n", {**empty, "rows": rows})

    stats = ["mean", "sd", "p50", "min", "max", "N"]
    lines = ["", "   Stats |" + "".join(f"{v:>10}" for v in wanted), "---------+" + "-" * 50]
    values: dict[str, dict[str, str]] = {v: {} for v in wanted}
    for s in stats:
        cells = []
        for v in wanted:
            x = d[v].dropna()
            number = {"mean": x.mean(), "sd": x.std(), "p50": x.median(), "min": x.min(), "max": x.max(), "N": len(x)}[
                s
            ]
            text = str(number) if s == "N" else nine(float(f"{number:.6g}"))
            values[v][{"p50": "median", "N": "n"}.get(s, s)] = text
            cells.append(text)
        lines.append(f"{s.capitalize() if s != 'sd' else 'SD':>8} |" + "".join(f"{c:>10}" for c in cells))
    lines.append("-" * 60)
    keep(
        "stata",
        "tabstat.txt",
        "\n".join(lines) + "\n",
        {**empty, "layout": "statistics in rows", "rows": [{"label": v, **values[v]} for v in wanted]},
    )

    from scipy import stats as st

    lines = ["             |" + "".join(f"{v:>10}" for v in wanted), "-------------+" + "-" * 50]
    cells_out, ps = [], []
    for i, a in enumerate(wanted):
        top, below, count = [], [], []
        for j, b in enumerate(wanted[: i + 1]):
            pair = d[[a, b]].dropna()
            if i == j:
                text, p = "1.0000", ""
            else:
                r, value = st.pearsonr(pair[a], pair[b])
                text, p = f"{r:.4f}" + ("*" if value < 0.05 else " "), f"{value:.4f}"
            top.append(text)
            below.append(p)
            count.append(str(len(pair)))
            cells_out.append([a, b, text.strip()])
            if p:
                ps.append([a, b, p])
        lines.append(f"{a:>12} |" + "".join(f"{t:>10}" for t in top))
        if any(below):
            lines.append(" " * 13 + "|" + "".join(f"{t:>10}" for t in below))
        lines.append(" " * 13 + "|")
    truth = {
        "kind": "correlations",
        "levels": {},
        "levels_used": {"*": 0.05},
        "brackets": {},
        "variables": wanted,
        "triangle": "lower",
        "cells": cells_out,
        "p": ps,
    }
    keep("stata", "pwcorr.txt", "\n".join(lines) + "\n", truth)


def described(d: pd.DataFrame) -> None:
    """``estpost summarize`` and ``estpost tabstat, by()`` with esttab."""
    wanted = {
        "lnexp": "Log exports",
        "integ": "Market integration",
        "size": "Firm size",
        "lev": "Leverage",
        "age": "Firm age",
    }
    rows = []
    for v, label in wanted.items():
        x = d[v].dropna()
        rows.append(
            {
                "label": label,
                "n": str(len(x)),
                "mean": fixed(float(x.mean())),
                "sd": fixed(float(x.std())),
                "min": fixed(float(x.min())),
                "max": fixed(float(x.max())),
            }
        )
    truth: dict[str, Any] = {"kind": "descriptives", "levels": {}, "brackets": {}, "rows": rows}
    names = ["count", "mean", "sd", "min", "max"]
    body = [(r["label"], [[(r["n" if k == "count" else k], "") for k in names]]) for r in rows]
    t = Printed([["(1)", "", "", "", ""], names], body, [], [])
    keep("stata", "estpost.csv", csv_text(t), truth)
    out = ["{", "\\begin{tabular}{l*{1}{ccccc}}", "\\hline\\hline"]
    out += [
        "            &\\multicolumn{5}{c}{(1)}\\\\",
        "            " + "".join(f"&{n:>12}" for n in names) + "\\\\",
        "\\hline",
    ]
    out += [
        f"{r['label']:<20}" + "".join(f"&{r['n' if k == 'count' else k]:>12}" for k in names) + "\\\\" for r in rows
    ]
    out += [
        "\\hline",
        "\\(N\\)       &         600&            &            &            &            \\\\",
        "\\hline\\hline",
        "\\end{tabular}",
        "}",
    ]
    keep("stata", "estpost.tex", "\n".join(out) + "\n", truth)


def main() -> None:
    f = fits()
    keep_fits("stata", f)
    esttab(f)
    outreg2(f)
    asdoc(f)
    console(f)
    described(data())


if __name__ == "__main__":
    main()
