"""Define ``integrade explain``: the origin of a printed number."""

from __future__ import annotations

from pathlib import Path

from integrade.cli import say


def explain(
    name: str = "",
    study: Path = Path(),
    /,
    *,
    run: str = "latest",
    verify: bool = False,
    plugins: bool = False,
    json: bool = False,
) -> None:
    """Show the origin of a number (model, sample, standard errors, steps, raw files), or the rule of a verdict.

    Parameters
    ----------
    name
        A number as table.column.row (table4.2.market, table4.2.market.se, table4.2.N), a table (its cells are listed),
        a figure (figure1) or a hypothesis (H1). Without a name, all names are listed.
    study
        The study file or its folder.
    run
        A run: the name of its folder in runs/, or latest.
    verify
        Hash the raw files again and list those that changed.
    plugins
        Run the .py files that study.toml names as its plugins: their code may do anything that you may do.
    json
        Print one JSON object.
    """
    from integrade.report.document import verdict_sheet
    from integrade.report.lineage import Lineage
    from integrade.report.lineage_json import as_record
    from integrade.study.explain import changed_files
    from integrade.study.explain import explain as explained
    from integrade.verdicts.bundle import Verdict
    from integrade.wording.sheet import Sheet

    say.plugins(study, allowed=plugins)
    explained_item = explained(name, study, run)
    wrong = changed_files(explained_item, study) if verify and isinstance(explained_item, Lineage) else None
    if json:
        say.as_json(as_record(explained_item) | ({"changed": list(wrong)} if wrong is not None else {}))
        return
    shown = verdict_sheet(explained_item) if isinstance(explained_item, Verdict) else explained_item
    say.line(shown.text() if isinstance(shown, Sheet) else shown)
    if wrong is not None:
        say.line("\n".join(["Raw files today", *(f"  {line}" for line in wrong or ("as the run read them",))]))
