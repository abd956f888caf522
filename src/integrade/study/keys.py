"""Make the keys of a section of study.toml from the options of a function: types, defaults, descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, Field, create_model

from integrade.records.catalogue import Option, options_of

Section = TypeVar("Section", bound=type[BaseModel])


def with_keys_of(options: type) -> Callable[[Section], Section]:
    """Return a decorator that adds a key to a section for each option of a dataclass, after the section's own keys."""

    def attach(section: Section) -> Section:
        keys: dict[str, Any] = {name: _key(option) for name, option in options_of(options).items()}
        section_with_keys = create_model(section.__name__, __base__=section, __module__=section.__module__, **keys)
        section_with_keys.__doc__ = section.__doc__
        return section_with_keys  # type: ignore[return-value]

    return attach


def _key(option: Option) -> tuple[Any, Any]:
    """Return the type of a key and its field: mappings and sequences as a file writes them; paths become texts."""
    kind, parts = get_origin(option.hint), get_args(option.hint)
    if kind is Mapping:
        return dict.__class_getitem__(parts), Field(default_factory=dict, description=option.about)
    if kind is Sequence:
        item = str if Path in get_args(parts[0]) else parts[0]
        return list.__class_getitem__(item), Field(default_factory=list, description=option.about)
    return option.hint, Field(default=option.default, description=option.about)
