"""The keys of a section of study.toml that are the options of a function: types, defaults and meaning from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, Field, create_model

from integrade.records.catalogue import Option, options_of

Section = TypeVar("Section", bound=type[BaseModel])


def with_keys_of(options: type) -> Callable[[Section], Section]:
    """A section with a key for each option of a dataclass, after its own keys."""

    def attach(section: Section) -> Section:
        keys: dict[str, Any] = {name: _key(one) for name, one in options_of(options).items()}
        made = create_model(section.__name__, __base__=section, __module__=section.__module__, **keys)
        made.__doc__ = section.__doc__
        return made  # type: ignore[return-value]

    return attach


def _key(option: Option) -> tuple[Any, Any]:
    """The type of a key and its field: tables and lists as a file writes them; paths are texts."""
    kind, parts = get_origin(option.hint), get_args(option.hint)
    if kind is Mapping:
        return dict.__class_getitem__(parts), Field(default_factory=dict, description=option.about)
    if kind is Sequence:
        held = str if Path in get_args(parts[0]) else parts[0]
        return list.__class_getitem__(held), Field(default_factory=list, description=option.about)
    return option.hint, Field(default=option.default, description=option.about)
