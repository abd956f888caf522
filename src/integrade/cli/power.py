"""Define ``integrade power``: what a design can find, before the data are bought or a null result is believed."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from integrade.cli import say
from integrade.cli.files import Input, Out, reading, reading_beside
from integrade.errors import UsageError
from integrade.subjects.power.setting import PowerOptions

if TYPE_CHECKING:
    from integrade.subjects.power.model import Power

FORMATS = (".html", ".json", ".csv", ".docx", ".tex", ".md", ".txt", ".svg", ".png")


def power(
    prices: list[str] | None = None,
    /,
    *,
    panel: str | None = None,
    formula: str = "",
    treatment: str = "market",
    options: Annotated[PowerOptions | None, Parameter(name="*")] = None,
    out: Out | None = None,
    language: str = "en",
    to_year: bool = False,
    given: Annotated[Input | None, Parameter(name="*")] = None,
) -> None:
    """Show which effects a design can find, and how many goods or years would be needed, before the data.

    Parameters
    ----------
    prices
        Files of prices, if there are any: goods, noise, persistence and lasting differences are measured in them.
    panel
        An estimation panel of firms, if there is one: sizes, residual variance and intra-cluster correlation. Its
        columns are mapped by --column panel.NEW=OLD.
    formula
        The regression of the panel: 'quality ~ market + scale | firm + year'.
    treatment
        The column of the panel that holds the index.
    out
        .html for a page, .json for the whole result, .csv, .docx, .tex, .md or .txt for the table of smallest effects,
        .svg or .png for the figure.
    language
        Language of the page: en or zh.
    to_year
        Months become years first.
    """
    given = given or Input()
    if out is not None and Path(out).suffix.lower() not in FORMATS:
        raise UsageError(f"--out {out}: unknown format", remedy=f"known: {', '.join(FORMATS)}")
    from integrade.subjects.power.model import power as computed

    result = computed(
        _prices(prices, given, to_year=to_year), _panel(panel, given), formula, options, treatment=treatment
    )
    if out is not None:
        _write(result, Path(out), language)
    if given.json:
        say.as_json(asdict(result))
        return
    say.line(result)
    if out is not None:
        say.note(f"written to {out}", quiet=given.quiet)


def _prices(files: list[str] | None, given: Input, *, to_year: bool) -> Any:
    from integrade.sources import read_canonical

    if not files:
        return None
    more: dict[str, Any] = {"to_year": True} if to_year else {}
    table = read_canonical("prices", files, **more, **reading(given, beside=("panel",)))
    say.account(table.account, quiet=given.quiet)
    return table


def _panel(file: str | None, given: Input) -> Any:
    from integrade.sources import read_table

    if file is None:
        return None
    table = read_table(file, **reading_beside(given, "panel"))
    say.account(table.account, quiet=given.quiet)
    return table


def _write(result: Power, out: Path, language: str) -> None:
    from integrade.report.style import save_figure
    from integrade.report.whole_file import write_bytes
    from integrade.subjects.power.figures import power_figure
    from integrade.subjects.power.page import power_page
    from integrade.subjects.power.tables import power_tables

    suffix = out.suffix.lower()
    if suffix == ".html":
        write_bytes(out, power_page(result, language).encode())
    elif suffix == ".json":
        write_bytes(out, json_text.dumps(asdict(result), ensure_ascii=False, indent=1, allow_nan=False).encode())
    elif suffix in (".svg", ".png"):
        save_figure(power_figure(result), out)
    else:
        power_tables(result)[0].save(str(out))
