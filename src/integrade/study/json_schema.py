"""A JSON schema of study.toml for editors: every key with its choices, its default and what it means."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Literal, get_args, get_origin, get_type_hints

from integrade.measure import CATALOGUE, Measure
from integrade.panel.controls import Controls
from integrade.study.config import study_model
from integrade.study.measures import DEFAULT

NAME = "study.schema.json"
TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


def json_schema() -> dict[str, Any]:
    """The schema of a study file, the options of every measure among the keys of [integration] and [quality]."""
    schema = study_model().model_json_schema()
    schema["title"] = "integrade study"
    for family in ("integration", "quality"):
        records = [m for m in CATALOGUE.values() if m.family == family]
        schema["properties"][family] = _measures(schema["properties"][family], family, records)
    schema["properties"]["controls"] |= {"properties": _options(Controls), "additionalProperties": False}
    return schema


def as_text() -> str:
    """The schema as JSON."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def _measures(section: dict[str, Any], family: str, records: list[Measure]) -> dict[str, Any]:
    """One section with the options of all its measures; an option that several have keeps the first description."""
    properties: dict[str, Any] = {}
    for record in records:
        for name, option in _options(record.options).items():
            known = properties.setdefault(name, option)
            if "enum" in known and "enum" in option:
                known["enum"] = list(dict.fromkeys([*known["enum"], *option["enum"]]))
    method = {"enum": [r.name for r in records], "default": DEFAULT[family], "description": f"the measure of {family}"}
    return {**section, "properties": {"method": method, **properties}, "additionalProperties": False}


def _options(kind: type) -> dict[str, Any]:
    hints, about = get_type_hints(kind), descriptions(kind)
    found: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        entry: dict[str, Any] = {"description": about.get(field.name, "")}
        hint = hints[field.name]
        if get_origin(hint) is Literal:
            entry["enum"] = [v for v in get_args(hint) if v is not None]
        elif hint in TYPES:
            entry["type"] = TYPES[hint]
        if isinstance(field.default, (str, int, float, bool)):
            entry["default"] = field.default
        found[field.name] = entry
    return found


def descriptions(kind: type) -> dict[str, str]:
    """What the docstring of an options class says of each option."""
    name = f"(?:{'|'.join(f.name for f in dataclasses.fields(kind))})"
    # indented or not: Python 3.13 strips the indentation of a docstring, but not of what is put behind it later
    pieces = re.split(rf"(?m)^(?:    )?({name}(?:, {name})*)$", (kind.__doc__ or "").partition("----------")[2])
    found: dict[str, str] = {}
    for names, what in zip(pieces[1::2], pieces[2::2], strict=True):
        found |= dict.fromkeys(names.split(", "), " ".join(what.split()))
    return found
