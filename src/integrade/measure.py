"""The ``@measure`` record, and the one way in which options reach a function.

A measure is a pure function from canonical tables to a table. The decorator attaches a record and returns the function
unchanged; ``integrade list``, the documentation, the study file and the common test-suite are made from the record.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from integrade.errors import UnknownName, UsageError, did_you_mean

Function = TypeVar("Function", bound=Callable[..., Any])
Options = TypeVar("Options")


@dataclass(frozen=True)
class Measure:
    """What a measure needs, what it adds (column -> unit), its key, its options and where it comes from.

    ``needs`` are the tables it takes, by the names of its arguments and in their order; ``uses`` are further tables
    that it takes when they are there.
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
    doc: str = ""
    """The docstring of the function as it is written; that of the function itself ends with its options."""

    def __call__(self, tables: Mapping[str, Any], options: Any = None, **changes: Any) -> Any:
        """The measure on tables by name."""
        return self.function(**tables, options=options, **changes)


CATALOGUE: dict[str, Measure] = {}


def measure(
    *,
    family: Literal["integration", "quality"],
    needs: tuple[str, ...],
    key: tuple[str, ...],
    adds: Mapping[str, str],
    options: type,
    cite: str,
) -> Callable[[Function], Function]:
    """Attach a `Measure` record to a function and return the function unchanged.

    ``needs`` are the names of the function's tables; those that may be left out (default None) go to ``uses``.
    """

    def attach(function: Function) -> Function:
        name, taken = function.__name__, inspect.signature(function).parameters
        uses = tuple(t for t in needs if t in taken and taken[t].default is None)
        required = tuple(t for t in needs if t not in uses)
        doc = function.__doc__ or ""
        CATALOGUE[name] = Measure(name, family, function, required, key, adds, options, cite, uses, doc)
        return keywords(options)(function)

    return attach


def keywords(options: type, within: str = "", **defaults: Any) -> Callable[[Function], Function]:
    """Show the fields of an option class as keywords of a function that takes them as ``**changes``.

    ``inspect.signature``, ``help()`` and notebooks then list every option with its choices and its default, and the
    docstring ends with what each does. The function itself stays as it is; a parameter of its own keeps its meaning
    where an option has the same name. ``within`` names a field that holds further options which the function takes by
    name; ``defaults`` are those that the function sets otherwise than the class.
    """

    def attach(function: Function) -> Function:
        own = inspect.signature(function)
        taken = [p for p in own.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
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
        more = [p for name, p in spelled.items() if name not in own.parameters]
        vars(function)["__signature__"] = own.replace(parameters=[*taken, *more])
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{text}\n\nOptions, by name or as one {options.__name__}:\n\n{described}"
        return function

    return attach


def _described(options: type) -> str:
    """What the docstring of an option class says of each, indented."""
    listed = inspect.cleandoc(options.__doc__ or "").partition("----------\n")[2]
    return "\n".join(f"    {line}".rstrip() for line in listed.split("\n"))


def option_parameters(options: type) -> list[inspect.Parameter]:
    """The fields of an option class as keyword-only parameters with their types and defaults.

    A field whose metadata has ``given`` takes that type from users and holds its own once it is made.
    """
    hints = get_type_hints(options)
    return [
        inspect.Parameter(
            f.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(f),
            annotation=f.metadata.get("given", hints[f.name]),
        )
        for f in dataclasses.fields(options)
        if f.init
    ]


def _default(option: dataclasses.Field[Any]) -> Any:
    if option.default is not dataclasses.MISSING:
        return option.default
    made = option.default_factory
    return inspect.Parameter.empty if made is dataclasses.MISSING else made()


def find(family: str, name: str) -> Measure:
    """The record of a measure of a family. Raises `UnknownName` with the nearest one."""
    names = [m.name for m in CATALOGUE.values() if m.family == family]
    if name not in names:
        raise UnknownName(f"no measure {name!r} of {family}", remedy=did_you_mean(name, names))
    return CATALOGUE[name]


def choose(options: type[Options], given: Options | None, changes: Mapping[str, Any]) -> Options:
    """The options a call asks for: ``given`` (or the defaults) with ``changes`` applied and every choice checked.

    Raises `UnknownName` for an unknown option or choice (with the nearest one), `UsageError` for a missing option.
    """
    fields = {f.name: f for f in dataclasses.fields(options)}  # type: ignore[arg-type]
    for name in changes:
        if name not in fields:
            raise UnknownName(f"unknown option {name!r} of {options.__name__}", remedy=did_you_mean(name, fields))
    if given is None:
        required = [n for n, f in fields.items() if f.default is f.default_factory is dataclasses.MISSING]
        missing = [n for n in required if n not in changes]
        if missing:
            raise UsageError(f"option {missing[0]!r} has no default", remedy=f"give {missing[0]}=...")
        chosen = options(**changes)
    else:
        chosen = dataclasses.replace(given, **changes)  # type: ignore[type-var]
    _checkchoices(chosen)
    return chosen


def choices(hint: Any) -> tuple[Any, ...]:
    """The choices of a ``Literal``, or of one that may also be None; none of any other type."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else ()
    listed = [part for part in parts if part is not NoneType]
    if not listed or any(get_origin(part) is not Literal for part in listed):
        return ()
    return *(choice for part in listed for choice in get_args(part)), *((None,) if NoneType in parts else ())


def _checkchoices(options: object) -> None:
    for name, hint in get_type_hints(type(options)).items():
        allowed = choices(hint)
        value = getattr(options, name)
        if allowed and value not in allowed:
            raise UnknownName(
                f"{name}={value!r} is not a choice of {type(options).__name__}",
                remedy=did_you_mean(str(value), [str(a) for a in allowed]),
            )
