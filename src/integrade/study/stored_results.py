"""Convert the results of a study to JSON and back, including records of questions without a field of their own."""

from __future__ import annotations

from dataclasses import replace

from integrade.errors import Unreadable
from integrade.study.records import MISFITS, as_plain, in_lines, misfit, read_as, read_json
from integrade.subjects import questions
from integrade.verdicts.bundle import StudyResults


def results_json(results: StudyResults) -> str:
    """Return the results as JSON, with every answer under the name of its question."""
    plain = as_plain(results)
    answers = plain.pop("answers")
    moved = {
        place.removeprefix("answers/") if place.startswith("answers/") else place: sentence
        for place, sentence in plain.pop("sentences", {}).items()
    }
    whole = plain | answers | ({"sentences": moved} if moved else {})
    return in_lines(whole)


def results_from(text: str) -> StudyResults:
    """Return the results that `results_json` wrote, without answers to questions of plugins that are not loaded.

    Raises `Unreadable` for results of another version, whose records have other fields.
    """
    try:
        content = read_json(text)
        answers_stored = {
            name: content.pop(name) for name in list(content) if name not in StudyResults.__dataclass_fields__
        }
        kinds = {q.name: q.result for q in questions()}
        results: StudyResults = read_as(StudyResults, content | {"answers": {}})
        answers = {name: read_as(kinds[name], value) for name, value in answers_stored.items() if name in kinds}
        wrong = [misfit(StudyResults, results, "it"), *(misfit(kinds[n], a, n) for n, a in answers.items())]
        if any(wrong):
            raise ValueError(next(filter(None, wrong)))
    except (RecursionError, *MISFITS) as problem:
        raise Unreadable(
            f"these results are damaged, or another version of integrade wrote them ({problem})",
            where="results.json",
            remedy="integrade run STUDY, which recomputes them and reuses unchanged steps",
        ) from problem
    return replace(results, answers=answers)
