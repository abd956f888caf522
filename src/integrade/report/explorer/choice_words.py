"""Name the choices of a study and their values in words, as an economist does and a study file does not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrade.subjects.audit.switches import Switch
from integrade.verdicts.naming import dimension_word, good_word, place_word, prose_of
from integrade.wording.numerals import capital
from plainwords.texts import is_message, listed, say

PATTERNS = (
    (r"years to (?P<year>\d+)", "choice_values.years-to"),
    (r"years from (?P<year>\d+)", "choice_values.years-from"),
    (r"(?P<place>[^,]+) only", "choice_values.only"),
    (r"\[(?P<low>[\d.]+), (?P<high>[\d.]+)\]", "choice_values.percentiles"),
    (r"nearest:(?P<n>\d+)", "choice_values.nearest"),
)
"""Patterns of values with a number or a place -> the key of their words."""


def choice_word(key: str) -> str:
    """Return the name of a choice, or its section and option if it has no name.

    The name of ``quality.sigma``, for example, is the elasticity of substitution.

    Example:
        >>> choice_word("regression.vcov"), choice_word("quality.top_share")
        ('Standard errors', 'Quality: top share')
    """
    known = f"choices.{_id(key)}"
    if is_message(known):
        return say(known)
    section, _, option = key.partition(".")
    kind = f"choices.section-{section}"
    if not option or not is_message(kind):
        return key
    return say("choices.another", section=say(kind), option=option.replace("_", " "))


def value_word(switch: Switch, labels: Mapping[str, str]) -> str:
    """Return the new value of a choice in words; a value without words is returned as the study file writes it."""
    key, value = switch.key, switch.after
    known = f"choice_values.{_id(key)}-{_id(value)}"
    if is_message(known):
        return say(known)
    for pattern, message in PATTERNS:
        found = re.fullmatch(pattern, value)
        if found:
            given = found.groupdict().items()
            return say(message, **{k: place_word(v) if k == "place" else v.removesuffix(".0") for k, v in given})
    first, _, rest = value.partition(" ")
    if first in ("with", "without") and rest:
        return say(f"choice_values.{first}-named", name=_member(key, rest, labels))
    if key == "regression.effects":
        return capital(listed([_effect(part) for part in value.split(" + ")], "and"))
    if key == "winsor.columns":
        more = [c for c in value.split() if c not in switch.before.split()]
        return say("choice_values.with-named", name=listed([prose_of(c, labels) for c in more], "and"))
    return value


def named(choice: str, value: str) -> str:
    """Return a choice with its value."""
    return say("explorer.named", choice=choice, value=value)


def _id(text: str) -> str:
    """Return a key or a value as part of a message's id: ``a + b:c`` is ``a-and-b-by-c``."""
    joined = text.replace("+", " and ").replace(":", " by ")
    return re.sub(r"[^a-zA-Z0-9]+", "-", joined).strip("-").lower()


def _member(key: str, name: str, labels: Mapping[str, str]) -> str:
    if key == "regression.controls":
        return prose_of(name, labels)
    if key == "integration.goods":
        return good_word(name, labels)
    return listed([place_word(one) for one in name.split(", ")], "and")


def _effect(name: str) -> str:
    first, crossed, second = name.partition("^")
    if not crossed:
        return dimension_word(name)
    return say("naming.crossed", a=dimension_word(first), b=dimension_word(second))
