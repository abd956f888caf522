"""``[geography]``: what the regions of a study are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.errors import IntegradeError, UnknownName, did_you_mean
from integrade.geography import Geography, geography_from

if TYPE_CHECKING:
    from integrade.study.config import Study


def geography_in(study: Study, root: Path) -> Geography | None:
    """The geography that a study names, with its aliases; None where it names none."""
    return named_geography(study.geography, root) if study.geography is not None else None


def geography_or_none(study: Study, root: Path) -> Geography | None:
    """The same; None where it cannot be had, which `check` tells with its section."""
    try:
        return geography_in(study, root)
    except IntegradeError:
        return None


def geography_asked(study: Study) -> list[Any]:
    """What a step is asked about the regions; nothing where the study names no geography."""
    return [{"geography": study.geography.model_dump(mode="json")}] if study.geography is not None else []


def named_geography(section: Any, root: Path) -> Geography:  # noqa: ARG001
    """What ``[geography]`` names, with its aliases.

    Raises `UnknownName` for a country that is not built in, and for an alias that means no region of it.
    """
    found = geography_from(section.country) or Geography("", "the study")
    for spelling, meant in section.aliases.items():
        if found.regions and spelling != meant and found.region(meant) is None:
            raise UnknownName(
                f"the alias {spelling!r} means {meant!r}, which is no region of {found.title}",
                remedy=did_you_mean(meant, [r.name for r in found.regions]),
            )
    return found.called(section.aliases)
