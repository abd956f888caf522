"""Export a study for users of Stata and R: tables with labels, a codebook, and scripts that check the benchmark."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from integrade.engine.system import coded
from integrade.estimate.fit import fit
from integrade.estimate.formula import Formula, Term, parse_formula
from integrade.estimate.results import FitResult
from integrade.report.whole_file import write_bytes
from integrade.sources import write_table
from integrade.sources.writing.stata_tables import as_stata_holds_it, write_labelled
from integrade.study.finished import results_in, rows_in
from integrade.study.show import last_run
from integrade.study.variable_names import variable_names
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.naming import label_of
from plainwords.account import Account, Entry
from plainwords.escaping import for_r_comment, for_r_name, for_r_string, for_stata, for_stata_string
from plainwords.texts import say
from rawcells.stopping import beside, temporary

IN_SAMPLE = "in_sample"
# Largest relative difference that the scripts accept: other software repeats the numbers to rounding and its own
# convergence tolerance. The value is a convention.
TOLERANCE = "1e-6"
REPEATED = ("iid", "HC1", "CR1")
"""Covariances that reghdfe and fixest both have, so that both scripts repeat them.

The R script also repeats CR3 with plm if effects are nested in clusters. All other numbers are only in expected.csv.
"""
ERRORS_AGREE = ("reghdfe", "fixest")
"""Small-sample rules under which the scripts compare standard errors."""


@dataclass(frozen=True)
class Model:
    """One regression to repeat: its name, formula, covariance, cluster variable and expected numbers.

    ``nested``: the first set of effects lies within the clusters, and no unit moves between them. ``constant``: the
    constant that xtreg prints; None under other rules.
    """

    name: str
    formula: Formula
    kind: str
    cluster: str
    expected: tuple[tuple[str, float, float], ...]  # term, estimate, standard error
    nobs: int
    ssc: str
    nested: bool = False
    constant: float | None = None

    @property
    def by_xtreg(self) -> bool:
        """Whether Stata's xtreg makes these errors: independent, or by clusters that contain the units."""
        return (
            self.ssc == "xtreg"
            and bool(self.formula.effects)
            and (self.kind == "iid" or (self.kind == "CR1" and self.nested))
        )


@dataclass(frozen=True)
class Variables:
    """Names in the exported files.

    ``columns``: column of the panel -> name. ``codes``: effects or cluster variable -> name of its codes. ``terms``:
    term of a formula -> name.
    """

    columns: Mapping[str, str]
    codes: Mapping[str, str]
    terms: Mapping[str, str]


def export_study(study: Path, out: Path, tell: Callable[[str], None] = lambda _: None) -> tuple[Path, ...]:
    """Write the last run's tables for Stata and R into a folder, and return the paths of the files.

    A study with a regression gives panel.dta and panel.csv, codebook.csv, expected.csv, replicate.do and replicate.R.
    ``in_sample`` marks the rows that are complete in every column of the full benchmark. The scripts drop singletons
    among these rows, as the study did. A study without a regression gives the index and quality, with their codebook.
    account.txt lists columns that have another name than in the study, and values that a format cannot store. The files
    appear only when all are complete.

    Raises `FileMissing` when the study has not run to its end, `SystemRefusal`.
    """
    folder = last_run(study)
    results = results_in(folder)
    with coded(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary(beside(out), Path.mkdir) as work:
            account = _fill(work, folder, results)
            write_bytes(work / "account.txt", f"{account}\n".encode())
            for entry in account:
                tell(str(entry.reason))
            names = sorted(p.name for p in work.iterdir())
            if out.exists():  # other files in the folder stay
                for name in names:
                    os.replace(work / name, out / name)
            else:
                work.chmod(0o755)
                os.replace(work, out)
            return tuple(out / name for name in names)


def _fill(work: Path, run: Path, results: StudyResults) -> Account:
    """Write all files but the account, which is returned."""
    if not results.benchmark:
        account = Account()
        for name in ("integration", "quality"):
            if (run / "tables" / f"{name}.parquet").exists():
                rows = rows_in(run, f"tables/{name}.parquet")
                account += _write(work, name, rows, variable_names(rows.columns), results, prefix=f"{name}_")
        return account
    panel = rows_in(run, "tables/panel.parquet")
    full = results.benchmark[-1].headline
    formula = parse_formula(full.formula)
    parts_of_clusters = (c for cluster in full.clusters for c in cluster.split("^"))
    needed = dict.fromkeys([*formula.numeric_columns, *formula.effect_columns, *parts_of_clusters])
    complete = pl.all_horizontal(pl.col(c).is_not_null() for c in needed)
    marked = panel.with_columns(complete.cast(pl.Int8).alias(IN_SAMPLE))
    regressions = tuple(models(results, marked.filter(pl.col(IN_SAMPLE) == 1)))
    names = variables(marked.columns, regressions)
    account = _write(work, "panel", marked, names.columns, results)
    write_table(_expected(regressions, names), work / "expected.csv")
    write_bytes(work / "replicate.do", stata(regressions, results.title, names, results.labels).encode())
    kinds = {names.columns[c]: kind for c, kind in marked.schema.items()}
    labels = {names.columns[c]: _label(c, results) for c in marked.columns}
    write_bytes(work / "replicate.R", r_script(regressions, results.title, names, kinds, labels).encode())
    return account


def _write(
    work: Path, table: str, rows: pl.DataFrame, names: Mapping[str, str], results: StudyResults, prefix: str = ""
) -> Account:
    """Write one table as .dta and .csv with its codebook; return entries for renamed columns and shortened values."""
    labels = {names[c]: _label(c, results) for c in rows.columns}
    storable, cut = as_stata_holds_it(rows.rename(names))
    values = {IN_SAMPLE: {0: "no", 1: "yes"}} if IN_SAMPLE in rows.columns else {}
    write_labelled(storable, work / f"{table}.dta", labels, values)
    plain = rows.rename(names).with_columns(pl.selectors.boolean().cast(pl.Int8))
    write_table(plain, work / f"{table}.csv")
    write_table(_codebook(rows, names, results, cut), work / f"{prefix}codebook.csv")
    renamed = {c: n for c, n in names.items() if c != n}
    entries = [
        Entry("export", table, "note", say("exported.named", column=repr(c), name=n), 0) for c, n in renamed.items()
    ]
    entries += [
        Entry("export", table, "warning", say("exported.cut", name=n, why=say(why)), 0) for n, why in cut.items()
    ]
    return Account(tuple(entries))


def _label(column: str, results: StudyResults) -> str:
    """Return the label of a column with its unit; the codebook has the whole text."""
    if column == IN_SAMPLE:
        return str(say("exported.in-sample"))
    text, unit = label_of(column, results.labels), results.units.get(column, "")
    return f"{text} ({unit})" if unit else str(text)


def _codebook(
    rows: pl.DataFrame, names: Mapping[str, str], results: StudyResults, cut: Mapping[str, str]
) -> pl.DataFrame:
    lines = [
        {
            "name": names[c],
            "column": c,
            "heading": results.names.get(c, c),
            "label": str(label_of(c, results.labels)),
            "unit": str(results.units.get(c, "")),
            "type": "text" if kind == pl.String else "number" if kind.is_numeric() else str(kind).lower(),
            "missing": rows[c].null_count(),
            "note": str(say(cut[names[c]])) if names[c] in cut else "",
        }
        for c, kind in rows.schema.items()
    ]
    return pl.DataFrame(lines)


def models(results: StudyResults, rows: pl.DataFrame) -> Iterator[Model]:
    """Yield the regression of every column of the benchmark under every kind of covariance, each combination once.

    Regressions with several cluster variables are left out. All are estimated again by the rule of reghdfe and fixest:
    effects count as nested only if no unit moves between clusters. The study may count an effect with a few movers as
    nested, which makes its CR1 errors a little smaller.
    """
    for i, column in enumerate(results.benchmark, start=1):
        seen: set[tuple[str, str]] = set()
        for result in (column.headline, *column.beside.values()):
            key = (result.kind, "+".join(result.clusters))
            if key not in seen and len(result.clusters) < 2:
                seen.add(key)
                yield _model(f"column {i}, {' by '.join(k for k in key if k)}", result, rows)


def _model(name: str, result: FitResult, rows: pl.DataFrame) -> Model:
    cluster = next(iter(result.clusters), "")
    again = fit(
        rows,
        result.formula,
        vcov=result.kind,
        cluster=cluster or None,
        ssc=result.ssc,
        singletons="drop" if result.ssc != "xtreg" else "keep",
        movers_nested=0.0,
    )
    expected = tuple((c.term, c.estimate, c.std_error) for c in again.coefficients)
    constant = again.constant[0] if again.constant is not None and result.ssc == "xtreg" else None
    nested = bool(again.effects) and again.effects[0].nested and not again.effects[0].movers
    return Model(
        name, parse_formula(result.formula), result.kind, cluster, expected, again.nobs, result.ssc, nested, constant
    )


def _expected(regressions: Sequence[Model], names: Variables) -> pl.DataFrame:
    rows = [
        {
            "model": m.name,
            "formula": m.formula.text,
            "covariance": m.kind,
            "cluster": m.cluster,
            "rows": m.nobs,
            "term": t,
            "variable": names.terms[t],
            "estimate": b,
            "std_error": se,
        }
        for m in regressions
        for t, b, se in m.expected
    ]
    return pl.DataFrame(rows)


def variables(panel_columns: Sequence[str], regressions: Sequence[Model]) -> Variables:
    """Return distinct names for the columns of the panel and for every variable that the scripts create."""
    columns = variable_names(panel_columns)
    codes = variable_names([f"code_{c}" for c in _codes(regressions)], columns.values())
    terms = {t.name: columns[t.name] for t in _terms(regressions) if t.name in columns}
    wanted = [t.name for t in _terms(regressions) if t.name not in terms]
    new_names = variable_names([_spelt(name) for name in wanted], [*columns.values(), *codes.values()])
    terms |= {name: new_names[_spelt(name)] for name in wanted}
    return Variables(columns, {c: codes[f"code_{c}"] for c in _codes(regressions)}, terms)


def _spelt(term: str) -> str:
    """Return a name for a term, such as ``market_2`` for ``market^2``."""
    return term.replace("^", "_").replace(":", "_x_").replace("ln(", "ln_").replace(")", "")


def _expressions(
    terms: Sequence[Term], log: str, names: Variables, named: Callable[[str], str]
) -> Iterator[tuple[Term, str]]:
    """Yield the terms that are not columns of the panel, each with its expression in the language of the script."""
    for term in terms:
        if term.name in names.columns:
            continue
        columns = [named(names.columns[p.column]) for p in term.parts]
        parts = [
            (f"{log}({column})" if p.log else column) + (f"^{p.power}" if p.power > 1 else "")
            for p, column in zip(term.parts, columns, strict=True)
        ]
        yield term, " * ".join(parts)


def _terms(regressions: Sequence[Model]) -> list[Term]:
    every = [t for m in regressions for t in (*m.formula.regressors, m.formula.outcome)]
    return list({t.name: t for t in every}.values())


def _codes(regressions: Sequence[Model]) -> list[str]:
    """Return each set of effects and each cluster variable once; columns of an interaction are joined by ^."""
    effects = ["^".join(e) for m in regressions for e in m.formula.effects]
    clusters = [m.cluster for m in regressions if m.cluster]
    return list(dict.fromkeys([*effects, *clusters]))


def stata(regressions: Sequence[Model], title: str, names: Variables, labels: Mapping[str, str]) -> str:
    """Return a Stata do-file that stops at the first number that differs.

    It uses xtreg where the study follows xtreg and xtreg makes the errors, and reghdfe otherwise.
    """
    repeated = [m for m in regressions if m.kind in REPEATED]
    needed = ["* Needs reghdfe (ssc install reghdfe, ssc install ftools)."]
    lines = [
        f"* {for_stata(title)}: the benchmark regressions again.",
        *(needed if any(m.formula.effects and not m.by_xtreg for m in repeated) else []),
        "version 15",
        "use panel.dta, clear",
        f"keep if {names.columns[IN_SAMPLE]} == 1",
    ]
    for c in _codes(regressions):
        parts = " ".join(names.columns[p] for p in c.split("^"))
        lines.append(f"egen long {names.codes[c]} = group({parts})")
    for term, how in _expressions(_terms(regressions), "ln", names, str):
        name = names.terms[term.name]
        lines.append(f"gen double {name} = {how}")
        lines.append(f'label variable {name} "{for_stata_string(str(label_of(term.name, labels)))}"')
    for m in repeated:
        lines += ["", f"* {for_stata(m.name)}", *_commands(m, names), f"assert e(N) == {m.nobs}"]
        if m.by_xtreg and m.constant is not None:
            lines.append(f"assert reldif(_b[_cons], {m.constant!r}) < {TOLERANCE}")
        lines += [f"assert reldif(_b[{names.terms[t]}], {b!r}) < {TOLERANCE}" for t, b, _ in m.expected]
        if m.ssc in ERRORS_AGREE or m.by_xtreg:
            lines += [f"assert reldif(_se[{names.terms[t]}], {se!r}) < {TOLERANCE}" for t, _, se in m.expected]
    return "\n".join([*lines, "", 'display "every number agrees"', ""])


def _commands(m: Model, names: Variables) -> list[str]:
    """Return the Stata commands of a regression."""
    vce = {"iid": "", "HC1": "vce(robust)"}.get(m.kind, f"vce(cluster {names.codes.get(m.cluster, '')})")
    regressors = " ".join(names.terms[t.name] for t in m.formula.regressors)
    outcome = names.terms[m.formula.outcome.name]
    effects = [names.codes["^".join(e)] for e in m.formula.effects]
    if m.by_xtreg:
        unit, *dummies = effects
        right = " ".join([regressors, *(f"i.{code}" for code in dummies)])
        return [f"xtset {unit}", f"xtreg {outcome} {right}, fe{f' {vce}' if vce else ''}"]
    absorb = " ".join(effects)
    options = [f"absorb({absorb})" if absorb else "", vce, "keepsingletons" if m.ssc == "xtreg" and absorb else ""]
    text = " ".join(o for o in options if o)
    return [f"{'reghdfe' if absorb else 'regress'} {outcome} {regressors}{f', {text}' if text else ''}"]


R_HEAD = """\
for (locale in c("C.UTF-8", "en_US.UTF-8")) {
  if (!l10n_info()[["UTF-8"]]) suppressWarnings(invisible(Sys.setlocale("LC_CTYPE", locale)))
}
"""

R_CHECK = f"""\
fast <- requireNamespace("fixest", quietly = TRUE)
within <- requireNamespace("plm", quietly = TRUE)
clustered <- requireNamespace("clubSandwich", quietly = TRUE)
check <- function(model, estimates, errors = NULL) {{
  own <- expected[expected$model == model, ]
  names(estimates) <- gsub("`", "", names(estimates), fixed = TRUE)
  if (!is.null(errors)) names(errors) <- gsub("`", "", names(errors), fixed = TRUE)
  stopifnot(all(abs(estimates[own$variable] / own$estimate - 1) < {TOLERANCE}))
  if (!is.null(errors)) stopifnot(all(abs(errors[own$variable] / own$std_error - 1) < {TOLERANCE}))
  cat(model, ": every", if (is.null(errors)) "estimate" else "number", "agrees\\n")
}}
without_singletons <- function(rows, effects) {{
  repeat {{
    alone <- Reduce(`|`, lapply(effects, function(e) ave(rep(1, nrow(rows)), rows[[e]], FUN = sum) == 1))
    if (!any(alone)) return(rows)
    rows <- rows[!alone, ]
  }}
}}
by_cluster <- function(fit, cluster, kind) {{
  clusters <- length(unique(cluster))
  if (kind == "CR3") {{
    jackknife <- clubSandwich::vcovCR(fit, cluster = cluster, type = "CR3")
    return(sqrt(diag(jackknife) * (clusters - 1) / clusters))
  }}
  small <- clusters / (clusters - 1) * (length(cluster) - 1) / (length(cluster) - length(coef(fit)) - 1)
  sqrt(diag(clubSandwich::vcovCR(fit, cluster = cluster, type = "CR0")) * small)
}}"""


def r_script(
    regressions: Sequence[Model],
    title: str,
    names: Variables,
    kinds: Mapping[str, pl.DataType],
    labels: Mapping[str, str],
) -> str:
    """Return an R script that uses fixest, or plm and (for clusters) clubSandwich where fixest is not installed."""
    name = for_r_name
    types = [
        f"{for_r_string(column)} = {for_r_string('character' if kind == pl.String else 'numeric')}"
        for column, kind in kinds.items()
        if kind == pl.String or kind.is_numeric() or kind == pl.Boolean
    ]
    lines = [
        f"# {for_r_comment(title)}: the benchmark regressions again, checked against expected.csv.",
        "# fixest compares estimates and standard errors; without it plm does, with clubSandwich for clusters.",
        R_HEAD.rstrip(),
        f"types <- c({', '.join(types)})",
        'panel <- read.csv("panel.csv", encoding = "UTF-8", check.names = FALSE, na.strings = "", colClasses = types)',
        'expected <- read.csv("expected.csv", encoding = "UTF-8")',
        *(f'attr(panel${name(n)}, "label") <- {for_r_string(text)}' for n, text in labels.items() if text),
        f"panel <- panel[panel${name(names.columns[IN_SAMPLE])} == 1, ]",
    ]
    for c in _codes(regressions):
        parts = ", ".join(f"panel${name(names.columns[p])}" for p in c.split("^"))
        lines.append(f"panel${name(names.codes[c])} <- as.integer(interaction({parts}, drop = TRUE))")
    for term, how in _expressions(_terms(regressions), "log", names, name):
        lines.append(f"panel${name(names.terms[term.name])} <- with(panel, {how})")
    lines.append(R_CHECK)
    for m in (m for m in regressions if m.kind in (*REPEATED, "CR3")):
        lines += ["", f"# {for_r_comment(m.name)}", *_r_model(m, names)]
    return "\n".join([*lines, ""])


def _r_model(m: Model, names: Variables) -> list[str]:
    """Return the R code of one regression.

    There is no code for CR3 unless effects are nested in the clusters. If they are not nested, clubSandwich leaves out
    a part of the leverage.
    """
    name, label = for_r_name, for_r_string(m.name)
    outcome = name(names.terms[m.formula.outcome.name])
    right = " + ".join(name(names.terms[t.name]) for t in m.formula.regressors)
    effects = [names.codes["^".join(e)] for e in m.formula.effects]
    code = names.codes.get(m.cluster, "")
    dropped = m.ssc != "xtreg" and bool(effects)
    listed = f"c({', '.join(map(for_r_string, effects))})"
    lines = [f"rows <- without_singletons(panel, {listed})" if dropped else "rows <- panel"]
    with_plm = _r_with_plm(m, f"{outcome} ~ {right}", effects, code)
    if m.kind == "CR3":
        if not (m.nested and m.ssc in ERRORS_AGREE):
            return []
        return ["if (within) {", *(f"  {line}" for line in (*lines, *with_plm)), "}"]
    vcov = {"iid": '"iid"', "HC1": '"hetero"'}.get(m.kind, f"~{name(code)}")
    errors = ", fixest::se(fit)" if m.ssc in ERRORS_AGREE else ""
    absorbed = f" | {' + '.join(map(name, effects))}" if effects else ""
    return [
        *lines,
        "if (fast) {",
        f'  fit <- fixest::feols({outcome} ~ {right}{absorbed}, rows, vcov = {vcov}, fixef.rm = "none")',
        f"  check({label}, coef(fit){errors})",
        "} else {",
        *(f"  {line}" for line in with_plm),
        "}",
    ]


def _r_with_plm(m: Model, formula: str, effects: Sequence[str], code: str) -> list[str]:
    """Return code with plm: the first set of effects is removed by the within transformation, other sets are dummies.

    Standard errors are compared only where plm computes them as the study does.
    """
    label, name = for_r_string(m.name), for_r_name
    dummies = "".join(f" + factor({name(e)})" for e in effects[1:])
    if not effects:
        errors = ", sqrt(diag(vcov(fit)))" if m.kind == "iid" else ""
        return [f"fit <- lm({formula}, rows)", f"check({label}, coef(fit){errors})"]
    first = for_r_string(effects[0])  # plm sorts rows by its index
    lines = [f"rows <- rows[order(rows[[{first}]]), ]"]
    lines += [f'fit <- plm::plm({formula}{dummies}, rows, index = {first}, model = "within")']
    if m.ssc in ERRORS_AGREE and m.kind == "iid":
        return [*lines, f"check({label}, coef(fit), sqrt(diag(vcov(fit))))"]
    if m.ssc in ERRORS_AGREE and m.kind in ("CR1", "CR3") and m.nested:
        clustered = f"by_cluster(fit, rows${name(code)}, {for_r_string(m.kind)})"
        return [*lines, f"check({label}, coef(fit), if (clustered) {clustered})"]
    return [*lines, f"check({label}, coef(fit))"]
