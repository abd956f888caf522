"""Load a finished run into Python: its panel, its index, its regressions by name, its tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from integrade.engine.frames import Table
from integrade.errors import FileMissing, UnknownName, Unreadable, UsageError, did_you_mean
from integrade.estimate.fit import fit
from integrade.estimate.linear import Fit
from integrade.estimate.results import FitResult
from integrade.study.asked import options_of
from integrade.study.config import Study, study_model
from integrade.study.finished import manifest_of, results_in, rows_in, run_folder
from integrade.study.runs import fits_in
from integrade.verdicts.bundle import StudyResults
from plainwords.account import Account
from rawcells import doors

if TYPE_CHECKING:
    from integrade.report.printed import PrintedTable
    from integrade.report.style import Chart

OWN = "own"
Stored = TypeVar("Stored")


@dataclass(frozen=True)
class LoadedRun:
    """A finished run: its study file (``study``), its numbers (``results``), and regressions added later (``own``).

    Tables of data, printed tables and figures are made from the run's folder each time they are requested.
    """

    folder: Path
    study: Study = field(repr=False)
    results: StudyResults = field(repr=False)
    own: Mapping[str, FitResult] = field(default_factory=dict)

    def __repr__(self) -> str:
        added = f", own={list(self.own)}" if self.own else ""
        return f"LoadedRun({self.folder.name!r}, {self.results.title!r}{added})"

    def __str__(self) -> str:
        lines = [f"{self.results.title}, run {self.folder.name}"]
        for verdict in self.results.verdicts:
            conclusion = f"{verdict.outcome}: {verdict.found}" if verdict.found else verdict.outcome
            lines.append(f"  {verdict.hypothesis}: {conclusion}. {verdict.sentence}")
            if verdict.rule:
                lines.append(f"    {verdict.rule}")
            lines += [f"    - {part.sentence}" for part in verdict.parts]
        lines.append(f"  {len(self.results.benchmark)} columns of the benchmark, {len(self.fits)} regressions in all")
        return "\n".join(lines)

    @property
    def panel(self) -> Table:
        """Estimation panel with the run's account, one row per firm and year."""
        return self.rows("panel")

    @property
    def index(self) -> Table:
        """Integration index, one row per region and year."""
        return self.rows("integration")

    @property
    def quality(self) -> Table:
        """Export quality, one row per firm and year."""
        return self.rows("quality")

    def rows(self, name: str) -> Table:
        """Return a table of the run's folder by its name. Raises `FileMissing` with the nearest name."""
        file = self.folder / "tables" / f"{name}.parquet"
        if not doors.is_file(file):
            known = [p.stem for p in (self.folder / "tables").glob("*.parquet")]
            raise FileMissing(f"run {self.folder.name} has no table {name!r}", remedy=did_you_mean(name, known))
        return Table(
            name, rows_in(self.folder, f"tables/{name}.parquet"), self.results.account if name == "panel" else Account()
        )

    @property
    def fits(self) -> dict[str, FitResult]:
        """Regressions by position in the results (``benchmark.2``, ``mediation.1.total``), then the user's own."""
        return dict(fits_in(self.results)) | dict(self.own)

    def fit(self, name: str) -> FitResult:
        """Return the regression with this name in ``fits``. Raises `UnknownName` with the nearest name."""
        known = self.fits
        if name not in known:
            raise UnknownName(f"run {self.folder.name} has no regression {name!r}", remedy=did_you_mean(name, known))
        return known[name]

    @property
    def tables(self) -> dict[str, PrintedTable]:
        """Tables of the report by number (``table4``), including tables of questions.

        ``own`` has the user's own regressions next to the benchmark.
        """
        from integrade.study.printed import all_tables

        printed = {f"table{table.number}": table for table in all_tables(self.results)}
        return printed | ({OWN: self._own_table()} if self.own else {})

    @property
    def figures(self) -> dict[str, Chart]:
        """Figures of the report by name, as Altair charts."""
        from integrade.report.contents import all_figures

        return all_figures(self.results)

    @property
    def inference(self) -> Fit:
        """The study's standard errors, clusters and small-sample rule, for the user's own regressions."""
        return options_of(self.study.regression)

    def add(self, fit_or_formula: FitResult | str, name: str, options: Fit | None = None) -> LoadedRun:
        """Return the run with a regression added, which ``tables["own"]`` shows next to the benchmark.

        A formula is estimated on all rows of the run's panel, with the study's inference unless options are given. The
        run itself is not changed. Raises `UsageError` for a name that is taken, and for options together with a
        finished fit. Also raises the errors of `fit`.
        """
        if name in self.fits or name in {c.label for c in self.results.benchmark}:
            raise UsageError(f"the run has a regression {name!r} already", remedy="give it another name")
        if isinstance(fit_or_formula, FitResult):
            if options is not None:
                raise UsageError("a finished fit takes no options", remedy="give its formula, or leave options out")
            return replace(self, own={**self.own, name: fit_or_formula})
        return replace(self, own={**self.own, name: fit(self.panel, fit_or_formula, options or self.inference)})

    def _own_table(self) -> PrintedTable:
        from integrade.report.regression import regression_table

        columns = {c.label: c.headline for c in self.results.benchmark} | dict(self.own)
        return regression_table(columns, labels=self.results.labels)


def load_run(study: str | Path, run: str = "latest") -> LoadedRun:
    """Load a finished run of a study.

    Args:
        study: the study's folder, or its study.toml.
        run: the name of the run; the last one by default.

    Returns:
        One `LoadedRun`: ``panel``, ``index``, ``quality`` (tables), ``fits`` (by name), ``tables`` and ``figures`` (of
        the report), ``results`` (all numbers), ``study`` (the study file at the time of the run).

    Raises:
        FileMissing: no finished run of that name (the nearest name is given), or a run that stopped before its
        regressions.
        Unreadable: the run is damaged, or was made by another version.

    Example:
        >>> run = load_run("mystudy")  # doctest: +SKIP
        >>> run.fits["benchmark.2"]  # doctest: +SKIP
        >>> print(run.add("quality ~ market + scale | firm + year", name="linear").tables["own"])  # doctest: +SKIP
    """
    path = Path(study)
    root = path.parent if path.suffix == ".toml" else path
    folder = run_folder(root, run)
    return LoadedRun(
        folder,
        _readable(folder, "manifest.json", lambda: _study_of_run(folder)),
        _readable(folder, "tables/results.json", lambda: results_in(folder)),
    )


def _study_of_run(folder: Path) -> Study:
    """Return the study file as it was when the run was made, without the sections of plugins that are not loaded."""
    asked, model = manifest_of(folder)["study"], study_model()
    if asked.get("plugins"):
        asked = {name: section for name, section in asked.items() if name in model.model_fields}
    return model.model_validate(asked)


def _readable(folder: Path, file: str, read: Callable[[], Stored]) -> Stored:
    """Return the content of a file of the run. Raises `Unreadable` if it is damaged, or of another version."""
    try:
        return read()
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError) as problem:  # pydantic's error is a ValueError
        raise Unreadable(
            f"{file} of run {folder.name} is damaged, or of another version: {str(problem).splitlines()[0]}",
            where=str(folder / file),
            remedy=f"integrade run {folder.parents[1]}",
        ) from None
