"""Trace a printed number to its origin: model, sample, standard errors, steps with rows, raw files with hashes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from integrade.estimate.results import Basis, Coefficient, FitResult
from integrade.report.addresses import QUANTITIES, Place, name_of, origin_of, places, term_of
from integrade.report.meaning import meaning_of
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.naming import dimension_word, kind_word, step_word
from integrade.wording.numerals import fixed
from integrade.wording.sheet import Sheet, shown, width
from plainwords.account import Entry
from plainwords.texts import Said, in_language, language_spoken, listed, say


class Part(NamedTuple):
    """A heading and the lines below it."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A step of the study, with lines on the rows that it read, dropped, merged or wrote."""

    name: str
    entries: tuple[Entry, ...]


@shown
@dataclass(frozen=True)
class Lineage:
    """The origin of one printed number.

    ``where`` is the table, the row and column, and the heading above the row. ``numbers`` are unrounded. ``fit`` is the
    regression; ``ground`` is the sample and errors of a result without a fit; ``drawn`` its draws and seed. ``files``
    are records with table, file, sha256 and the steps that read them; ``run`` names the run and its versions.
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
        """Return all parts as one printable sheet."""
        lines = [line for part in parts_of(self) for line in (part.heading, *(f"  {one}" for one in part.lines))]
        return Sheet(f"{self.address} = {self.printed}" if self.printed else self.address, lines=tuple(lines))


def lineage_of(place: Place, results: StudyResults) -> Lineage:
    """Return the lineage of a cell or, if ``place`` names one, of a quantity that is not printed."""
    return _with_steps(number_of(place), origin_of(place.table, place.row, place.column), results)


def number_of(place: Place) -> Lineage:
    """Return the lineage of a cell up to its model, without steps and files."""
    table, row = place.table, place.table.rows[place.row]
    origin = origin_of(table, place.row, place.column)
    term = term_of(origin.fit, row.key)
    numbers = _numbers(origin, row.key, term)
    printed = place.text
    if place.quantity and term is not None:
        printed = fixed(getattr(term, QUANTITIES[place.quantity]), 6)
    block = block_of(table, place.row)
    label, head = label_of_row(table, place.row), heading(table, place.column, place.row)
    where = (
        table.caption,
        say("lineage.row-and-column", row=label, column=head),
        *([say("lineage.under", block=block)] if block else []),
    )
    how = meaning_of(table, place.row, place.column, place.quantity)
    return _lineage(_NumberText(place.address, printed, where, how), numbers, origin)


def lineage_of_figure(name: str, title: str, origin: Origin, results: StudyResults) -> Lineage:
    """Return the lineage of a figure."""
    return _with_steps(_lineage(_NumberText(name, "", (title,), origin.how), {}, origin), origin, results)


class _NumberText(NamedTuple):
    """The address, printed text, table position and explanation of a number."""

    address: str
    printed: str
    where: tuple[str, ...]
    how: str


def _lineage(text: _NumberText, numbers: Mapping[str, float], origin: Origin) -> Lineage:
    formula = origin.fit.formula if origin.fit else origin.formula
    return Lineage(*text, numbers, formula, origin.fit, origin.basis, origin.draws, (), ())


def _with_steps(lineage: Lineage, origin: Origin, results: StudyResults) -> Lineage:
    return replace(lineage, stages=stages_of(results, origin.rests), files=files_of(results, origin.rests))


def heading(table: PrintedTable, column: int, row: int = 0) -> str:
    """Return the heading of a column at a row: the heading in the panel, else in the table, else its number."""
    return heads_of(table, row)[column] or table.columns[column] or f"{column}"


def heads_of(table: PrintedTable, row: int) -> tuple[str, ...]:
    """Return the label and column headings of the panel of a row; blank if the row has no panel."""
    empty = ("",) * len(table.columns)
    return (*next((r.cells for r in reversed(table.rows[:row]) if r.kind == "panel"), ()), *empty)[: len(empty)]


def label_of_row(table: PrintedTable, row: int) -> str:
    """Return the label of a row or, if it has none, of the nearest row above with a label."""
    at = next((i for i in range(row, -1, -1) if table.rows[i].cells[0] and table.rows[i].kind != "panel"), row)
    return table.rows[at].cells[0]


def block_of(table: PrintedTable, row: int) -> str:
    """Return the label of the panel to which a row belongs; blank if the row has no panel."""
    return heads_of(table, row)[0]


def _numbers(origin: Origin, key: str, term: Coefficient | None) -> dict[str, float]:
    """Return the unrounded numbers of a cell, by name; for a coefficient also its standard error, t, p and so on."""
    fit = origin.fit
    if fit is not None and term is not None:
        values = {name: getattr(term, name) for name in ("estimate", *QUANTITIES.values())}
        drawn = next((w.p_value for w in fit.wild if w.null == term.term), math.nan)
        values["wild_p"] = drawn
        return {k: float(v) for k, v in values.items() if not math.isnan(v)}
    whole = {"N": "nobs", "R2_within": "r2_within", "df": "df_t", "singletons": "n_singletons"}
    if fit is not None and key == "R2":
        return {"r2": fit.r2_within_xtreg if fit.ssc == "xtreg" else fit.r2}
    if fit is not None and key in whole:
        return {whole[key]: float(getattr(fit, whole[key]))}
    if fit is not None and key.startswith("constant") and fit.constant:
        error = fit.constant[1]
        of_constant = {"estimate": fit.constant[0], "std_error": error, "p_value": fit.constant_p}
        return {name: value for name, value in of_constant.items() if value is not None}
    return {}


def stages_of(results: StudyResults, rests: Sequence[str]) -> tuple[Stage, ...]:
    """Return the steps on which a number rests, with the counts of their rows.

    Account entries after those of ``results.stages`` are included if ``rests`` names their step.
    """
    entries, start = results.account.entries, 0
    stages = []
    for name, count in results.stages.items():
        if name in rests:
            stages.append(Stage(name, tuple(e for e in entries[start : start + count] if told(e))))
        start += count
    later = entries[start:]
    stages += [Stage(name, tuple(e for e in later if e.step == name and told(e))) for name in rests]
    return tuple(stage for stage in stages if stage.entries)


def told(entry: Entry) -> bool:
    """Return whether an entry is shown in a lineage: counted rows, and the settings of a measure."""
    return not entry.is_remark or is_settings(entry.reason)


def is_settings(reason: str) -> bool:
    """Return whether the reason of an entry names the settings of a measure."""
    return isinstance(reason, Said) and reason.key in SETTINGS


SETTINGS = (
    "account.settings",
    "integration.settings-over",
    "integration.settings-of-filter",
    "integration.settings-of-sides",
    "integration.settings-of-survey",
    "integration.settings-of-window",
    "quality.settings-of-change",
    "quality.varieties-are-f",
    "quality.varieties-are-g",
    "quality.varieties-are-m",
)
"""Ids of entries that name the settings of a measure."""


def files_of(results: StudyResults, rests: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    """Return the raw files that the steps read, and files without a record of the steps that read them."""
    wanted = set(rests)
    return tuple(f for f in results.provenance if "used by" not in f or wanted & set(f["used by"].split(", ")))


def parts_of(lineage: Lineage) -> tuple[Part, ...]:
    """Return the lineage as headings with lines, without empty parts."""
    several = [Part(say("lineage.number"), (*lineage.where, *said_of_number(lineage))), *shared_parts(lineage)]
    if lineage.run:
        lines = (say("lineage.of-the-run", name=name, value=value) for name, value in lineage.run.items())
        several.append(Part(say("lineage.run"), tuple(lines)))
    return tuple(part for part in several if part.lines)


def said_of_number(lineage: Lineage) -> tuple[str, ...]:
    """Return texts with the explanation of the number and its unrounded value."""
    values = [say(f"quantities.{name}", value=f"{value:.10g}") for name, value in lineage.numbers.items()]
    unrounded = say("lineage.unrounded", values=listed(values, "comma")) if values else ""
    return tuple(line for line in (in_language(lineage.how, language_spoken()), unrounded) if line)


def shared_parts(lineage: Lineage) -> tuple[Part, ...]:
    """Return the parts that many numbers share: model, sample, standard errors, steps, files."""
    last = [e.rows for stage in lineage.stages for e in stage.entries if e.kind == "out"]
    steps = [line for stage in lineage.stages for line in (step_word(stage.name), *map(_counted, stage.entries))]
    parts = (
        Part(say("lineage.model"), _model(lineage)),
        Part(say("lineage.sample"), _sample(lineage, last[-1] if last else 0)),
        Part(say("lineage.errors"), _errors(lineage)),
        Part(say("lineage.steps"), tuple(steps)),
        Part(say("lineage.files"), _hashed(lineage.files)),
    )
    return tuple(part for part in parts if part.lines)


def _model(lineage: Lineage) -> tuple[str, ...]:
    fit = lineage.fit
    if fit is None:
        effects = [_effects([dimension_word(e) for e in lineage.ground.effects])] if lineage.ground else []
        return (*([lineage.formula] if lineage.formula else []), *effects)
    named = [
        say("lineage.nested-levels" if e.nested else "lineage.levels", effect=dimension_word(e.name), levels=e.levels)
        for e in fit.effects
    ]
    dropped = [say("lineage.dropped", term=term, why=why) for term, why in fit.dropped.items()]
    return (fit.formula, say("lineage.estimator", estimator=estimator(fit)), _effects(named), *dropped)


def _effects(named: Sequence[str]) -> str:
    return say("lineage.effects", effects=listed(named, "comma") if named else say("lineage.none"))


def estimator(fit: FitResult) -> str:
    """Return the name of the estimator of a regression."""
    if fit.iv is not None:
        regressors = listed(fit.iv.endogenous, "comma")
        return say("lineage.instrumental-variables-of", estimator=fit.iv.estimator, regressors=regressors)
    match fit.model:
        case "linear":
            return say("lineage.least-squares")
        case "ppml":
            return say("lineage.poisson")
        case "fractional":
            return say("lineage.fractional-logit")


def _sample(lineage: Lineage, rows: int) -> tuple[str, ...]:
    fit = lineage.fit
    if fit is None:
        return (say("lineage.rows", rows=lineage.ground.nobs),) if lineage.ground else ()
    lines: list[str] = [say("lineage.rows", rows=fit.nobs)]
    lines += [say("lineage.singletons", rows=fit.n_singletons)] if fit.n_singletons else []
    counted = [in_language(note, language_spoken()) for note in fit.notes if counts_rows(note)]
    lines += counted or ([say("lineage.missing", rows=fit.n_missing)] if fit.n_missing else [])
    others = rows - fit.nobs - fit.n_singletons - fit.n_missing
    if others > 0:
        lines.append(say("lineage.other-rows", other=others, rows=rows))
    return tuple(lines)


def counts_rows(note: str) -> bool:
    """Return whether a note of a fit counts rows that it dropped; older runs stored notes without ids."""
    return note.key in COUNTS if isinstance(note, Said) else note[:1].isdigit()


COUNTS = (
    *("models_fit.missing-dropped", "models_fit.not-positive", "models_fit.infinite", "models_fit.beyond-range"),
    "models_fit.every-outcome",
)
"""Ids of notes of a fit that count rows."""


def _errors(lineage: Lineage) -> tuple[str, ...]:
    basis = lineage.fit.basis if lineage.fit else lineage.ground
    lines: list[str] = []
    if basis is not None:
        clusters = [
            say("lineage.clusters", clusters=count, dimension=dimension_word(name))
            for name, count in basis.clusters.items()
        ]
        kind = listed((basis.kind, *clusters), "comma")
        lines.append(say("lineage.kind-of-errors", errors=kind, df=f"{basis.df_t:,.0f}", package=basis.ssc))
    drawn = next(iter(lineage.fit.wild), None) if lineage.fit else None
    if drawn is not None:
        lines.append(
            say(
                "lineage.wild-null-imposed" if drawn.null_imposed else "lineage.wild-null-not-imposed",
                draws=drawn.draws,
                weights=say(f"wild_weights.{drawn.weights}"),
                p=f"{drawn.smallest_p:.2g}",
                seed=str(drawn.seed),
            )
        )
    notes = [note for note in (lineage.fit.notes if lineage.fit else ()) if not counts_rows(note)]
    more = (*([lineage.drawn] if lineage.drawn else []), *notes)
    return (*lines, *(in_language(line, language_spoken()) for line in more))


def _counted(entry: Entry) -> str:
    """Return one line of a step: the number of rows, what happened to them, the table and the reason."""
    if entry.is_remark:
        return "  " + say("lineage.step-and-settings", step=step_word(entry.step), settings=entry.reason)
    what = table = step_word(entry.table)
    if not is_rows(entry.reason):
        what = say("lineage.table-and-reason", table=table, reason=entry.reason)
    if entry.example:
        what = say("lineage.with-example", what=what, example=entry.example)
    kind = kind_word(entry.kind)
    return f"  {entry.rows:>9,} {kind}{' ' * (7 - width(kind))} {what}"


def is_rows(reason: str) -> bool:
    """Return whether the reason of an entry says only that it counts rows.

    The reason is then the message ``account.rows``; older runs stored it as the text ``rows``.
    """
    return reason.key == "account.rows" if isinstance(reason, Said) else reason == "rows"


def _hashed(files: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return files as ``sha256sum`` prints them, so that ``sha256sum -c`` can check them; grouped by table."""
    lines, last = [], ""
    for file in files:
        if file["table"] != last:
            last = file["table"]
            lines.append(step_word(last))
        lines.append(f"  {file['sha256']}  {file['file']}")
    return tuple(lines)


def cells_of(table: PrintedTable) -> Sheet:
    """Return the addresses of a table's cells, one line per cell."""
    rows = tuple(
        (p.address, p.text, label_of_row(table, p.row), heading(table, p.column, p.row)) for p in places(table)
    )
    head = tuple(say(f"lineage.{column}") for column in ("address", "printed", "row", "column"))
    return Sheet(f"{name_of(table)}: {table.title}", head, rows)


def with_run(lineage: Lineage, run: Mapping[str, str]) -> Lineage:
    """Return the lineage with the details of the run that it belongs to."""
    return replace(lineage, run=run)
