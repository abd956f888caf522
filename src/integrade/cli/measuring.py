"""Define the commands ``integration`` and ``quality`` from the records of the catalogue of measures.

A call shows and accepts the options of its ``--method``, so the command is created at the call.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

from cyclopts import Parameter

import integrade.integration
import integrade.quality  # noqa: F401 - both fill the catalogue
from integrade.cli import say
from integrade.cli.files import Input, Out, finish, given_flags, reading, reading_beside, repeated
from integrade.engine.frames import Table
from integrade.errors import UsageError, did_you_mean
from integrade.records.catalogue import CATALOGUE, Measure, find, options_of
from integrade.records.schema import TABLES
from integrade.sources import check_target, clean_customs, read_canonical
from integrade.sources.basis.detection import Declared
from integrade.sources.tables.prices import Goods
from integrade.sources.writing.workbooks import check_workbook, write_workbook
from plainwords.texts import Language, speaking

DEFAULT = {"integration": "relative_price", "quality": "demand_residual"}
FILES = {
    "prices": "region, year, (month,) commodity, index; yearbook sheets are recognised",
    "customs": "(firm,) product, destination, year, value, quantity (, unit)",
}

WORKBOOK = "relative_price"
"""The measure whose steps `--workbook` writes; the other measures have no sheets."""

_Kind = inspect.Parameter


def command_of(family: str, arguments: Sequence[str]) -> Callable[..., None]:
    """Return the command of a family (``integration`` or ``quality``) for a call with these arguments.

    Its options are those of the measure that ``--method`` names, or of the default measure. The measure may come from a
    ``--plugin``. Raises `UnknownName` with the nearest measure, and the errors of loading a plugin.
    """
    say.loaded([Path(file) for file in given_flags(arguments, "--plugin")])
    methods = given_flags(arguments, "--method")
    record = find(family, methods[0] if methods else DEFAULT[family])
    if record.name != WORKBOOK and given_flags(arguments, "--workbook"):
        raise UsageError(
            f"--workbook writes the steps of {WORKBOOK}, and {record.name} has no such sheets",
            remedy=f"leave --workbook out, or measure by --method {WORKBOOK}",
        )
    if record.name == WORKBOOK and given_flags(arguments, "--language") and not given_flags(arguments, "--workbook"):
        raise UsageError(
            "--language is the language of the workbook, and the call writes none",
            remedy="add --workbook index.xlsx, or leave --language out",
        )
    return _command(record)


def _command(record: Measure) -> Callable[..., None]:
    def command(files: list[str], /, **flags: Any) -> None:
        _measure(record, files, flags)

    parameters = _parameters(record)
    taken = {p.name for p in parameters} | set(options_of(Input)) | set(options_of(Goods))
    for name in options_of(record.options):
        if name in taken:
            raise UsageError(
                f"{record.name} has an option {name!r}, which is a flag of integrade {record.family}",
                remedy=f"rename it in the definition of {record.name}",
            )
    command.__name__ = record.family
    command.__doc__ = _help(record, parameters)
    command.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def _parameters(record: Measure) -> list[inspect.Parameter]:
    """Return the command's parameters: files, output, options of the method, further tables, reading options."""

    def flag(name: str, annotation: Any, default: Any = _Kind.empty) -> inspect.Parameter:
        return _Kind(name, _Kind.KEYWORD_ONLY, annotation=annotation, default=default)

    names = tuple(sorted(m.name for m in CATALOGUE.values() if m.family == record.family))
    taken = [
        _Kind(record.needs[0], _Kind.POSITIONAL_ONLY, annotation=list[str]),
        flag("out", Out, "") if record.name == WORKBOOK else flag("out", Out),
        flag("options", Annotated[record.options | None, Parameter(name="*")], None),
    ]
    for field in dataclasses.fields(record.options):
        if field.metadata.get("shared"):  # its flags are mixed with the others, without a prefix
            Parameter(name="*")(get_type_hints(record.options)[field.name])
    if record.needs[0] == "prices":
        taken += [flag("to_year", bool, False), flag("goods", Annotated[Goods | None, Parameter(name="*")], None)]
    if record.needs[0] == "customs":
        taken.append(flag("rules", Annotated[tuple[str, ...], Parameter(negative=())], ()))
    if _further_tables(record):
        taken.append(flag("beside", Annotated[tuple[str, ...], Parameter(name="--with", negative=())], ()))
    if record.name == WORKBOOK:
        taken += [flag("workbook", Path | None, None), flag("language", Language, "en")]
    taken.append(flag("plugin", Annotated[tuple[Path, ...], Parameter(negative=())], ()))
    taken.append(flag("method", Literal.__getitem__(names), DEFAULT[record.family]))
    return [*taken, flag("given", Annotated[Input | None, Parameter(name="*")], None)]


def _help(record: Measure, parameters: Sequence[inspect.Parameter]) -> str:
    """Return the help text, as cyclopts reads it: the first line of the measure, then a section of parameters."""
    main = record.needs[0]
    listed = " or ".join(f"{table}=FILE" for table in _further_tables(record))
    required = ", ".join(record.needs[1:])
    texts = {
        main: f"Files, folders or patterns: {_columns(main)}.",
        "out": ".csv, .parquet, .dta or .xlsx; - is standard output as csv.",
        "to_year": "Months become years first: means of levels, or of indices on the same month of last year; changes "
        "on the month before are chained.",
        "rules": "Clean the records first: usual, or exports, not_home, chapters, ordinary, processing, "
        "intermediaries, main_unit, trim; repeatable.",
        "beside": f"A further table, {listed}; repeatable{f'; needed: {required}' if required else ''}. "
        "Its columns are mapped by --column TABLE.NEW=OLD.",
        "workbook": "Also write this .xlsx file: prices, logs, relative prices of pairs, means, residuals, dispersion "
        "by pair, segmentation and index as sheets with live formulas; method and citation on the first sheet.",
        "language": "Language of the workbook: en or zh.",
        "plugin": "A .py file of yours with measures, which is run; repeatable.",
        "method": f"How {record.family} is measured; `integrade list` describes the measures.",
    }
    lines = [f"{p.name}\n    {texts[p.name]}" for p in parameters if p.name in texts]
    return "\n".join([record.about, "", "Parameters", "----------", *lines])


def _columns(table: str) -> str:
    if table in FILES:
        return FILES[table]
    return ", ".join(c.name if c.required else f"({c.name})" for c in TABLES[table].columns)


def _further_tables(record: Measure) -> tuple[str, ...]:
    """Return the tables of a measure other than the first."""
    return (*record.needs[1:], *record.uses)


def _measure(record: Measure, files: Sequence[str], flags: dict[str, Any]) -> None:
    given: Input = flags["given"] if flags.get("given") is not None else Input()
    options = flags.get("options") or _defaults(record)
    out = flags.get("out", "")
    if not out and not flags.get("workbook"):
        raise UsageError(
            f"integrade {record.family} needs --out",
            remedy=f"add --out ..., or --workbook ...; integrade {record.family} --help lists its options",
        )
    beside = _files_beside(record, flags.get("beside", ()))
    for flag in repeated(given):
        table = flag.partition(".")[0]
        if table in _further_tables(record) and table not in beside:
            raise UsageError(f"{flag}: the table {table!r} is not given", remedy=f"give --with {table}=FILE")
    if out:
        check_target(out, [*files, *(path for paths in beside.values() for path in paths)], given.engine)
    if flags.get("workbook"):
        check_workbook(flags["workbook"], files, out)
    main = record.needs[0]
    more = {name: flags[name] for name in ("to_year", "goods") if flags.get(name)}
    basis = getattr(options, "basis", "detect")
    more |= {"basis": basis} if main == "prices" and basis in get_args(Declared)[1:] else {}
    tables: dict[str, Table] = {
        main: read_canonical(main, files, **more, **reading(given, beside=_further_tables(record)))
    }
    if flags.get("rules"):
        tables[main] = clean_customs(tables[main], rules=tuple(flags["rules"]))
    for table, paths in beside.items():
        tables[table] = read_canonical(table, paths, **reading_beside(given, table))
    result = record(tables, options)

    def write(path: Path) -> None:
        from integrade.integration.workbook import index_workbook

        with speaking(flags.get("language", "en")):
            write_workbook(index_workbook(tables[main], result, options, files), path)

    finish(result, out, given, record, workbook=flags.get("workbook"), write=write)


def _defaults(record: Measure) -> Any:
    """Return the options of a call without options.

    Raises `UsageError` with the name of an option that has no default.
    """
    for name, option in options_of(record.options).items():
        if option.required:
            flag = f"--{name.replace('_', '-')}"
            remedy = str(option.metadata.get("remedy", f"give {flag}; integrade list {record.name} explains it"))
            raise UsageError(f"{flag} has no default", remedy=remedy)
    return record.options()


def _files_beside(record: Measure, flags: Sequence[str]) -> dict[str, list[str]]:
    """Parse ``["gdp=a.csv", ...]`` into table -> files. Raises `UsageError` if a required table is missing."""
    known, files = _further_tables(record), dict[str, list[str]]()
    for flag in flags:
        table, equals, path = flag.partition("=")
        if not (equals and path):
            raise UsageError(f"--with {flag}: expected TABLE=FILE", remedy=f"for example --with {known[0]}=FILE")
        if table not in known:
            raise UsageError(
                f"--with {flag}: {record.name} takes no table {table!r}", remedy=did_you_mean(table, known)
            )
        files.setdefault(table, []).append(path)
    for table in record.needs[1:]:
        if table not in files:
            raise UsageError(
                f"{record.name} needs the table {table!r} as well",
                remedy=f"give --with {table}=FILE with {_columns(table)}",
            )
    return files


integration, quality = (_command(find(family, name)) for family, name in DEFAULT.items())
