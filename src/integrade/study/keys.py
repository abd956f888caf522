"""Make the keys of a section of study.toml from the options of a function: types, defaults, descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, TypeAdapter, create_model

from integrade.records.catalogue import options_of, plain

Section = TypeVar("Section", bound=type[BaseModel])
Options = TypeVar("Options")


def with_keys_of(
    options: type, *names: str, defaults: Mapping[str, Any] | None = None, **renamed: str
) -> Callable[[Section], Section]:
    """Return a decorator that adds keys to a section for the options of a dataclass, after the section's own keys.

    ``names`` are the options that a file may give (all where no name is given); ``renamed`` maps a key to the option
    that it gives under another name. The default and the description of a key are those of the option; ``defaults`` has
    the defaults of a study file that differ from those of the option. A key that the section declares keeps its place,
    its type (unless that is Any) and its description (unless it has none). `record_of` makes a
    record of the options from a section.
    """
    known = options_of(options)
    option_by_key = {name: name for name in (names if names or renamed else known)} | renamed
    changed = {} if defaults is None else defaults

    def attach(section: Section) -> Section:
        declared = get_type_hints(section, include_extras=True)
        own_class: type[BaseModel] = section
        own_fields = own_class.model_fields
        keys: dict[str, Any] = {}
        for key, name in option_by_key.items():
            option, hint = known[name], declared.get(key, Any)
            hint = _in_a_file(option.hint) if hint is Any else hint
            default = changed.get(name, option.default)
            about = own_fields[key].description if key in own_fields else ""
            if not about:
                # a study file without the key may mean other values than the function without the option
                usual = option.default if default is None else None
                about = option.about + (f" Where not given: {', '.join(map(str, usual))}." if usual else "")
            # the default has the form in which a file gives the value
            keys[key] = hint, Field(default=TypeAdapter(hint).validate_python(default), description=about)
        section_with_keys = create_model(section.__name__, __base__=section, __module__=section.__module__, **keys)
        section_with_keys.__doc__ = section.__doc__
        section_with_keys.from_options = {**getattr(section, "from_options", {}), options: option_by_key}  # type: ignore[attr-defined]
        return section_with_keys  # type: ignore[return-value]

    return attach


def record_of(section: BaseModel, options: type[Options], **others: Any) -> Options:
    """Return the options that a section gives, together with ``others``, which the study file need not state."""
    hints = options_of(options)
    given = {name: getattr(section, key) for key, name in section.from_options[options].items()}  # type: ignore[attr-defined]
    for name, value in given.items():
        if isinstance(value, list) and get_origin(plain(hints[name].hint)) is tuple:
            given[name] = tuple(value)
    return options(**(given | others))


def _in_a_file(hint: Any) -> Any:
    """Return the type of an option in a file: a mapping becomes a dict, a sequence a list, paths in a sequence text."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind is Mapping:
        return dict.__class_getitem__(parts)
    if kind is Sequence or (kind is tuple and parts[1:] == (...,)):
        return list.__class_getitem__(str if Path in get_args(parts[0]) else parts[0])
    return hint
