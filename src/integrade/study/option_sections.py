"""List the sections of a study file that are options of a function, each with the class of those options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from integrade.errors import IntegradeError
from integrade.study.config import Study
from integrade.study.lines import Path
from integrade.study.measures import FAMILIES, FAMILY_OF, curve_versions, measure_of, version_of
from integrade.study.options import option_problems
from integrade.study.registers import options_declared


def options_in(study: Study) -> Iterator[tuple[Path, type, Mapping[str, Any]]]:
    """Yield the path of each section that is options of a function, the class of the options, and their values.

    These are the sections of measures, of their versions, and of functions. A section whose measure does not exist is
    left out, because its options are unknown.
    """
    for family in FAMILIES:
        yield from _options_of_measure(
            study, family, (family,), {k: v for k, v in getattr(study, family).items() if k != "method"}
        )
    for section, family in FAMILY_OF.items():
        for i, version in enumerate(getattr(study, section)):
            if version.column is None:
                given = {k: v for k, v in version.options().items() if k != "method"}
                yield from _options_of_measure(version_of(study, section, version), family, (section, i), given)
    for i, key, family, changes in curve_versions(study):
        version_study = study.model_copy(update={family: {**getattr(study, family), **changes}})
        yield from _options_of_measure(
            version_study, family, ("curve", key, i), {k: v for k, v in changes.items() if k != "method"}
        )
    yield from options_declared(study)


def wrong_options(study: Study) -> list[Path]:
    """Return the path of every option that does not exist, or has a value of a wrong type or an unknown choice."""
    return [
        (*path, wrong.key)
        for path, kind, given in options_in(study)
        for wrong in option_problems(kind, given, whole=False)
    ]


def _options_of_measure(
    study: Study, family: str, path: Path, given: Mapping[str, Any]
) -> Iterator[tuple[Path, type, Mapping[str, Any]]]:
    try:
        yield path, measure_of(study, family).options, given
    except IntegradeError:  # the key method of an unknown measure is refused elsewhere
        return
