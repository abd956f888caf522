"""Write a JSON schema of study.toml for editors: every key with its choices, its default and its meaning."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from integrade.panel.controls import Controls
from integrade.panel.productivity import Tfp
from integrade.records.catalogue import CATALOGUE, options_of, plain
from integrade.records.confidence import probability_in
from integrade.study.config import PRESETS, study_model
from integrade.study.measures import DEFAULT

NAME = "study.schema.json"
TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


def json_schema() -> dict[str, Any]:
    """Return the schema of a study file, with the options of every measure under [integration] and [quality]."""
    schema = study_model().model_json_schema()
    schema["title"] = "integrade study"
    for family in ("integration", "quality"):
        schema["properties"][family] = _measures(schema["properties"][family], family)
    schema["properties"]["tfp"] = {
        "type": "object",
        "description": schema["properties"]["tfp"]["description"],
        "properties": _options(Tfp),
        "additionalProperties": False,
    }
    schema["properties"]["controls"] |= {"properties": _options(Controls), "additionalProperties": False}
    defined = schema["$defs"]
    measured = (schema["properties"][name]["properties"] for name in ("quality", "controls"))
    for keys in (*measured, defined["Winsor"]["properties"], defined["Regression"]["properties"]):
        for name, option in keys.items():
            keys[name] = _by_preset(option)
    return schema


def _by_preset(option: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a key that may also have a value for each preset."""
    kinds = {k: v for k, v in option.items() if k not in ("description", "default", "title")}
    if not kinds:
        return option
    described = {k: v for k, v in option.items() if k not in kinds}
    each = {"type": "object", "properties": dict.fromkeys(PRESETS, kinds), "additionalProperties": False}
    return {**described, "anyOf": [*(kinds["anyOf"] if list(kinds) == ["anyOf"] else [kinds]), each]}


def as_text() -> str:
    """Return the schema as JSON text."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def write_study(folder: Path, text: str) -> None:
    """Write study.toml and its schema into a folder; each file appears when it is complete."""
    for name, content in ((NAME, as_text()), ("study.toml", text)):
        part = folder / f"{name}.part"
        part.write_text(content, encoding="utf-8")
        os.replace(part, folder / name)


def _measures(section: dict[str, Any], family: str) -> dict[str, Any]:
    """Return one section with the options of all its measures.

    An option that several measures have gets the description of the first.
    """
    records = [m for m in CATALOGUE.values() if m.family == family]
    properties: dict[str, Any] = {}
    for record in records:
        for name, option in _options(record.options).items():
            known = properties.setdefault(name, option)
            if "enum" in known and "enum" in option:
                known["enum"] = list(dict.fromkeys([*known["enum"], *option["enum"]]))
    method = {"enum": [r.name for r in records], "default": DEFAULT[family], "description": f"the measure of {family}"}
    return {**section, "properties": {"method": method, **properties}, "additionalProperties": False}


def _options(kind: type) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, option in options_of(kind).items():
        entry: dict[str, Any] = {"description": option.about}
        hint = plain(option.hint)
        if get_origin(hint) is Literal:
            entry["enum"] = [v for v in get_args(hint) if v is not None]
        elif hint in TYPES:
            entry["type"] = TYPES[hint]
        declared = probability_in(option.hint)
        if declared is not None:
            entry |= declared.schema
        if isinstance(option.default, (str, int, float, bool)):
            entry["default"] = option.default
        entries[name] = entry
    return entries
