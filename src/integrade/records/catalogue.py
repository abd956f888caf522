"""Register measures with ``@measure`` and pass options to functions in one uniform way.

A measure is a pure function from canonical tables to a table. The decorator registers a record and returns the
function. ``integrade list``, the documentation, the study file and the common test suite use the record.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from numbers import Real
from os import PathLike
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Protocol,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import narwhals as nw

from integrade.engine.frames import Table, collect, enter
from integrade.errors import NotIdentified, UnknownName, UsageError, counted, did_you_mean, option
from integrade.records.confidence import Probability, declared_in, instead_of
from integrade.records.needs import Count
from integrade.records.schema import TABLES
from plainwords.account import Account, Entry
from plainwords.texts import say

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Function = TypeVar("Function", bound=Callable[..., Any])
Options = TypeVar("Options")


@dataclass(frozen=True)
class Measure:
    """The record of a measure: its tables, the columns that it adds (column -> unit), its key, options and citation.

    ``needs`` are the required tables, named and ordered as the function's arguments. ``uses`` are optional tables.
    ``plain``: the options are arguments of the function instead of fields of an option class.
    """

    name: str
    family: str
    function: Callable[..., Any]
    needs: tuple[str, ...]
    key: tuple[str, ...]
    adds: Mapping[str, str]
    options: type
    cite: str
    uses: tuple[str, ...] = ()
    plain: bool = False
    doc: str = ""
    """The docstring as written in the source.

    The function's ``__doc__`` also has a description of its options at the end.
    """

    def __call__(self, tables: Mapping[str, Any], options: Any = None, **changes: Any) -> Any:
        """Run the measure on tables by name."""
        if self.plain:
            return self.function(**tables, **values_of(choose(self.options, options, changes)))
        return self.function(**tables, options=options, **changes)

    @property
    def about(self) -> str:
        """Return the first line of the function's docstring."""
        return inspect.cleandoc(self.doc).partition("\n")[0]

    @property
    def value(self) -> str:
        """Return the column with the measured value: the one named like the family, else the first added column."""
        return self.family if self.family in self.adds else next(iter(self.adds))

    def counts(self, table: Table) -> tuple[int, int]:
        """Return the numbers of rows of the measure's result, in total and without a value, counted in one pass."""
        frame = enter(table)
        kind = frame.collect_schema().get(self.value)
        if kind is None:
            return int(collect(frame.select(n=nw.len())).item()), 0
        value = nw.col(self.value)
        empty = value.is_null() | value.is_nan() if kind.is_float() else value.is_null()
        rows, missing = collect(frame.select(n=nw.len(), missing=empty.cast(nw.Int64).sum())).row(0)
        return int(rows), int(missing or 0)

    def require_values(self, account: Account, rows: int, missing: int) -> tuple[Entry, ...]:
        """Return a warning about missing values if the account of the result does not give a reason for them.

        Raises `NotIdentified` if no row has a value.
        """
        reasons = [e for e in account if e.kind == "warning" and e.rows and e.step in (self.name, self.family)]
        if missing == rows:
            why = "; ".join(dict.fromkeys(str(e.reason) for e in reasons)) or "its account names what was left out"
            raise NotIdentified(
                f"{self.name} has no value of {self.value} in any of {counted(rows, 'row')}: {why}",
                remedy="give rows that the measure can use, or other options: integrade list " + self.name,
            )
        if missing and not reasons:
            sentence = say("account.some-missing", column=self.value, n=missing, all=f"{rows:,}")
            return (Entry(self.name, self.family, "warning", sentence, missing),)
        return ()

    def whole(self, table: Table) -> Table:
        """Load the measure's result into memory and add a warning about missing values to its account.

        Raises `NotIdentified` if no row has a value.
        """
        local = dataclasses.replace(table, data=table.polars())
        warnings = self.require_values(local.account, *self.counts(local))
        return dataclasses.replace(local, account=local.account + warnings)


CATALOGUE: dict[str, Measure] = {}
KEYS = {"integration": ("region", "year"), "quality": ("firm", "year")}
"""The default key of the result of a measure, by family."""


def measure(
    *,
    family: Literal["integration", "quality"],
    needs: tuple[str, ...] | str,
    adds: Mapping[str, str],
    key: tuple[str, ...] = (),
    options: type | None = None,
    cite: str = "",
) -> Callable[[Function], Function]:
    """Make a function a measure: register a `Measure` record for it and return it.

    The function takes tables and returns a table (of any kind) with one row per ``key`` and the columns in ``adds``.
    Its tables come as `integrade.Table`: ``prices.polars()``, ``prices.pandas()``. Without ``options``, callers
    may give any frame for a table. In a study the measure is a ``method`` of ``[integration]`` or ``[quality]`` under
    the name of the function.

    Raises `UnknownName` for an unknown family or table. Raises `UsageError` for a table that is not an argument of
    the function, and for a name that another measure has.

    Parameters
    ----------
    family
        integration or quality.
    needs
        The names of the function's tables, such as prices, flows or customs (one, or several in a tuple). A table whose
        argument has the default None is optional.
    adds
        Columns that the function adds -> their units. A study uses the column ``integration`` of an index, and the
        column ``quality`` of a quality.
    key
        The key columns of the result. Default: region and year for an index, firm and year for a quality.
    options
        A frozen dataclass that the function takes as ``options``. If it is not given, the function's keyword-only
        arguments are the options, described under Parameters in its docstring.
    cite
        The source of the measure.

    Example:
        >>> @measure(family="integration", needs=("gdp",), adds={"integration": "ln units of GDP"})
        ... def log_gdp(gdp, *, base: float = 1.0):
        ...     "The log of GDP."
        >>> CATALOGUE.pop("log_gdp").about
        'The log of GDP.'
    """

    tables = (needs,) if isinstance(needs, str) else needs

    def attach(function: Function) -> Function:
        name, taken = function.__name__, inspect.signature(function).parameters
        _check_names(name, function, family, tables)
        uses = tuple(t for t in tables if taken[t].default is None)
        required = tuple(t for t in tables if t not in uses)
        option_class = options or _options_from(function, tables)
        rows = key or KEYS[family]
        plain, doc = options is None, function.__doc__ or ""
        public = _of_any_frame(function, tables, option_class) if plain else function
        CATALOGUE[name] = Measure(name, family, public, required, rows, adds, option_class, cite, uses, plain, doc)
        return public if options is None else keywords(options)(function)

    return attach


def _of_any_frame(function: Function, tables: tuple[str, ...], options: type) -> Function:
    """Wrap a function of `Table` arguments: it then takes any frame for each, and `choose` checks its options."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        by_name = {name: named.pop(name) for name in tables if name in named}
        frames = signature.bind_partial(*args, **by_name).arguments
        wrapped = {name: one if isinstance(one, Table | None) else Table(name, one) for name, one in frames.items()}
        return function(**wrapped, **values_of(choose(options, None, named)))

    return cast("Function", call)


def keywords(options: type, within: str = "", **defaults: Any) -> Callable[[Function], Function]:
    """Show the fields of an option class as keywords of a function that takes them as ``**changes``.

    ``inspect.signature``, ``help()`` and notebooks then list every option with its choices and its default. The
    docstring ends with a description of each option. Calls of the function are unchanged, and its own parameters take
    precedence over options of the same name.

    ``within`` names a field that holds further options, which the function also takes by name.
    ``defaults`` are default values that the function sets differently from the class.
    """

    def attach(function: Function) -> Function:
        signature = inspect.signature(function)
        taken = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        spelled = {p.name: p for p in option_parameters(options)}
        described = _described(options)
        if within:
            inner = spelled[within].default
            spelled |= {
                p.name: p.replace(default=getattr(inner, p.name))
                for p in option_parameters(type(inner))
                if p.name not in spelled
            }
            described += f"\n\nand of each regression, by name or as {within}={type(inner).__name__}(...):\n\n"
            described += _described(type(inner))
        spelled |= {name: spelled[name].replace(default=value) for name, value in defaults.items()}
        more = [p for name, p in spelled.items() if name not in signature.parameters]
        vars(function)["__signature__"] = signature.replace(parameters=[*taken, *more])
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{text}\n\nOptions, by name or as one {options.__name__}:\n\n{described}"
        return function

    return attach


def _described(options: type) -> str:
    """Return the descriptions of options in a class's docstring, indented, then those in its shared records."""
    listed = inspect.cleandoc(options.__doc__ or "").partition("----------\n")[2]
    described = "\n".join(f"    {line}".rstrip() for line in listed.split("\n"))
    return "\n".join([described, *(_described(parameter.annotation) for parameter in _shared(options))])


def _shared(options: type) -> list[inspect.Parameter]:
    """Return one keyword parameter for each shared record of an option class; its argument is the whole record."""
    hints, kind = get_type_hints(options), inspect.Parameter.KEYWORD_ONLY
    shared = [f for f in dataclasses.fields(options) if f.metadata.get("shared")]
    return [inspect.Parameter(f.name, kind, default=f.default, annotation=hints[f.name]) for f in shared]


def option_parameters(options: type) -> list[inspect.Parameter]:
    """Return the options of a class as keyword-only parameters with types and defaults, including shared records.

    If the metadata of a field have ``given``, users give a value of that type, and the field stores its own type.
    """
    single = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if one.required else one.default,
            annotation=one.metadata.get("given", plain(one.hint)),
        )
        for name, one in options_of(options).items()
    ]
    return [*single, *_shared(options)]


def _check_names(name: str, function: Callable[..., Any], family: str, needs: tuple[str, ...]) -> None:
    if family not in KEYS:
        raise UnknownName(f"no family of measures {family!r}", remedy=did_you_mean(family, KEYS))
    known = CATALOGUE.get(name)
    if known is not None and known.function.__module__ != function.__module__:
        raise UsageError(f"a measure {name!r} exists already", remedy="give the function another name")
    taken = inspect.signature(function).parameters
    for table in needs:
        if table not in TABLES:
            raise UnknownName(f"{name} requires the unknown table {table!r}", remedy=did_you_mean(table, TABLES))
        if table not in taken:
            raise UsageError(
                f"{name} requires {table!r}, which is not one of its arguments", remedy=f"def {name}({table}, ...)"
            )
    if not needs:
        raise UsageError(f"{name} needs no table", remedy='needs=("prices",), the tables that it takes')


def _options_from(function: Callable[..., Any], needs: tuple[str, ...]) -> type:
    """Make a dataclass from the arguments of a function that are not tables."""
    hints = get_type_hints(function, include_extras=True)
    fields: list[tuple[str, Any, Any]] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in needs:
            continue
        if parameter.kind is not parameter.KEYWORD_ONLY:
            raise UsageError(
                f"{function.__name__} takes {name!r}, which is neither a table that it needs nor an option",
                remedy=f"options follow a star: def {function.__name__}({', '.join(needs)}, *, {name} = ...)",
            )
        field = (
            dataclasses.field()
            if parameter.default is parameter.empty
            else dataclasses.field(default=parameter.default)
        )
        fields.append((name, hints.get(name, Any), field))
    namespace = {"__module__": function.__module__, "__doc__": inspect.getdoc(function) or function.__name__}
    return dataclasses.make_dataclass(
        f"{function.__name__}_options", fields, frozen=True, namespace=namespace, kw_only=True
    )


def measure_files(folder: Traversable) -> tuple[str, ...]:
    """Return the sorted names of the modules of a folder that define measures; none is imported."""
    modules = (file for file in folder.iterdir() if file.name.endswith(".py"))
    return tuple(sorted(f.name[:-3] for f in modules if "\n@measure(" in f.read_text(encoding="utf-8")))


def measures_in(package: str) -> dict[str, Any]:
    """Import the measures of a package.

    Returns what the package exports for its measures: their functions and classes of options, by name.
    """
    modules = {f"{package}.{name}" for name in measure_files(files(package))}
    for module in sorted(modules):
        importlib.import_module(module)
    records = [m for module in sorted(modules) for m in CATALOGUE.values() if m.function.__module__ == module]
    for record in records:  # the catalogue is in the order of files, whatever was imported first
        CATALOGUE[record.name] = CATALOGUE.pop(record.name)
    public = {m.name: m.function for m in records} | {m.options.__name__: m.options for m in records if not m.plain}
    return dict(sorted(public.items()))


def find(family: str, name: str) -> Measure:
    """Return the record of a measure of a family. Raises `UnknownName` with the nearest name."""
    names = [m.name for m in CATALOGUE.values() if m.family == family]
    if name not in names:
        raise UnknownName(f"no measure {name!r} of {family}", remedy=did_you_mean(name, names))
    return CATALOGUE[name]


class Option(NamedTuple):
    """One option as users name it: its type with its allowed values, its default and its description.

    ``inside``: the field that holds the shared record to which the option belongs; empty if it belongs to none.
    """

    hint: Any
    default: Any
    about: str
    metadata: Mapping[Any, Any]
    inside: str = ""

    @property
    def required(self) -> bool:
        """True if the option has no default."""
        return self.default is dataclasses.MISSING


SHARED = {"shared": True}
"""Metadata of a field that holds a record of options shared by several classes.

Users name these options directly, without the name of the field.
"""


def flag_of(options: type, name: str, **changed: Any) -> Any:
    """Return the field of a flag for an option of ``options``, with the option's description and default.

    ``changed`` are arguments of the field, such as another default.
    """
    option = options_of(options)[name]
    return dataclasses.field(**({"default": option.default} | changed), metadata={"about": option.about})


def options_of(options: type) -> Mapping[str, Option]:
    """Return the options of a dataclass by name and in order; a shared record is replaced by its options."""
    kind: Any = options  # the class itself is hashable, even if its instances are not
    return _options_of(kind)


@cache
def _options_of(options: Any) -> Mapping[str, Option]:
    hints, about = get_type_hints(options, include_extras=True), descriptions(options)
    by_name: dict[str, Option] = {}
    for field in dataclasses.fields(options):
        hint = hints[field.name]
        if field.metadata.get("shared"):
            by_name |= {name: one._replace(inside=field.name) for name, one in options_of(hint).items()}
            continue
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        by_name[field.name] = Option(hint, default, about.get(field.name, ""), field.metadata)
    return by_name


def probabilities_of(options: type) -> dict[str, Probability]:
    """Return the options of a dataclass that are confidence levels or test sizes."""
    return declared_in({name: one.hint for name, one in options_of(options).items()})


def values_of(options: Any) -> dict[str, Any]:
    """Return the values of a record of options by the names of `options_of`."""
    return {
        name: getattr(getattr(options, one.inside) if one.inside else options, name)
        for name, one in options_of(type(options)).items()
    }


def choose(options: type[Options], given: Options | None, changes: Mapping[str, Any]) -> Options:
    """Return the options for a call: ``given`` (or the defaults) with ``changes`` applied and every choice checked.

    A change names the option itself, also if the option belongs to a shared record. Raises `UnknownName` for an unknown
    option or choice (with the nearest one). Raises `UsageError` for a missing option, a value of another type, and a
    ``given`` that is not a record of these options.
    """
    if given is not None and not isinstance(given, options):
        raise _no_record(options, given)
    known = options_of(options)
    fields = {f.name: f for f in dataclasses.fields(options)}  # type: ignore[arg-type]
    for name in changes:
        if name not in known and name not in fields:
            remedy = instead_of(name, changes[name], probabilities_of(options)) or did_you_mean(name, known)
            raise UnknownName(f"unknown option {name!r} of {options.__name__}", remedy=remedy)
    direct = {name: value for name, value in changes.items() if name in fields}
    if given is None:
        missing = [name for name, one in known.items() if one.required and name not in changes]
        if missing:
            raise UsageError(f"option {missing[0]!r} has no default", remedy=f"give {missing[0]}=...")
        chosen = options(**direct)
    else:
        chosen = dataclasses.replace(given, **direct)  # type: ignore[type-var]
    inner: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        if name not in fields:
            inner.setdefault(known[name].inside, {})[name] = value
    shared = {name: dataclasses.replace(getattr(chosen, name), **changed) for name, changed in inner.items()}
    if shared:
        chosen = dataclasses.replace(chosen, **shared)  # type: ignore[type-var]
    _check_choices(chosen)
    return chosen


class _OfRegressions(Protocol):
    """The type of an options record of regressions whose ``vcov`` and ``cluster`` `request` completes."""

    @property
    def vcov(self) -> Any:
        """The kind of covariance."""
        ...

    @property
    def cluster(self) -> str | None:
        """The cluster variables, joined by ``+``."""
        ...


class _HasFit(Protocol):
    """The type of an options record with a field ``fit``, which holds options of regressions."""

    @property
    def fit(self) -> _OfRegressions:
        """Options of each regression."""
        ...


Answering = TypeVar("Answering", bound=_HasFit)


def request(options: type[Answering], given: Answering | None, changes: Mapping[str, Any]) -> Answering:
    """Return the options for a call; changes to options of regressions go to ``fit``.

    With one cluster variable and no ``vcov`` given, the covariance is CR3. Raises `UnknownName` for an option that
    neither class has.
    """
    kind = get_type_hints(options)["fit"]
    outer, inner = ({f.name for f in dataclasses.fields(record)} for record in (options, kind))  # type: ignore[arg-type]
    for name in changes:
        if name not in outer | inner:
            remedy = instead_of(name, changes[name], probabilities_of(options)) or did_you_mean(name, outer | inner)
            raise UnknownName(f"unknown option {name!r} of {options.__name__}", remedy=remedy)
    chosen = choose(options, given, {k: v for k, v in changes.items() if k in outer})
    asked = choose(kind, chosen.fit, {k: v for k, v in changes.items() if k not in outer})
    if asked.vcov == "auto" and asked.cluster and "+" not in asked.cluster:
        asked = dataclasses.replace(asked, vcov="CR3")
    return choose(options, chosen, {"fit": asked})


def _no_record(options: type, given: Any) -> UsageError:
    """Return the error for a value that is not a record of options; its message shows the correct call."""
    what = f"{given!r:.60} is given where {options.__name__} is expected"
    if isinstance(given, Mapping):
        return UsageError(what, remedy="give each option by its name, or all of a mapping with **")
    hints = {name: plain(one.hint) for name, one in options_of(options).items()}
    fitting = [name for name, hint in hints.items() if hint is not Any and _of_type(hint, given)]
    named = next((name for name in fitting if given in choices(hints[name])), fitting[0] if fitting else None)
    call = f"name the option: {named}={given!r}" if named else "give options by name"
    return UsageError(what, remedy=f"{call}; or options={options.__name__}(...)")


def _of_type(hint: Any, value: Any) -> bool:
    """Return whether a value has the type of an option; True for types that are not checked.

    Checked types: numbers, texts, booleans, tuples, literals, unions and records.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_of_type(plain(part), value) for part in args)
    if origin is Literal:
        return value in args
    if origin is tuple:
        return _several(args, value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return isinstance(value, hint)
    tell = _TELLS.get(hint)
    return tell is None or tell(value)


def _several(kinds: tuple[Any, ...], value: Any) -> bool:
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        return False
    if not isinstance(value, list | tuple):
        return True
    if kinds[-1] is Ellipsis:
        return all(_of_type(plain(kinds[0]), item) for item in value)
    return len(kinds) == len(value) and all(_of_type(plain(k), v) for k, v in zip(kinds, value, strict=True))


def _is_bool(value: Any) -> bool:
    return type(value).__name__ in ("bool", "bool_") or (isinstance(value, int) and value in (0, 1))


_TELLS: Mapping[Any, Callable[[Any], bool]] = {
    bool: _is_bool,
    int: lambda value: isinstance(value, Real) and float(value).is_integer(),
    float: lambda value: isinstance(value, Real),
    str: lambda value: isinstance(value, str | PathLike),
    NoneType: lambda value: value is None,
}
_WORDS = {bool: "True or False", int: "a whole number", float: "a number", str: "a text", NoneType: "None"}


def _words(hint: Any) -> str:
    """Describe a type for users."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " or ".join(_words(plain(part)) for part in args)
    if origin is Literal:
        return " or ".join(repr(part) for part in args)
    if origin is tuple:
        many = "several" if args[-1] is Ellipsis else str(len(args))
        return f"{many} values in brackets, as (a, b) or (a,): each {_words(plain(args[0]))}"
    return _WORDS.get(hint, getattr(hint, "__name__", str(hint)))


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the choices of a ``Literal``, also of an optional one (then with None); empty for any other type."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else ()
    listed = [part for part in parts if part is not NoneType]
    if not listed or any(get_origin(part) is not Literal for part in listed):
        return ()
    return *(choice for part in listed for choice in get_args(part)), *((None,) if NoneType in parts else ())


def _check_choices(options: object) -> None:
    values = values_of(options)
    for name, one in options_of(type(options)).items():
        allowed = choices(plain(one.hint))
        if allowed and values[name] not in allowed:
            raise UnknownName(
                f"{name}={values[name]!r} is not a choice of {type(options).__name__}",
                remedy=did_you_mean(str(values[name]), [str(a) for a in allowed]),
            )
        hint = one.metadata.get("given", plain(one.hint))
        if not allowed and values[name] is not one.default and not _of_type(hint, values[name]):
            message = f"{option(name, values[name])} is not a value of {type(options).__name__}"
            raise UsageError(message, remedy=f"{option(name)} takes {_words(hint)}")
        check_range(name, values[name], one.hint)


def check_range(name: str, value: Any, hint: Any) -> None:
    """Check a confidence level, a test size or a count against its range. Raises `UsageError`."""
    for need in getattr(hint, "__metadata__", ()):
        if isinstance(need, Probability | Count):
            need.check(value, name)


def plain(hint: Any) -> Any:
    """Return a type without its ``Annotated`` metadata."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def descriptions(kind: type) -> dict[str, str]:
    """Return the description of each option: from the docstring of the class, else from ``about`` in its metadata."""
    name = f"(?:{'|'.join(f.name for f in dataclasses.fields(kind))})"
    # indented or not: Python 3.13 strips the indentation of a docstring, but not of what is put behind it later
    pieces = re.split(rf"(?m)^(?:    )?({name}(?:, {name})*)$", (kind.__doc__ or "").partition("----------")[2])
    texts = {f.name: f.metadata["about"] for f in dataclasses.fields(kind) if "about" in f.metadata}
    for names, what in zip(pieces[1::2], pieces[2::2], strict=True):
        texts |= dict.fromkeys(names.split(", "), " ".join(what.split()))
    return texts
