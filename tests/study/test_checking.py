"""`check` sees everything before any data step, with the line and key of study.toml; `run` refuses the same at once.

The property, of a study file with one thing broken at random: `check` finds it, or the run does not fail. Sixteen ways
in the suite; INTEGRADE_MUTATIONS=200 for as many as the certification has.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, get_args, get_type_hints

import polars as pl
import pytest

import studies
from each import each
from integrade.errors import IntegradeError, Problems, mapped_as, option, padding, speaking
from integrade.records.needs import KINDS
from integrade.simulation import Economy
from integrade.study.config import study_model
from integrade.study.curve import curve_study
from integrade.study.forecast import headings_of, panel_columns
from integrade.study.inputs import sources_of
from integrade.study.lines import locate
from integrade.study.reading import read_draft
from integrade.study.run import Request, check_study, run_study
from integrade.study.template import write_economy
from mutations import broken, with_options, without_others

FEW = (
    ("simex = 100", "simex = 2"),
    ("pipeline = 199", "pipeline = 3"),
    ("randomisation = 999", "randomisation = 9"),
    ("draws = 1000", "draws = 9"),
    ("samples = 40", "samples = 2"),
    ("permutations = 199", "permutations = 9"),
    ("wild = 9999", "wild = 99"),
    ("curve = 101", "curve = 5"),
    ('["html", "docx", "pdf", "tex", "md"]', '["md"]'),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study with every option that the template shows, at the value that it shows."""
    root = tmp_path_factory.mktemp("whole")
    write_economy(root, Economy(n_firms=200, seed=5), "Every option")
    file = root / "study.toml"
    file.write_text(with_options(file.read_text(encoding="utf-8")), encoding="utf-8")
    studies.edit(root, *FEW)
    assert check_study(root)[0] == ()
    return root


def changed(study: Path, tmp_path: Path, *changes: tuple[str, str]) -> Path:
    root = tmp_path / "changed"
    shutil.copytree(study, root, ignore=shutil.ignore_patterns("runs", ".integrade"))
    studies.edit(root, *changes)
    return root


def line_of(root: Path, text: str) -> int:
    lines = (root / "study.toml").read_text(encoding="utf-8").split("\n")
    return 1 + next(i for i, line in enumerate(lines) if text in line)


BROKEN = [
    ('cluster = "region"', 'cluster = "regoin"', "[regression] cluster", "region"),
    ('controls = ["scale"', 'controls = ["scal"', "[regression] controls", "scale"),
    ('mediators = ["human_capital"', 'mediators = ["humancapital"', "[mediation] mediators", "human_capital"),
    ('where = "year <= 2008"', 'where = "yaer <= 2008"', "[[samples]] where", "year"),
    ("cuts = [1, 99]", "cuts = [99, 1]", "[winsor] cuts", ""),
    ("sigma = { sound = 5 } ", "sigmaa = { sound = 5 } ", "[quality]", "sigma"),
    ('labour = "employees"', 'labour = "employes"', "[[groups]] labour", "employees"),
    ('benchmarks = ["scale"]', 'benchmarks = ["scal"]', "[sensitivity] benchmarks", "scale"),
    ('pairs = "adjacent"\n\n[[samples]]', 'pairs = "adjcent"\n\n[[samples]]', "[[indices]] pairs", "adjacent"),
    ('pairs = "adjacent" ', 'pairs = "borders.csv" ', "[[instruments]] pairs", ""),
    ('fic_column = "receivables"', 'fic_column = "recievables"', "[controls] fic_column", "receivables"),
    ('ends = ["p5", "p95"]', 'ends = ["p95", "p5"]', "[shape] ends", ""),
    ('"destination^year"]', '"destination^yaer"]', "[row_level] effects", "year"),
    ("sigma = { sound = 5 } ", "sigma = { sound = -5 } ", "[quality] sigma", ""),
    ('by = "year"  ', 'by = "yer"  ', "[winsor] by", "year"),
    ('truth = "raw/truth"', 'truth = "raw/turth"', "truth", "truth"),
    ('checks = ["balanced"', 'checks = ["balancd"', "[robustness] checks", "balanced"),
    ('effects = ["firm + year"', 'effects = ["frm + year"', "[curve] effects", "firm"),
    (
        'effects = ["firm", "product", "destination^year"]',
        'effects = ["firm", "product", "firm"]',
        "[row_level] effects",
        "",
    ),
    ('effects = ["firm + year"', 'effects = ["firm + firm"', "[curve] effects", ""),
]


@pytest.mark.parametrize(("before", "after", "place", "meant"), BROKEN, ids=[b[1].strip()[:40] for b in BROKEN])
def test_one_mistake_is_found_with_its_line_and_what_was_meant(
    study: Path, tmp_path: Path, before: str, after: str, place: str, meant: str
) -> None:
    root = changed(study, tmp_path, (before, after))
    found = check_study(root)[0]
    assert found, "check says that there is no problem"
    said = found[0].what
    assert said.startswith(f"study.toml:{line_of(root, after.split(chr(10))[0].strip())} {place}"), said
    assert f"did you mean {meant!r}" in found[0].remedy if meant else True


def test_all_mistakes_are_told_at_once_and_run_refuses_them_before_any_step(study: Path, tmp_path: Path) -> None:
    taken = [BROKEN[i] for i in (0, 1, 2, 3, 4, 6)]
    root = changed(study, tmp_path, *[(before, after) for before, after, *_ in taken])
    places = [one.what.partition(":")[2].partition(" ")[2] for one in check_study(root)[0]]
    assert all(any(place in said for said in places) for _, _, place, _ in taken)
    with pytest.raises(Problems) as caught:
        run_study(root, Request(), tell=lambda _: None)
    assert {str(p) for p in caught.value.problems} == {str(p) for p in check_study(root)[0]}
    assert not (root / ".integrade").exists(), "a step ran"


def test_the_columns_of_the_panel_are_known_before_it_is_made(short_study: Path) -> None:
    draft, wrong = read_draft(short_study), list[Any]()
    assert draft.study is not None
    tables = [name for name, _ in sources_of(draft.study)]
    known, _ = panel_columns(draft.study, list(zip(tables, headings_of(draft.study, short_study, wrong), strict=True)))
    panel = pl.read_parquet(studies.run_folder(short_study) / "tables" / "panel.parquet")
    assert wrong == []
    assert not known.open
    assert set(known.kinds) == set(panel.columns)
    for name, kind in known.kinds.items():
        assert kind == "unknown" or (kind == "number") == panel[name].dtype.is_numeric(), name


LIST = """
[[groups]]
by = "industry"
how = "list"
file = "{file}"
title = "The paper's list"
permutations = 9
"""


def test_a_list_of_industries_is_looked_at_before_any_step(study: Path, tmp_path: Path) -> None:
    root = changed(study, tmp_path)
    file, text = root / "study.toml", (root / "study.toml").read_text(encoding="utf-8")
    (root / "list.csv").write_text("industry,group\n13,labour\n13,capital\n", encoding="utf-8")
    file.write_text(text + LIST.format(file="lists.csv"), encoding="utf-8")
    (found,) = check_study(root)[0]
    assert "[[groups]] file: 'lists.csv' is no such file" in found.what
    assert "did you mean 'list.csv'" in found.remedy
    file.write_text(text + LIST.format(file="list.csv"), encoding="utf-8")
    (found,) = check_study(root)[0]
    assert "[[groups]] file: the list of groups has the code '13' in two groups" in found.what
    (root / "list.csv").write_text("code,kind,year\n13,labour,2004\n14,capital,2004\n", encoding="utf-8")
    (found,) = check_study(root)[0]
    assert "[[groups]] file: column 'group' is missing from the list of groups" in found.what
    file.write_text(text + LIST.format(file="list.csv").replace('file = "list.csv"\n', ""), encoding="utf-8")
    (found,) = check_study(root)[0]
    assert "how list needs file" in found.what
    (root / "list.csv").write_text("code,kind\n13,labour\n14,capital\n", encoding="utf-8")
    file.write_text(text + LIST.format(file="list.csv"), encoding="utf-8")
    assert check_study(root)[0] == ()


def test_a_column_that_the_accounts_lack_is_missed_where_a_default_needs_it(study: Path, tmp_path: Path) -> None:
    listed = 'controls = ["scale", "age", "roa", "rdebt", "fic"]'
    root = changed(study, tmp_path, (listed, ""), ('fic = "asset_share"', 'fic = "none"'))
    found = [p for p in check_study(root)[0] if "[regression]" in p.what]
    assert [p.what.partition(" ")[2] for p in found] == [
        "[regression] controls (default): no column 'fic' in the panel"
    ]


def test_labels_of_nothing_are_a_warning(study: Path, tmp_path: Path) -> None:
    root = changed(study, tmp_path, ("labels = { market =", "labels = { markte ="))
    found, account = check_study(root)
    assert found == ()
    assert any("[report] labels.markte: no column 'markte'" in entry.reason for entry in account)


def text_options() -> list[str]:
    """Options of sections that are text, or lists of it, with no need and no choices."""
    found = []

    def look(model: Any, path: str) -> None:
        hints = get_type_hints(model, include_extras=True)
        for name in model.model_fields:
            told = str(hints[name])
            inner = [m for m in _models(hints[name]) if m is not model]
            for one in inner:
                look(one, f"{path}{name}.")
            if (
                not inner
                and "str" in told
                and "Literal" not in told
                and not any(k.__name__ + "(" in told for k in KINDS)
            ):
                found.append(f"{path}{name}")

    look(study_model(), "")
    return found


def _models(hint: Any) -> list[Any]:
    own = [hint] if hasattr(hint, "model_fields") else []
    return own + [m for part in get_args(hint) for m in _models(part)]


FREE = {
    "without_regions",
    "aliases",
    "title",
    "name",
    "claim",
    "exclusion",
    "labels",
    "files",
    "columns",
    "where",
    "encoding",
    "units",
    "currency",
    "rates",
    "layout",
    "formula",
    "sheet",
    "source",
    "pad",
    "families",
    "keywords",
    "chapters",
    "goods_map",
    "output_price",
    "input_price",
    "numerator",
    "order",
    "denominator",
    "state",
    "rule",
    "contradicted",
    "trait_column",
    "series_column",
    "names",
    "similar",
    "identity",
    "integration",
    "quality",
    "controls",
    "tfp",
    "ends",
    "indices",
    "qualities",
    "author",
    "date",
    "abstract",
    "scale",
}
"""Names and words of the user's own, what the readers look at, and what is looked at by a function of its own."""


def test_every_text_option_says_what_it_stands_for() -> None:
    assert {o for o in text_options() if o.rpartition(".")[2] not in FREE} == set()


TRICKY = '''# a comment with key = "value"
title = "a # b"   # after
[quality]
sigma = 5
text = """
[not a table]
key = 1
"""
names = [
  "one",  # first
  "two, ]",
]
[a."b c"]
'dotted key'.inner = { x = 1, "y" = [1, 2] }
[[groups]]
by = "x"
[[groups]]
by = 'y'
'''


def test_lines_of_every_key_and_item() -> None:
    lines = locate(TRICKY, "study.toml")
    assert lines.at["title",] == 2
    assert lines.at["quality", "sigma"] == 4
    assert lines.at["quality", "names", 1] == 11
    assert lines.at["a", "b c", "dotted key", "inner", "y"] == 14
    assert lines.at["groups", 1, "by"] == 18
    assert ("key",) not in lines.at
    assert lines.place(("groups", 1, "by")) == "study.toml:18 [[groups]] by"
    assert lines.place(("quality", "nowhere")) == "study.toml:3 [quality] nowhere"
    assert lines.place(("shape", "ends")) == "study.toml [shape] ends"


@each("text", ["x = [}", "x = [1, }]", "x = {a = }", "x = [[1]}", "x = [,]", "[a]\nx = ]"])
def test_lines_before_a_mistake_are_found_and_the_search_ends(text: str) -> None:
    """An item of a list that begins with a bracket of another kind was looked at without end."""
    assert ("x",) in locate(text, "study.toml").at or ("a", "x") in locate(text, "study.toml").at


def test_options_are_said_as_the_user_writes_them() -> None:
    said = {}
    for surface in ("command", "file", "python"):
        with speaking(surface):  # type: ignore[arg-type]
            said[surface] = (
                option("where"),
                option("to_year", True),
                option("vcov", "CR1"),
                mapped_as("region", "省"),
                padding("product", 6),
            )
    assert said == {
        "command": ("--where", "--to-year", "--vcov CR1", "--column region=省", "--pad product=6"),
        "file": ("where", "to_year = true", 'vcov = "CR1"', 'columns = { "省" = "region" }', "pad = { product = 6 }"),
        "python": ("where", "to_year=True", 'vcov="CR1"', 'columns={"省": "region"}', 'pad={"product": 6}'),
    }


def test_a_study_file_is_told_in_keys(study: Path, tmp_path: Path) -> None:
    root = changed(study, tmp_path, ('"R&D经费与GDP之比"', '"R&D"'), ('vcov = "CR3"', 'vcov = "HC1"'))
    text = "\n".join(map(str, check_study(root)[0]))
    assert "[[covariates]]: columns maps 'R&D', which the file does not have" in text
    assert 'vcov = "HC1"' in text
    assert "--" not in text


def outcome_of(study: Path, seed: int) -> tuple[str, str]:
    """What became of one mutation: found by check, ran, or failed; and what it was."""
    file = study / "study.toml"
    text = file.read_text(encoding="utf-8")
    one = broken(text, seed)
    try:
        file.write_text(one.text, encoding="utf-8")
        if check_study(study)[0]:
            return "found", one.how
        small, section = without_others(one.text, one.at)
        file.write_text(small, encoding="utf-8")
        try:
            if section == "curve":
                curve_study(study, permutations=0, draws=0)
            else:
                run_study(study, Request(), tell=lambda _: None)
        except IntegradeError as problem:
            return "failed", f"{seed}: {one.how}: {problem}"
        return "ran", one.how
    finally:
        file.write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_check_finds_a_mistake_or_the_run_does_not_fail(study: Path) -> None:
    number = int(os.environ.get("INTEGRADE_MUTATIONS", "16"))
    first = int(os.environ.get("INTEGRADE_FIRST_MUTATION", "0"))
    found = [outcome_of(study, seed) for seed in range(first, first + number)]
    counts = {kind: sum(k == kind for k, _ in found) for kind in ("found", "ran", "failed")}
    print(counts)
    assert [how for kind, how in found if kind == "failed"] == []
    assert counts["found"] >= number // 3, counts
