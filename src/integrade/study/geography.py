"""``[geography]``: what the regions of a study are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrade.engine.system import is_file
from integrade.errors import IntegradeError, UnknownName, did_you_mean
from integrade.geography import Geography
from integrade.sources.tables.geography import joined, read_geography, with_neighbours

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
    return (root / file,) if file and is_file(root / file) else ()


def geography_asked(study: Study) -> list[Any]:
    """What a step is asked about the regions; nothing where the study names no geography."""
    return [{"geography": study.geography.model_dump(mode="json")}] if study.geography is not None else []


def named_geography(section: Any, root: Path) -> Geography:
    """What ``[geography]`` names, with its aliases.

    With a country and a file the regions have the names, codes and areas of the country, and the outlines, places and
    neighbours of the file. Raises `UnknownName` for an alias that means no region; what `read_geography` raises.
    """
    own = read_geography(root / section.file, name=section.name) if section.file else None
    known = read_geography(section.country)
    found = joined(known, own) if known and own else own or known or Geography("", "the study")
    if section.neighbours:
        found = with_neighbours(found, section.neighbours)
    for spelling, meant in section.aliases.items():
        if found.regions and spelling != meant and found.region(meant) is None:
            raise UnknownName(
                f"the alias {spelling!r} means {meant!r}, which is not a region of {found.title}",
                remedy=did_you_mean(meant, [r.name for r in found.regions]),
            )
    return found.called(section.aliases)
