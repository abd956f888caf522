"""For referees who work in Stata or R: the panel, and scripts that run the benchmark again and check every number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from integrade.errors import FileMissing, UsageError
from integrade.escaping import for_r_comment, for_r_name, for_r_string, for_stata
from integrade.judge.bundle import StudyResults
from integrade.models.fit.fit import fit
from integrade.models.fit.formula import Formula, Term, parse_formula
from integrade.models.fit.results import FitResult
from integrade.report.whole_file import write_bytes
from integrade.sources import write_table
from integrade.study.show import last_run
from integrade.study.stored_results import results_from

IN_SAMPLE = "in_sample"
TOLERANCE = "1e-6"
STATA_LONG = 32
"""Characters that a name of Stata has."""
REPEATED = ("iid", "HC1", "CR1")
ERRORS_AGREE = ("reghdfe", "fixest")  # small-sample rules whose errors the scripts compare
"""Covariances that both programs have; CR3 and the others are in expected.csv."""


@dataclass(frozen=True)
class Model:
    """One regression to repeat: its name, formula, covariance, cluster variable and what it must give."""

    name: str
    formula: Formula
    kind: str
    cluster: str
    expected: tuple[tuple[str, float, float], ...]  # term, estimate, standard error
    nobs: int
    ssc: str


def export_study(study: Path, out: Path) -> tuple[Path, ...]:
    """Write panel.dta, panel.csv, expected.csv, replicate.do and replicate.R into a folder; returns the files.

    ``in_sample`` marks the rows that are complete in every column of the full benchmark; singletons among them are
    dropped by the scripts as they were here. Raises `FileMissing` when the study has not run to its end.
    """
    folder = last_run(study)
    file = folder / "tables" / "results.json"
    if not file.exists():
        raise FileMissing(f"the last run of {study} has no results", remedy=f"integrade run {study}")
    results = results_from(file.read_text(encoding="utf-8"))
    if not results.benchmark:
        what = f"the last run of {study} has no regression to repeat in Stata or R"
        raise UsageError(what, remedy="the tables of the run are in runs/RUN/tables, as Parquet")
    panel = pl.read_parquet(folder / "tables" / "panel.parquet")
    full = results.benchmark[-1].headline
    marked = _marked(panel, parse_formula(full.formula), tuple(full.clusters))
    found = tuple(models(results, marked.filter(pl.col(IN_SAMPLE) == 1)))
    out.mkdir(parents=True, exist_ok=True)
    for name in ("panel.dta", "panel.csv"):
        write_table(marked, out / name)
    write_table(_expected(found), out / "expected.csv")
    write_bytes(out / "replicate.do", stata(found, results.title).encode())
    write_bytes(out / "replicate.R", r_script(found, results.title).encode())
    return tuple(out / n for n in ("panel.dta", "panel.csv", "expected.csv", "replicate.do", "replicate.R"))


def _marked(panel: pl.DataFrame, formula: Formula, clusters: Sequence[str]) -> pl.DataFrame:
    needed = [*formula.numeric_columns, *formula.effect_columns, *(c for k in clusters for c in k.split("^"))]
    known = pl.all_horizontal(pl.col(c).is_not_null() for c in dict.fromkeys(needed))
    return panel.with_columns(known.cast(pl.Int8).alias(IN_SAMPLE))


def models(results: StudyResults, rows: pl.DataFrame) -> Iterator[Model]:
    """Every column of the benchmark under every kind of covariance, once.

    Estimated again with effects that count as nested only where nothing moves between clusters, as reghdfe and fixest
    do: the study may have counted an effect with a few movers as nested, which makes its CR1 errors a little smaller.
    """
    for i, column in enumerate(results.benchmark, start=1):
        seen: set[tuple[str, str]] = set()
        for found in (column.headline, *column.beside.values()):
            key = (found.kind, "+".join(found.clusters))
            if key not in seen and len(found.clusters) < 2:
                seen.add(key)
                yield _model(f"column {i}, {' by '.join(k for k in key if k)}", found, rows)


def _model(name: str, found: FitResult, rows: pl.DataFrame) -> Model:
    cluster = next(iter(found.clusters), "")
    again = fit(
        rows,
        found.formula,
        vcov=found.kind,
        cluster=cluster or None,
        ssc=found.ssc,
        singletons="drop" if found.ssc != "xtreg" else "keep",
        movers_nested=0.0,
    )
    expected = tuple((c.term, c.estimate, c.std_error) for c in again.coefficients)
    return Model(name, parse_formula(found.formula), found.kind, cluster, expected, again.nobs, found.ssc)


def _expected(found: Sequence[Model]) -> pl.DataFrame:
    rows = [
        {
            "model": m.name,
            "formula": m.formula.text,
            "covariance": m.kind,
            "cluster": m.cluster,
            "rows": m.nobs,
            "term": t,
            "estimate": b,
            "std_error": se,
        }
        for m in found
        for t, b, se in m.expected
    ]
    return pl.DataFrame(rows)


def _variable(term: str) -> str:
    """A term as the name of a variable: ``market^2`` -> ``market_2``."""
    return term.replace("^", "_").replace(":", "_x_").replace("ln(", "ln_").replace(")", "")


def _stata(name: str) -> str:
    """A name of a variable to make, within Stata's 32 characters: a long one ends in its hash."""
    return name if len(name) <= STATA_LONG else f"{name[:23]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _made(terms: Sequence[Term], log: str, named: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Variables that the terms need and how they are made, each column as a language names it."""
    for term in terms:
        if term.name == _variable(term.name):
            continue
        parts = [
            (f"{log}({named(p.column)})" if p.log else named(p.column)) + (f"^{p.power}" if p.power > 1 else "")
            for p in term.parts
        ]
        yield named(_variable(term.name)), " * ".join(parts)


def _terms(found: Sequence[Model]) -> list[Term]:
    every = [t for m in found for t in (*m.formula.regressors, m.formula.outcome)]
    return list({t.name: t for t in every}.values())


def _codes(found: Sequence[Model]) -> list[str]:
    """Effects and clusters, each once, as columns joined by ^."""
    every = ["^".join(e) for m in found for e in m.formula.effects] + [m.cluster for m in found if m.cluster]
    return list(dict.fromkeys(every))


def stata(found: Sequence[Model], title: str) -> str:
    """A do-file for Stata with reghdfe; stops at the first number that differs."""
    lines = [
        f"* {for_stata(title)}: the benchmark regressions again.",
        "* Needs reghdfe (ssc install reghdfe, ssc install ftools).",
        "version 15",
        "use panel.dta, clear",
        f"keep if {IN_SAMPLE} == 1",
    ]
    lines += [f"egen long {_stata(_code(c))} = group({c.replace('^', ' ')})" for c in _codes(found)]
    lines += [f"gen double {name} = {how}" for name, how in _made(_terms(found), "ln", _stata)]
    for m in (m for m in found if m.kind in REPEATED):
        vce = {"iid": "", "HC1": " vce(robust)"}.get(m.kind, f" vce(cluster {_stata(_code(m.cluster))})")
        own = " ".join(_stata(_variable(t.name)) for t in m.formula.regressors)
        absorb = " ".join(_stata(_code("^".join(e))) for e in m.formula.effects)
        outcome = _stata(_variable(m.formula.outcome.name))
        keep = " keepsingletons" if m.ssc == "xtreg" else ""
        command = (
            f"reghdfe {outcome} {own}, absorb({absorb}){vce}{keep}" if absorb else (f"regress {outcome} {own},{vce}")
        )
        lines += ["", f"* {for_stata(m.name)}", command, f"assert e(N) == {m.nobs}"]
        lines += [f"assert reldif(_b[{_stata(_variable(t))}], {b!r}) < {TOLERANCE}" for t, b, _ in m.expected]
        if m.ssc in ERRORS_AGREE:
            lines += [f"assert reldif(_se[{_stata(_variable(t))}], {se!r}) < {TOLERANCE}" for t, _, se in m.expected]
    return "\n".join([*lines, "", 'display "every number agrees"', ""])


def _code(name: str) -> str:
    return "code_" + name.replace("^", "_")


def r_script(found: Sequence[Model], title: str) -> str:
    """An R script with fixest (errors too), or with plm where that is not installed (estimates alone)."""
    name = for_r_name
    lines = [
        f"# {for_r_comment(title)}: the benchmark regressions again, checked against expected.csv.",
        "# With fixest, estimates and standard errors are compared; without it plm compares the estimates.",
        'panel <- read.csv("panel.csv", encoding = "UTF-8", check.names = FALSE, colClasses = c(firm = "character"))',
        'expected <- read.csv("expected.csv", encoding = "UTF-8")',
        f"panel <- panel[panel${IN_SAMPLE} == 1, ]",
        *(
            f"panel${name(_code(c))} <- as.integer(interaction({', '.join(f'panel${name(p)}' for p in c.split('^'))}, "
            "drop = TRUE))"
            for c in _codes(found)
        ),
        *(f"panel${made} <- with(panel, {how})" for made, how in _made(_terms(found), "log", name)),
        'fast <- requireNamespace("fixest", quietly = TRUE)',
        "check <- function(model, estimates, errors = NULL) {",
        "  own <- expected[expected$model == model, ]",
        "  names(estimates) <- gsub('`', '', names(estimates), fixed = TRUE)",
        "  if (!is.null(errors)) names(errors) <- gsub('`', '', names(errors), fixed = TRUE)",
        "  own$name <- gsub('[)]', '', gsub('ln[(]', 'ln_', gsub(':', '_x_', gsub('^', '_', own$term, fixed = TRUE))))",
        f"  stopifnot(all(abs(estimates[own$name] / own$estimate - 1) < {TOLERANCE}))",
        f"  if (!is.null(errors)) stopifnot(all(abs(errors[own$name] / own$std_error - 1) < {TOLERANCE}))",
        '  cat(model, ": every", if (is.null(errors)) "estimate" else "number", "agrees\\n")',
        "}",
    ]
    for m in (m for m in found if m.kind in REPEATED):
        lines += ["", f"# {for_r_comment(m.name)}", *_r_model(m)]
    return "\n".join([*lines, ""])


def _r_model(m: Model) -> list[str]:
    name, said = for_r_name, for_r_string(m.name)
    outcome = name(_variable(m.formula.outcome.name))
    right = " + ".join(name(_variable(t.name)) for t in m.formula.regressors)
    effects = [name(_code("^".join(e))) for e in m.formula.effects]
    vcov = {"iid": '"iid"', "HC1": '"hetero"'}.get(m.kind, f"~{name(_code(m.cluster))}")
    kept = "none" if m.ssc == "xtreg" else "singleton"
    errors = "" if m.ssc not in ERRORS_AGREE else ", fixest::se(fit)"
    fixest = (
        f"  fit <- fixest::feols({outcome} ~ {right}{' | ' + ' + '.join(effects) if effects else ''}, panel, "
        f'vcov = {vcov}, fixef.rm = "{kept}")'
    )
    dummies = "".join(f" + factor({e})" for e in effects[1:])
    index = f"index = {for_r_string(effects[0].strip('`'))}, " if effects else ""
    model = '"within"' if effects else '"pooling"'
    plm = f"  fit <- plm::plm({outcome} ~ {right}{dummies}, panel, {index}model = {model})"
    return [
        "if (fast) {",
        fixest,
        f"  check({said}, coef(fit){errors})",
        "} else {",
        plm,
        f"  check({said}, coef(fit))",
        "}",
    ]
