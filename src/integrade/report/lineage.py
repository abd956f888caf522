"""Where a printed number comes from: number, model, sample and errors, steps with their rows, raw files with hashes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from integrade.account import Entry
from integrade.judge.bundle import StudyResults
from integrade.models.fit.results import Basis, Coefficient, FitResult
from integrade.numerals import fixed
from integrade.report.addresses import QUANTITIES, Place, name_of, origin_of, places, term_of
from integrade.report.meaning import meaning_of
from integrade.report.printed import Origin, PrintedTable
from integrade.sheet import Sheet, listed, shown


class Part(NamedTuple):
    """A heading and the lines below it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A step of the study and what it did to how many rows."""

    name: str
    entries: tuple[Entry, ...]


@shown
@dataclass(frozen=True)
class Lineage:
    """Where one printed number comes from.

    ``where`` is the table, the row and column, and the heading above the row. ``numbers`` are unrounded. ``fit`` is the
    regression, ``ground`` what a result without its fit rests on, ``drawn`` its draws and seed. ``files`` are records
    with table, file, sha256 and the steps that read them; ``run`` names the run and its versions.
    """

    address: str
    printed: str
    where: tuple[str, ...]
    how: str
    numbers: Mapping[str, float]
    formula: str
    fit: FitResult | None
    ground: Basis | None
    drawn: str
    stages: tuple[Stage, ...]
    files: tuple[Mapping[str, str], ...]
    run: Mapping[str, str] = field(default_factory=dict)

    def sheet(self) -> Sheet:
        """The parts one below the other."""
        lines = [line for part in parts_of(self) for line in (part.heading, *(f"  {one}" for one in part.lines))]
        return Sheet(f"{self.address} = {self.printed}" if self.printed else self.address, lines=tuple(lines))


def lineage_of(place: Place, results: StudyResults) -> Lineage:
    """The lineage of a cell; of a quantity that is not printed where the place asks for one."""
    return _with_way(number_of(place), origin_of(place.table, place.row, place.column), results)


def number_of(place: Place) -> Lineage:
    """The lineage of a cell as far as its model: without steps and files."""
    table, row = place.table, place.table.rows[place.row]
    origin = origin_of(table, place.row, place.column)
    term = term_of(origin.fit, row.key)
    numbers = _numbers(origin, row.key, term)
    printed = place.text
    if place.quantity and term is not None:
        printed = fixed(getattr(term, QUANTITIES[place.quantity]), 6)
    block = block_of(table, place.row)
    where = (
        table.caption,
        f"row {label_of_row(table, place.row)}, column {heading(table, place.column)}",
        *([f"under: {block}"] if block else []),
    )
    how = meaning_of(table, place.row, place.column, place.quantity)
    return _made(_Said(place.address, printed, where, how), numbers, origin)


def lineage_of_figure(name: str, title: str, origin: Origin, results: StudyResults) -> Lineage:
    """The lineage of a figure."""
    return _with_way(_made(_Said(name, "", (title,), origin.how), {}, origin), origin, results)


class _Said(NamedTuple):
    """What a lineage says of the number itself."""

    address: str
    printed: str
    where: tuple[str, ...]
    how: str


def _made(said: _Said, numbers: Mapping[str, float], origin: Origin) -> Lineage:
    formula = origin.fit.formula if origin.fit else origin.formula
    return Lineage(*said, numbers, formula, origin.fit, origin.basis, origin.draws, (), ())


def _with_way(found: Lineage, origin: Origin, results: StudyResults) -> Lineage:
    return replace(found, stages=stages_of(results, origin.rests), files=files_of(results, origin.rests))


def heading(table: PrintedTable, column: int) -> str:
    """The heading of a column, its number where it has none."""
    return table.columns[column] or f"{column}"


def label_of_row(table: PrintedTable, row: int) -> str:
    """The label of a row, that of the row above it where it has none."""
    at = next((i for i in range(row, -1, -1) if table.rows[i].cells[0] and table.rows[i].kind != "panel"), row)
    return table.rows[at].cells[0]


def block_of(table: PrintedTable, row: int) -> str:
    """The heading above a row inside the table."""
    return next((r.cells[0] for r in reversed(table.rows[:row]) if r.kind == "panel"), "")


def _numbers(origin: Origin, key: str, term: Coefficient | None) -> dict[str, float]:
    """The unrounded numbers that a cell shows or stands beside."""
    fit = origin.fit
    if fit is not None and term is not None:
        found = {name: getattr(term, name) for name in ("estimate", *QUANTITIES.values())}
        drawn = next((w.p_value for w in fit.wild if w.null == term.term), math.nan)
        found["wild_p"] = drawn
        return {k: float(v) for k, v in found.items() if not math.isnan(v)}
    whole = {"N": "nobs", "R2_within": "r2_within", "df": "df_t", "singletons": "n_singletons"}
    if fit is not None and key == "R2":
        return {"r2": fit.r2_within_xtreg if fit.ssc == "xtreg" else fit.r2}
    if fit is not None and key in whole:
        return {whole[key]: float(getattr(fit, whole[key]))}
    if fit is not None and key.startswith("constant") and fit.constant:
        error = fit.constant[1]
        return {"estimate": fit.constant[0], **({"std_error": error} if error is not None else {})}
    return {}


def stages_of(results: StudyResults, rests: Sequence[str]) -> tuple[Stage, ...]:
    """The steps that a number rests on with what they counted; of the account of the models the named steps alone."""
    entries, start = results.account.entries, 0
    found = []
    for name, count in results.stages.items():
        if name in rests:
            found.append(Stage(name, tuple(e for e in entries[start : start + count] if told(e))))
        start += count
    later = entries[start:]
    found += [Stage(n, own) for n in rests if (own := tuple(e for e in later if e.step == n and told(e)))]
    return tuple(stage for stage in found if stage.entries)


def told(entry: Entry) -> bool:
    """Whether an entry belongs to the way of the rows: what was counted, and the settings of a measure."""
    return entry.kind != "note" or entry.reason.startswith("settings:")


def files_of(results: StudyResults, rests: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    """The raw files that the steps read."""
    wanted = set(rests)
    return tuple(f for f in results.provenance if "used by" not in f or wanted & set(f["used by"].split(", ")))


def parts_of(found: Lineage) -> tuple[Part, ...]:
    """The lineage as headings with lines, those without a line left out."""
    several = [Part("Number", (*found.where, *said_of_number(found))), *shared_parts(found)]
    if found.run:
        several.append(Part("Run", tuple(f"{name}: {value}" for name, value in found.run.items())))
    return tuple(part for part in several if part.lines)


def said_of_number(found: Lineage) -> tuple[str, ...]:
    """What the number is, and unrounded."""
    values = ", ".join(f"{name.replace('_', ' ')} {value:.10g}" for name, value in found.numbers.items())
    return tuple(line for line in (found.how, f"unrounded: {values}" if values else "") if line)


def shared_parts(found: Lineage) -> tuple[Part, ...]:
    """What many numbers have in common: model, sample, errors, steps, files."""
    last = [e.rows for stage in found.stages for e in stage.entries if e.kind == "out"]
    parts = (
        Part("Model", _model(found)),
        Part("Sample", _sample(found, last[-1] if last else 0)),
        Part("Standard errors", _errors(found)),
        Part("Steps", tuple(line for stage in found.stages for line in (stage.name, *map(_counted, stage.entries)))),
        Part("Raw files", _hashed(found.files)),
    )
    return tuple(part for part in parts if part.lines)


def _model(found: Lineage) -> tuple[str, ...]:
    fit = found.fit
    if fit is None:
        effects = [f"fixed effects: {listed(found.ground.effects)}"] if found.ground else []
        return (*([found.formula] if found.formula else []), *effects)
    named = [f"{e.name} ({e.levels:,} levels{', nested in the clusters' if e.nested else ''})" for e in fit.effects]
    dropped = [f"dropped: {term}, {why}" for term, why in fit.dropped.items()]
    return (fit.formula, f"estimator: {estimator(fit)}", f"fixed effects: {listed(named)}", *dropped)


def estimator(fit: FitResult) -> str:
    """What the coefficients were found by."""
    if fit.iv is not None:
        first = fit.iv.get("first_stage_f")
        endogenous = f" of {', '.join(first)}" if isinstance(first, Mapping) else ""
        return f"{fit.iv.get('estimator', '2SLS')}, instrumental variables{endogenous}"
    kinds = {"linear": "least squares", "ppml": "Poisson pseudo-maximum likelihood", "fractional": "fractional logit"}
    return kinds[fit.model]


def _sample(found: Lineage, rows: int) -> tuple[str, ...]:
    fit = found.fit
    if fit is None:
        return (f"{found.ground.nobs:,} rows",) if found.ground else ()
    lines = [f"{fit.nobs:,} rows"]
    lines += [f"{fit.n_singletons:,} singletons of the fixed effects dropped"] if fit.n_singletons else []
    counted = [note for note in fit.notes if note[:1].isdigit()]
    lines += counted or ([f"{fit.n_missing:,} rows with a value missing dropped"] if fit.n_missing else [])
    other = rows - fit.nobs - fit.n_singletons - fit.n_missing
    if other > 0:
        lines.append(f"{other:,} of the {rows:,} rows of the last step: a value missing, or not of this sample")
    return tuple(lines)


def _errors(found: Lineage) -> tuple[str, ...]:
    basis = found.fit.basis if found.fit else found.ground
    lines = []
    if basis is not None:
        clusters = "".join(f", {count:,} clusters of {name}" for name, count in basis.clusters.items())
        lines.append(f"{basis.kind}{clusters}; t({basis.df_t:,.0f}); small-sample rule as {basis.ssc}")
    drawn = next(iter(found.fit.wild), None) if found.fit else None
    if drawn is not None:
        null = "imposed" if drawn.null_imposed else "not imposed"
        lines.append(
            f"wild cluster bootstrap: {drawn.draws:,} {drawn.weights} draws, null {null}, smallest attainable p "
            f"{drawn.smallest_p:.2g}, seed {drawn.seed}"
        )
    said = [note for note in (found.fit.notes if found.fit else ()) if not note[:1].isdigit()]
    return (*lines, *([found.drawn] if found.drawn else []), *said)


def _counted(entry: Entry) -> str:
    """One line of a step: rows, what happened to them, where and why."""
    if entry.kind == "note":
        return f"  {entry.step} {entry.reason}"
    example = f" (e.g. {entry.example})" if entry.example else ""
    reason = "" if entry.reason == "rows" else f": {entry.reason}"
    return f"  {entry.rows:>9,} {entry.kind:<7} {entry.table}{reason}{example}"


def _hashed(files: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """As ``sha256sum`` prints them, so that ``sha256sum -c`` can check them; below the table they hold."""
    lines, last = [], ""
    for file in files:
        if file["table"] != last:
            last = file["table"]
            lines.append(last)
        lines.append(f"  {file['sha256']}  {file['file']}")
    return tuple(lines)


def cells_of(table: PrintedTable) -> Sheet:
    """The addresses of a table: one line per cell."""
    rows = tuple((p.address, p.text, label_of_row(table, p.row), heading(table, p.column)) for p in places(table))
    return Sheet(f"{name_of(table)}: {table.title}", ("address", "printed", "row", "column"), rows)


def with_run(found: Lineage, run: Mapping[str, str]) -> Lineage:
    """The lineage with the run it stands in."""
    return replace(found, run=run)
