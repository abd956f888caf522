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
            with speaking("file"):
                remedy = instead_of(name, value, probabilities_of(options)) or did_you_mean(name, fields)
            yield Wrong(name, UnknownName(f"unknown key {name!r}", remedy=remedy), known=False)
            continue
        problem = _refused(name, fields[name], value)
        if problem is not None:
            yield Wrong(name, problem)
    meant = {near for name in given if name not in fields for near in get_close_matches(name, fields, n=1)}
    needed = [name for name, one in fields.items() if one.required]
    for name in needed if whole else ():
        if name not in given and name not in meant:
            remedy = f"give {name} = ..., as explained by integrade list"
            yield Wrong(name, UsageError(f"key {name!r} is missing and has no default", remedy=remedy), known=False)


def _refused(name: str, option: Option, value: Any) -> IntegradeError | None:
    """Return the error of a value that an option does not take; None if it takes the value."""
    hint = plain(option.hint)
    allowed = choices(hint)
    if hint is not Any and not allowed:
        try:
            TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True)).validate_python(value)
        except ValidationError as problem:
            return UsageError(str(problem.errors()[0]["msg"]), example=repr(value)[:80])
        except PydanticSchemaGenerationError:  # a type that pydantic does not know
            pass
    names_a_file = any(isinstance(need, File) for need in getattr(option.hint, "__metadata__", ()))
    number = isinstance(value, int | float) and isinstance(option.default, str)
    if names_a_file and (isinstance(value, bool) or number):
        return UsageError(
            f"a file or a word is written in quotes, not {str(value).lower()}", remedy='write for example "borders.csv"'
        )
    if allowed and value not in allowed:
        known = [str(choice) for choice in allowed if choice is not None]
        return UnknownName(f"no such choice: {value!r}", remedy=did_you_mean(str(value), known))
    try:
        with speaking("file"):
            check_range(name, value, option.hint)
    except IntegradeError as problem:
        return problem
    return None
