"""Every key of a study file with values that it should not take, and a small study around each.

The keys come from the model of the study file and from the records of options of its functions and measures, so that a
new key is tried without a line here. Only a new key that must be given needs its value in `REQUIRED`.
"""

from __future__ import annotations

import datetime
import json
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from integrade.panel.controls import Controls
from integrade.panel.identity import FirmIdentity
from integrade.panel.matching import Names
from integrade.panel.productivity import Tfp
from integrade.panel.similar import Similar
from integrade.records.catalogue import CATALOGUE, options_of
from integrade.study.config import study_model

WRONG: Mapping[str, Any] = {
    "empty list": [],
    "empty table": {},
    "table": {"a": 1},
    "large": 1e308,
    "negative": -1,
    "not a number": math.nan,
    "empty text": "",
    "zero byte": "a\0b",
    "truth": True,
    "date": datetime.date(2005, 1, 1),
    "lists": [[], [[1]]],
    "mixed": [1, "a", [2]],
    "texts": ["a", "a"],
    "tables": [{"a": {"b": 1}}, {}],
    "long": "x" * 10_000,
    "brackets": "(" * 3_000,
}
"""Values of every type of TOML; most keys refuse most of them, and none may end in a traceback."""
REQUIRED: Mapping[str, Any] = {
    "files": ["side.csv"],
    "name": "A",
    "claim": "a claim",
    "rule": "u_test_p < 0.05",
    "numerator": "rd",
    "denominator": "sales",
    "mediators": ["age"],
    "by": "industry",
    "builder": "lagged",
    **dict.fromkeys(("sigma", "theta", "cost", "outside"), 5),
}
"""The keys without a default, by name."""
BASE: Mapping[str, Any] = {
    "title": "Every key",
    "prices": {"files": ["prices.csv"], "basis": "link"},
    "customs": {"files": ["customs.csv"]},
    "firms": {"files": ["firms.csv"]},
    "covariates": [{"files": ["side.csv"]}],
    "quality": {"sigma": 5},
    "integration": {},
    "controls": {},
}
"""A study of the files of `write_files` without a problem."""
FUNCTIONS: Mapping[tuple[str, ...], type] = {
    ("tfp",): Tfp,
    ("controls",): Controls,
    ("identity",): FirmIdentity,
    ("matching", "names"): Names,
    ("matching", "similar"): Similar,
}
"""Sections that hold the options of a function."""
DEFAULTS = ("relative_price", "demand_residual")
"""The measures that a study takes where it names none."""
VERSIONS = {"integration": "indices", "quality": "outcomes"}
CURVE = {"integration": "indices", "quality": "qualities"}
REGIONS, YEARS = ("A", "B", "C", "D"), range(2001, 2007)


class Key(NamedTuple):
    """A key, the sections around it, whether the outer one may be repeated, and what else it needs; or a section."""

    sections: tuple[str, ...]
    key: str
    several: bool = False
    needed: Mapping[str, Any] = {}

    def study(self, value: Any) -> dict[str, Any]:
        """The small study with the value under this key."""
        inner: Any = {**self.needed, self.key: value}
        for name in reversed(self.sections[1:]):
            inner = {name: [inner] if name in CURVE.values() else inner}
        if not self.sections:
            return {**BASE, **inner}
        outer = self.sections[0]
        known = {} if self.several else BASE.get(outer, {})
        return {**BASE, outer: [inner] if self.several else {**known, **inner}}


@cache
def keys() -> tuple[Key, ...]:
    """Every key there is, once."""
    found = list(_keys())
    return tuple({(one.sections, one.key, one.needed.get("method")): one for one in found}.values())


def _keys() -> Iterator[Key]:
    for name, field in study_model().model_fields.items():
        yield Key((), name)
        for model, several in _sections(field.annotation):
            needed = {key: REQUIRED[key] for key, one in model.model_fields.items() if one.is_required()}
            yield from (Key((name,), key, several, needed) for key in model.model_fields)
    for sections, options in FUNCTIONS.items():
        yield from (Key(sections, key) for key in options_of(options))
    for measure in CATALOGUE.values():
        options = options_of(measure.options)
        needed = {"method": measure.name, **{key: REQUIRED[key] for key in options if key in REQUIRED}}
        needed |= {key: "firm" for key, one in options.items() if one.required and key not in REQUIRED}
        yield from (Key((measure.family,), key, needed=needed) for key in ("method", *options))
        if measure.name in DEFAULTS:
            for key in ("method", *options):
                yield Key((VERSIONS[measure.family],), key, several=True, needed={"name": "other"})
                yield Key(("curve", CURVE[measure.family]), key)


def _sections(hint: Any) -> Iterator[tuple[type[BaseModel], bool]]:
    """The models of an annotation, and whether there may be several."""
    if get_origin(hint) is Annotated:
        yield from _sections(get_args(hint)[0])
    elif get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _sections(part)
    elif get_origin(hint) in (list, tuple):
        yield from ((model, True) for model, _ in _sections(get_args(hint)[0]))
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint, False


def several_at_once(rng: random.Random) -> dict[str, Any]:
    """A study in which some keys have a value of any type and depth."""
    study: dict[str, Any] = dict(BASE)
    for one in rng.choices(keys(), k=rng.randint(1, 5)):
        more = one.study(any_value(rng))
        name = one.sections[0] if one.sections else one.key
        both = isinstance(study.get(name), dict) and isinstance(more[name], dict)
        study[name] = {**study[name], **more[name]} if both else more[name]
    return study


def any_value(rng: random.Random, depth: int = 0) -> Any:
    """A value of TOML: a leaf, or a list or a table of some."""
    if depth > 4 or rng.random() < 0.6:
        leaves = (*WRONG.values(), *(0, 1, 2, 0.5, "firm", "year", "market", "side.csv", "age", "p10", "all", "auto"))
        return rng.choice(leaves)
    inner = [any_value(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    return inner if rng.random() < 0.5 else dict(zip(rng.sample("abcdef", len(inner)), inner, strict=True))


def toml(study: Mapping[str, Any]) -> str:
    """The text of a study file: every section as a table within braces."""
    return "".join(f"{json.dumps(name)} = {_toml(value)}\n" for name, value in study.items())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(name)} = {_toml(one)}' for name, one in value.items())}}}"
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


MONEY = (
    *("employment", "sales", "assets", "fixed_assets", "liabilities", "net_profit", "receivables", "wages"),
    *("intermediate_inputs", "value_added", "gross_output", "investment"),
)


def write_files(root: Path) -> None:
    """The raw files of the small study: four regions, six years, twelve firms."""
    root.mkdir(parents=True, exist_ok=True)
    firms = [(f"F{i}", REGIONS[i % 4], 13 + i % 3) for i in range(12)]
    trade = [
        (f, p, d, y) for f, *_ in firms for p in ("010101", "020202") for d in ("USA", "FRA", "DEU") for y in YEARS
    ]
    goods = [(r, y, g) for r in REGIONS for y in YEARS for g in ("food", "drink", "cloth", "fuel")]
    _write(root / "prices.csv", ("region", "year", "commodity", "index"), ((*k, 100 * _number(*k)) for k in goods))
    _write(
        root / "customs.csv",
        ("firm", "product", "destination", "year", "value", "quantity"),
        ((*k, 1000 * _number(*k), 100 * _number(*reversed(k))) for k in trade),
    )
    _write(
        root / "firms.csv",
        ("firm", "year", "region", "industry", "founded", *MONEY),
        ((f, y, r, k, 1990, *(1000 * _number(f, y, name) for name in MONEY)) for f, r, k in firms for y in YEARS),
    )
    _write(root / "side.csv", ("region", "year", "rd"), ((r, y, _number(r, y)) for r in REGIONS for y in YEARS))


def _number(*parts: object) -> float:
    """A number between 1 and 2 that the parts decide."""
    return 1 + sum(ord(sign) * (i + 3) for i, sign in enumerate("".join(map(str, parts)))) % 97 / 100


def _write(path: Path, heading: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    lines = (",".join(map(str, row)) for row in (heading, *rows))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
