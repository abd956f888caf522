"""Print the report of a finished run again from its stored results: no data is read and nothing is estimated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from integrade.report.document import Shape
from integrade.report.layouts import LayoutName
from integrade.report.write import check_asked
from integrade.study.finished import manifest_of, results_in
from integrade.study.fronts import front_of, run_of
from integrade.study.printed import write_report
from integrade.study.reading import load
from integrade.study.show import last_run
from integrade.study.stored_audit import stored_audit
from integrade.verdicts.table_looks import Statistic


def reprint(
    path: Path,
    formats: Sequence[str] | None = None,
    language: str | None = None,
    out: Path | None = None,
    layout: LayoutName | None = None,
    statistic: Statistic | None = None,
    shape: Shape | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Write the report of the last run in the given formats, language, layout and shape; study.toml has the defaults.

    Labels and the looks of tables are taken from the present study.toml; ``statistic`` is the number below
    coefficients. If the study folder has ``audit/audit.json``, the explorer of the page has the versions of that audit.
    Without ``out``, files are written to the folder ``report`` of the run, or to a folder such as ``report-zh`` if the
    language is not the study's. Returns the paths. Raises `FileMissing` without a finished run, and the errors of
    `write_report`.
    """
    study = load(path)
    spoken = language or study.report.language
    check_asked(formats or (), spoken, layout or study.report.layout, shape or study.report.shape)
    run = last_run(path)
    stored = results_in(run)
    labels = {**stored.names, **study.report.called}
    looks = study.tables.looks
    if statistic is not None:  # for all tables that have no own
        looks[""] = replace(looks[""], statistic=statistic)
    results = replace(stored, labels=labels, looks=looks)
    subfolder = "report" if spoken == study.report.language else f"report-{spoken}"
    chosen = study.report.formats if formats is None else formats
    return write_report(
        results,
        run / subfolder if out is None else out,
        chosen,
        language=spoken,
        layout=layout or study.report.layout,
        shape=shape or study.report.shape,
        front=front_of(study.report, run_of(run.name, manifest_of(run))),
        audit=stored_audit(path if path.is_dir() else path.parent, tell),
        tell=tell,
    )
