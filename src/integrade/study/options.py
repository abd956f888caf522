"""Check keys of a study file that are options of a function, and report unknown keys, wrong choices and wrong types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError

from integrade.errors import IntegradeError, UnknownName, UsageError, did_you_mean, speaking
from integrade.records.catalogue import Option, check_range, choices, options_of, plain, probabilities_of
from integrade.records.confidence import instead_of
from integrade.records.needs import File


class Wrong(NamedTuple):
    """A key, its problem, and whether the key exists at all."""

    key: str
    problem: IntegradeError
    known: bool = True


def option_problems(options: type, given: Mapping[str, Any], *, whole: bool = True) -> Iterator[Wrong]:
    """Yield each wrong key with its problem; a missing required option is reported under its own name.

    ``whole``: ``given`` is complete, so every option without a default must be in it. Only single options are checked;
    the function itself checks combinations.
    """
    fields = options_of(options)
    for name, value in given.items():
        if name not in fields:
            yield Wrong(name, UnknownName(f"unknown key {name!r}", remedy=_meant(name, value, options)), known=False)
            continue
        problem = _refused(plain(fields[name].hint), value) or _no_file(fields[name], value)
        if problem is None:
            try:
                _choice(plain(fields[name].hint), value)
                with speaking("file"):
                    check_range(name, value, fields[name].hint)
            except IntegradeError as one:
                problem = one
        if problem is not None:
            yield Wrong(name, problem)
    meant = {near for name in given if name not in fields for near in get_close_matches(name, fields, n=1)}
    needed = [name for name, one in fields.items() if one.required]
    for name in needed if whole else ():
        if name not in given and name not in meant:
            remedy = f"give {name} = ..., as explained by integrade list"
            yield Wrong(name, UsageError(f"key {name!r} is missing and has no default", remedy=remedy), known=False)


def _meant(name: str, value: Any, options: type) -> str:
    """Return the remedy for a key that does not exist: what to write instead."""
    with speaking("file"):
        return instead_of(name, value, probabilities_of(options)) or did_you_mean(name, options_of(options))


def _choice(hint: Any, value: Any) -> None:
    """Refuse a value that is not a choice of the option. Raises `UnknownName`."""
    allowed = choices(hint)
    if allowed and value not in allowed:
        known = [str(a) for a in allowed if a is not None]
        raise UnknownName(f"no such choice: {value!r}", remedy=did_you_mean(str(value), known))


def _no_file(option: Option, value: Any) -> IntegradeError | None:
    """Return an error if an option that takes a file name has true, false or a number; None otherwise."""
    named = any(isinstance(need, File) for need in getattr(option.hint, "__metadata__", ()))
    number = isinstance(value, int | float) and isinstance(option.default, str)
    if not named or not (isinstance(value, bool) or number):
        return None
    return UsageError(
        f"a file or a word is named in quotes, not {str(value).lower()}", remedy='write for example "borders.csv"'
    )


def _refused(hint: Any, value: Any) -> IntegradeError | None:
    """Return an error for a value of a wrong type; None otherwise."""
    if hint is Any or choices(hint):
        return None
    try:
        TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True)).validate_python(value)
    except ValidationError as problem:
        return UsageError(str(problem.errors()[0]["msg"]), example=repr(value)[:80])
    except PydanticSchemaGenerationError:
        return None
    return None
