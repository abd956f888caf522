"""Both languages have the same ids with the same values; every id that the code says exists, and every one is said."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource

from each import each
from integrade.surface.packages import BELOW
from plainwords import texts
from plainwords.texts import (
    LANGUAGES,
    Said,
    as_record,
    catalogues,
    from_record,
    in_language,
    listed,
    messages,
    say,
    speaking,
)

SOURCE = Path(__file__).parents[2] / "src"
for package in ("integrade", *BELOW):
    import_module(package)  # a package adds its catalogues when it is imported


def said() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Every id in the code: where, the id, and the names of its values (nothing where they are not spelt out)."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say" and node.args:
                keys = [node.args[0]]
                if isinstance(keys[0], ast.IfExp):
                    keys = [keys[0].body, keys[0].orelse]
                names = frozenset(k.arg for k in node.keywords if k.arg)
                open_ended = any(k.arg is None for k in node.keywords)
                for key in keys:
                    if isinstance(key, ast.Constant):
                        yield str(path.relative_to(SOURCE)), str(key.value), None if open_ended else names


@each("name", catalogues("en"))
def test_every_language_has_the_same_ids_with_the_same_values(name: str) -> None:
    english = messages("en", name)
    for language in LANGUAGES:
        assert messages(language, name) == english


@each("language", LANGUAGES)
@each("name", catalogues("en"))
def test_no_id_stands_twice_in_a_catalogue(name: str, language: str) -> None:
    """Of two messages of one id the first is said and the other never."""
    files = sorted(SOURCE.rglob(f"{language}/{name}.ftl"))
    assert files
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    ids = [line.split(" =")[0] for line in lines if line[:1].isalpha()]
    assert sorted(set(ids)) == sorted(ids)


def test_the_languages_have_the_same_files() -> None:
    assert {catalogues(language) for language in LANGUAGES} == {catalogues("en")}


def test_every_catalogue_of_the_source_is_found() -> None:
    for language in LANGUAGES:
        assert {path.stem for path in SOURCE.rglob(f"{language}/*.ftl")} == set(catalogues(language))


def test_what_the_code_says_is_in_the_catalogues() -> None:
    known = {
        f"{name}.{message}": values for name in catalogues("en") for message, values in messages("en", name).items()
    }
    for where, key, values in said():
        assert key in known, f"{where}: no message {key}"
        assert values is None or values == known[key], f"{where}: {key} has {set(known[key])}, is given {set(values)}"


def test_every_message_is_said() -> None:
    """An id stands whole in the code, or its file says a family of ids: ``say(f"outcome.{word}")``."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py")))
    unsaid = [
        f"{name}.{message}"
        for name in catalogues("en")
        for message in messages("en", name)
        if f'"{name}.{message}"' not in code and f'f"{name}.' not in code
        if message != "step"  # of a question: `judge.naming.step_word`
    ]
    assert unsaid == []


def test_a_text_is_stored_and_said_in_another_language() -> None:
    one = say("numerals.minus-infinite")
    several = listed([one, "Ost"], "semicolon")
    assert isinstance(several, Said)
    assert from_record(as_record(several)) == several == "-infinite; Ost"
    assert in_language(several, "zh") == "负无穷；Ost"
    assert in_language("Ost", "zh") == "Ost"


def test_an_unknown_id_and_a_missing_value_are_errors() -> None:
    for key, values in (("listed.nothing", {}), ("nothing.at-all", {}), ("numerals", {})):
        with pytest.raises(LookupError):
            say(key, **values)


@each("language", LANGUAGES)
@each("name", catalogues("en"))
def test_messages_are_said_as_fluent_says_them(name: str, language: str) -> None:
    """Messages of words and values alone are not given to Fluent; here Fluent says the whole file."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob(f"{language}/{name}.ftl"))
    whole = FluentBundle([language], use_isolating=False, functions={"CAPITAL": lambda t: t[:1].upper() + t[1:]})
    whole.add_resource(FluentResource(source))
    for message, names in messages(language, name).items():
        pattern = whole.get_message(message).value
        for given in (
            {value: f" {value}{{x}}\n" for value in names},
            dict.fromkeys(names, 1),
            dict.fromkeys(names, -1234567),
        ):
            expected, problems = whole.format_pattern(pattern, given)
            if not problems:  # a text function is given a text
                with speaking(language):
                    assert say(f"{name}.{message}", **given) == expected


def test_a_text_made_in_a_language_is_not_made_again_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with speaking("zh"):
        said = say("document.outcome", outcome=say("document.account"))
    english = in_language(said, "en")
    monkeypatch.setattr(texts, "_rendered", None)
    assert in_language(said, "zh") == str(said) != english


def test_chinese_joins_keep_a_space_to_another_script_on_both_sides() -> None:
    """It was "p50和p90 处" and "standard deviation.支持。"."""
    with speaking("zh"):
        assert listed(["p50", "p90"]) == "p50 和 p90"
        assert listed(["1", "2", "3"]) == "1、2 和 3"
        assert listed(["地区", "2 个样本"]) == "地区和 2 个样本"
        assert listed(["地区", "年份"]) == "地区和年份"
        assert listed(["a", "b"], "comma") == "a、b"
        assert listed(["A claim.", "支持。"], "sentences") == "A claim. 支持。"
        assert listed(["成立。", "支持。"], "sentences") == "成立。支持。"
    assert listed(["A claim.", "Supported."], "sentences") == "A claim. Supported."


def test_messages_of_a_package_imported_late_are_found() -> None:
    code = (
        "import integrade; from plainwords.texts import is_message, say; say('brief.claim'); "
        "import tablecheck; assert is_message('published_documents.continued')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
