"""``[geography]``: what the regions of a study are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.errors import IntegradeError, UnknownName, UsageError, did_you_mean
from integrade.geography import Geography
from integrade.sources.geography import read_geography

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


def geography_files(study: Study, root: Path) -> tuple[Path, ...]:
    """The file of the regions, where the study names one that exists."""
    file = study.geography.file if study.geography is not None else None
    return (root / file,) if file and (root / file).is_file() else ()


def geography_asked(study: Study) -> list[Any]:
    """What a step is asked about the regions; nothing where the study names no geography."""
    return [{"geography": study.geography.model_dump(mode="json")}] if study.geography is not None else []


def named_geography(section: Any, root: Path) -> Geography:
    """What ``[geography]`` names, with its aliases.

    Raises `UsageError` for a country and a file, `UnknownName` for an alias that means no region; `read_geography`.
    """
    if section.country and section.file:
        raise UsageError("[geography] has both a country and a file", remedy="leave out one of the two")
    named = root / section.file if section.file else section.country
    found = read_geography(named, name=section.name, neighbours=section.neighbours) or Geography("", "the study")
    for spelling, meant in section.aliases.items():
        if found.regions and spelling != meant and found.region(meant) is None:
            raise UnknownName(
                f"the alias {spelling!r} means {meant!r}, which is no region of {found.title}",
                remedy=did_you_mean(meant, [r.name for r in found.regions]),
            )
    return found.called(section.aliases)
