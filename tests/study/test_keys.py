"""Keys of study.toml follow from the options of functions: a default or a sentence is declared once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, Field

import integrade as ig
from integrade.records.catalogue import options_of
from integrade.study.config import study_model
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Strict
from integrade.subjects import questions

OTHER_MEANING: dict[tuple[str, str, str], str] = {
    ("NoiseFlags", "Oriv", "halves"): "a number of splits; the option names the columns of two halves",
    ("RowFlags", "RowLevel", "rauch"): "a file, read before the call; the option is a mapping or a table",
}
"""Keys and flags that only share their name with an option: section or flags, record, name -> the reason."""


@dataclass(frozen=True)
class Drawing:
    """Options of a function.

    Parameters
    ----------
    draws
        Number of draws.
    places
        Where it is drawn.
    how
        The way.
    """

    draws: int = 500
    places: tuple[str, ...] = ("p10", "p90")
    how: str = "auto"


@with_keys_of(Drawing, "places", picture="draws", defaults={"draws": 100})
class Picture(Strict):
    """A section with a key of its own between two of the options."""

    picture: Annotated[int, Field(ge=0)] = Field(description="draws of the picture; 0 for none")
    title: str = ""
    places: Any


def test_a_section_takes_type_default_and_sentence_from_the_options() -> None:
    fields = Picture.model_fields
    assert list(fields) == ["picture", "title", "places"]
    assert [f.default for f in fields.values()] == [100, "", ["p10", "p90"]]
    assert [f.description for f in fields.values()] == ["draws of the picture; 0 for none", None, "Where it is drawn."]
    assert fields["places"].annotation == list[str]
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Picture.model_validate({"picture": -1})


def test_a_section_becomes_the_options_again() -> None:
    section = Picture.model_validate({"places": ["p50"]})
    assert record_of(section, Drawing, how="exact") == Drawing(draws=100, places=("p50",), how="exact")


def _sections(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and get_origin(hint) is None and issubclass(hint, BaseModel):
        yield hint
        for field in hint.model_fields.values():
            yield from _sections(field.annotation)
    for part in get_args(hint):
        yield from _sections(part)


SECTIONS = tuple(dict.fromkeys(s for s in _sections(study_model()) if getattr(s, "from_options", None)))


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.__name__)
def test_no_key_repeats_the_default_or_the_sentence_of_its_option(section: Any) -> None:
    bodies = [k for k in section.__mro__ if issubclass(k, BaseModel) and "from_options" not in vars(k)]
    for options, keys in section.from_options.items():
        known = options_of(options)
        for key, name in keys.items():
            for body in (b for b in bodies if key in vars(b).get("__annotations__", {})):
                declared = body.model_fields[key]
                assert declared.is_required(), f"{section.__name__}.{key} repeats a default"
                assert declared.description != known[name].about, f"{section.__name__}.{key} repeats a sentence"
            assert section.model_fields[key].description, key


def test_a_key_or_flag_named_like_an_option_of_its_function_follows_from_it() -> None:
    records = {getattr(ig.options, name) for name in dir(ig.options)}
    apart = {
        (kind.__name__, record.__name__, name)
        for q in questions()
        for kind, names in _declared_apart(q)
        for record in vars(sys.modules[q.function.__module__]).values()
        if isinstance(record, type) and record in records
        for name in names & options_of(record).keys()
    }
    assert apart == set(OTHER_MEANING)


def _declared_apart(one: Any) -> Iterator[tuple[type, set[str]]]:
    """Yield the section and the flags of a question, each with the names that do not follow from an option."""
    if one.options is not None:
        derived = {key for keys in getattr(one.options, "from_options", {}).values() for key in keys}
        yield one.options, one.options.model_fields.keys() - derived
    if one.flags is not None:
        yield one.flags.options, {f.name for f in fields(one.flags.options) if "about" not in f.metadata}
