"""Write the text of a proposed study file: one section for each table that was found, with open questions first."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from integrade.geography import built_in, nearest, slip_of
from integrade.panel.controls import Controls, controls_made
from integrade.records.presets import Preset, of_the_paper
from integrade.records.schema import TABLES as CANONICAL
from integrade.sources.layout.roles import VALUES
from integrade.sources.meaning.plain_names import PLAIN, plain_names
from integrade.sources.meaning.stated import SCALED, is_amount, may_be_in, money_columns
from integrade.sources.meaning.synonyms import key_of
from integrade.sources.meaning.units import Unit
from integrade.sources.tables.aggregates import whole_regions
from integrade.study.config import Study
from integrade.study.json_schema import NAME
from integrade.study.proposal.contents import ROWS, Contents
from integrade.study.proposal.files import DEFLATORS, KEYS, Guess, own_names
from integrade.study.proposal.meeting import Meeting
from integrade.study.proposal.panels import TREATMENTS, Panel
from integrade.study.proposal.paper import Column, sections_of_the_paper
from integrade.study.proposal.roles import CIF, Choice, Pair, choose_columns, units_of_another, why_unused
from plainwords.escaping import for_toml, one_line

SURE = 0.9
"""A column whose guess is less certain than this is asked about. More certain guesses were 90% right in simulations.
"""
PARTS = {
    "prices": "It gives the index of market integration",
    "customs": "It gives export quality",
    "firms": "With prices and customs it gives the regressions",
}
"""The main tables of a study, each with the result that it makes possible."""
MATTER = frozenset(
    [
        *("firm", "region", "industry", "founded", "assets", "liabilities", "net_profit", "inventory", "receivables"),
        *("year", "month", "value", "quantity", "unit", "product", "destination", "commodity", "index", "currency"),
    ]
)
"""Columns that a study uses even if no option names them.

An uncertain guess of one of them, or of a required column, becomes a question.
"""
BASES = ("link", "fixed", "level")
"""Possible bases of prices: 100 is the previous period (link) or a base period (fixed), or prices are in money (level).
"""
ANSWERS = {
    "D230": tuple(f'basis = "{one}"' for one in BASES),
    "D213": ('decimal = "."', 'decimal = ","'),
    "D214": ('dates = "dmy"', 'dates = "mdy"', 'dates = "ymd"', 'dates = "my"'),
}
"""Error code of a reader -> the alternative keys, one of which answers the question that the error raises."""
TOGETHER = {"D240": ('currency = "USD"', 'rates = "rates.csv"')}
"""Error code of a reader -> the keys that together answer the question that the error raises."""
STOPPED = "reading the first file stopped there; integrade check gives details"
JACKKNIFE = '# se = "jackknife"   # a standard error for each value of the index: delete one good at a time'
NOISE = "# [noise]   # verdicts are corrected for noise in the index anyway; this adds SIMEX and what noise to expect"
DEFLATED = ("gross_output", "sales", "value_added")
"""Accounts that are deflated by the price of output, if the file has them."""
MANY = 8
"""Largest number of names that are listed or asked about one by one. A convention, to keep the file readable."""
LEAST_NAMES = 0.1
"""Firms are linked by name if more than this share of the names of exporters is in the accounts. A convention: in the
literature on China between a third and a half of the exporters are."""
LARGEST_RATIO = 100
"""A column without a unit whose median is larger than this is not a ratio, also not in per cent. A convention."""
WRITTEN = 0.7
"""An optional column whose guess is less certain is written only as a comment. A convention, lower than `SURE`."""


@dataclass
class Questions:
    """Open questions that the files do not answer, in the order of the sections, each with its possible answers.

    ``money`` is the currency of the country that the files come from, used in examples; empty if it is not known.
    """

    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    money: str = ""

    def add(self, what: str, *choices: str) -> None:
        """Add a question unless it is there already."""
        if all(what != asked_before for asked_before, _ in self.asked):
            self.asked.append((what, choices))

    def lines(self) -> list[str]:
        """Return the lines of the questions for the head of the file; empty if there are no questions."""
        if not self.asked:
            return []
        n = len(self.asked)
        asked = f"{n} question{'' if n == 1 else 's'}"
        head = f"# TO ANSWER: {asked}. The defaults are set below; change them where they are wrong."
        each = [
            line
            for i, (what, choices) in enumerate(self.asked, 1)
            for line in (f"#  {i}. {one_line(what)}", *(f"#       {one_line(choice)}" for choice in choices))
        ]
        return [head, *each, ""]


def study_text(guesses: Sequence[Guess], meetings: Sequence[Meeting] = (), preset: Preset = "sound") -> str:
    """Return the text of the study file: sections for the tables found, comments for the missing ones."""
    # lengths of codes where another file has their leading zeros
    pads = {m.pad[0]: {m.role: m.pad[1]} for m in meetings if m.pad}
    guesses = [replace(g, pad={**g.pad, **pads[g.table]}) if g.table in pads else g for g in guesses]
    by_table: dict[str, list[Guess]] = {}
    for guess in guesses:
        by_table.setdefault(guess.table, []).append(guess)
    firms = next((g for g in by_table.get("firms", ())), None)
    questions = Questions(money=_currency(_country(guesses)))
    if "panel" in by_table:
        return _file_text(_panel_study(by_table, questions, preset), questions, preset)
    parts = _geography(guesses, questions)
    there = {table for table in PARTS if table in by_table}
    further = by_table.pop("beside", [])
    for table in PARTS:
        near = [g for g in by_table.get("", []) if g.why.startswith(f"nearest to {table}, ")]
        parts += _section(table, by_table.pop(table, []), questions, there, near)
        parts += _accounts_beside(further, firms, questions) if table == "firms" else []
    parts += _meetings(meetings, questions, next((g for g in guesses if g.table == "customs" and g.choice), None))
    rates = by_table.pop("rates", [])
    parts += _deflators(by_table.pop("deflators", []), firms, questions)
    if rates:
        parts = _with_rates(parts, rates, questions)
    owned = {name for g in guesses if g.table == "firms" for name in g.columns}
    for guess in by_table.pop("covariates", list[Guess]()):
        parts += ["[[covariates]]", *_body("covariates", guess, questions, owned), ""]
        owned |= set(guess.columns)
    unknown = by_table.pop("", [])
    for table, group in by_table.items():
        lines = _section(table, group, questions, there)
        parts += lines if table in Study.model_fields else [f"# {line}" if line else "" for line in lines]
    parts += _basis(guesses)
    parts += (_quality(questions, preset) if "customs" in there else []) + _regression(firms, guesses, preset)
    return _file_text([*parts, *_unfit(unknown)], questions, preset)


def placed(guess: Guess, guesses: Sequence[Guess]) -> bool:
    """Return whether a file is used in a section of the study.

    A file that fits no table is not used. If there is a panel, no other file is used.
    """
    return guess.table == "panel" or (bool(guess.table) and all(g.table != "panel" for g in guesses))


def _accounts_beside(guesses: Sequence[Guess], firms: Guess | None, questions: Questions) -> list[str]:
    """Return the sections of further accounts of the same firms."""
    lines = []
    mine = firms.choice.column("firm") if firms and firms.choice else None
    for guess in guesses:
        assert guess.choice is not None
        new = ", ".join(p.role for p in guess.choice.pairs if p.role not in ("firm", "year"))
        theirs = guess.choice.column("firm")
        both = "?"
        if mine is not None and theirs is not None:
            looked = f" of the first {ROWS:,} rows of each file" if max(mine.rows, theirs.rows) >= ROWS else ""
            both = f"{len(mine.texts & theirs.texts):,} of {len(mine.texts):,}{looked}"
        lines += [f"[[firms.beside]]   # {new} of the same firms, joined by firm and year: {both} firms are in both"]
        lines += [*_body("firms", guess, questions, name="firms.beside"), ""]
    return lines


def _with_rates(parts: list[str], rates: Sequence[Guess], questions: Questions) -> list[str]:
    """Insert the keys that convert money below the units of the firms, and return the sections."""
    keys = ['# currency = "USD"   # or PPP, where the rates have it', f"# rates = {_quoted(rates[0])}"]
    at = next((i for i, line in enumerate(parts) if line == "[firms]"), None)
    units = next((i for i in range(at or 0, len(parts)) if parts[i].startswith("units = ")), None)
    if at is None or units is None or "" in parts[at:units]:
        questions.add(
            f"{_listed(rates[0])} is a table of rates: which amounts are converted, and to which currency?",
            *(k.removeprefix("# ") for k in keys),
        )
        return parts
    questions.add(
        "[firms] currency: the accounts are not converted; to convert them, use the key rates below its units", *keys
    )
    return [*parts[: units + 1], *keys, *parts[units + 1 :]]


def _deflators(guesses: Sequence[Guess], firms: Guess | None, questions: Questions) -> list[str]:
    """Return the section of deflators: the prices, and the accounts that they deflate."""
    if not guesses or firms is None or firms.choice is None:
        return [f"# Prices that accounts are deflated by: {_listed(g)}" for g in guesses]
    prices_guess = guesses[0]
    chosen = choose_columns("covariates", prices_guess.sample)
    taken = {p.column.heading: p.role for p in chosen.pairs if p.role in ("region", "industry", "year") and p.known}
    prices = [c.heading for c in prices_guess.sample if key_of(c.heading) in DEFLATORS]
    names = {c: c for c in prices if c in ("output_price", "input_price")} or {prices[0]: "output_price"}
    accounts = [p.role for p in firms.choice.pairs if p.role in DEFLATED] or ["assets"]
    written = [f"{for_toml(old)} = {for_toml(new)}" for old, new in {**taken, **names}.items() if old != new]
    questions.add(
        f"[deflators] real_{accounts[0]} and the like are computed; choose which of them the regression uses",
        'form = "link" where the prices are previous year = 100',
    )
    output = ", ".join(for_toml(name) for name in accounts)
    columns = ["[deflators.columns]", *written] if written else []
    return ["[deflators]", f"files = [{_quoted(prices_guess)}]", f"output = [{output}]", *columns, ""]


def _unfit(unknown: Sequence[Guess], head: str = "# Files that fit no table:") -> list[str]:
    """Return comments on files that are in no section; each gives the known headings and a section to fill in."""
    if not unknown:
        return []
    return [head, *(line for g in unknown for line in _to_fill_in(g)), ""]


def _to_fill_in(guess: Guess) -> list[str]:
    """Return comments on a file that fits no table, with a section in which the user can map its unknown headings."""
    lines = [f"# {_listed(guess)}: {one_line(guess.why or guess.table)}"]
    headings = [c.heading for c in guess.sample]
    if not headings:
        return lines
    roles = {p.column.heading: p.role for t in PARTS for p in choose_columns(t, guess.sample).pairs if p.known}
    known = ", ".join(f"{for_toml(h)} ({roles[h]})" for h in headings if h in roles)
    unknown = [h for h in headings if h not in roles]
    more = f" and {len(unknown) - MANY} more" if len(unknown) > MANY else ""
    others = ", ".join(map(for_toml, unknown[:MANY])) + more
    lines.append(one_line(f"#   known headings: {known or 'none'}; unknown headings: {others or 'none'}"))
    needs = {t: ", ".join(c.name for c in CANONICAL[t].columns if c.required or c.name == "firm") for t in PARTS}
    columns = ", ".join(f'{for_toml(h)} = "..."' for h in unknown[:MANY])
    section = [
        f"[{' or '.join(PARTS)}]   # {'; '.join(f'{t}: {n}' for t, n in needs.items())}",
        f"files = [{_quoted(guess)}]",
        *([f"columns = {{ {columns} }}   # keep those that the section has"] if columns else []),
    ]
    return [*lines, *(f"#   {line}" for line in section)]


def _file_text(parts: Sequence[str], questions: Questions, preset: Preset) -> str:
    """Join the head of the file, the questions and the sections."""
    head = [
        f"#:schema {NAME}",
        "# Proposed from headings and cells. Read every line, then run integrade check.",
        "# A percentage next to a column is the share of such guesses that were right on simulated files.",
        "# A known heading is one of the lists in sources/vocabulary.",
    ]
    title = f'title = "{_title(parts)}"   # the title of the report'
    return "\n".join([*head, *questions.lines(), title, f'preset = "{preset}"', "", *parts])


def _title(parts: Sequence[str]) -> str:
    """Return a title that says what the sections of a study measure."""
    sections = {line.split("]")[0].strip("[") for line in parts if line.startswith("[")}
    measured = [word for section, word in MEASURED if section in sections]
    return " and ".join(measured).capitalize() or "Study"


MEASURED = (("prices", "market integration"), ("customs", "export quality"))
"""Sections of a study file, and what a study with them measures."""


def _panel_study(by_table: Mapping[str, Sequence[Guess]], questions: Questions, preset: Preset) -> list[str]:
    """Return the study file for an existing panel: its file, unit and year, and a formula to be confirmed.

    The outcome and the treatment are left as questions.
    """
    panels = sorted(by_table["panel"], key=lambda g: -len(g.panel.numbers) if g.panel else 0)
    guess = panels[0]
    assert guess.panel is not None
    panel = guess.panel
    if len(panels) > 1:
        questions.add(
            f"[panel] {len(panels)} files look like a panel: the first was taken, or",
            *(f"files = [{_quoted(g)}]" for g in panels[1:]),
        )
    role, sure = ("region" if panel.place else "firm"), ("a known heading" if panel.certain else "by its cells")
    if not panel.certain:
        questions.add(
            f"[panel.columns] {role}: {panel.unit!r} was chosen by its cells: with the year, it identifies the rows, "
            "and check refuses rows of one unit and year",
            f'{for_toml(panel.unit)} = "{role}"',
        )
    columns = [(panel.unit, role, f"the unit that is followed: {panel.units:,} different; {sure}")]
    columns += [(panel.year, "year", "")] + ([(panel.region, "region", "where the units lie")] if panel.region else [])
    lines = [f"files = [{_quoted(guess)}]   # a row for each {one_line(panel.unit)} and year"]
    lines += ["[panel.columns]   # the file's heading = integrade's column; all others keep their names"]
    lines += [
        f'{for_toml(heading)} = "{new}"' + (f"   # {one_line(why)}" if why else "")
        for heading, new, why in columns
        if heading != new
    ]
    outcome = panel.known or panel.numbers[-1]
    treatment, *others = [n for n in panel.numbers if n != outcome]
    named = f"{outcome!r} is called one" if panel.known else "no heading states it"
    questions.add(
        f"[regression] formula: which column is the outcome ({named}), and which are the regressors? The "
        "file does not show what causes what; the formula below is only one that passes the checks",
        f"columns of numbers: {', '.join(panel.numbers[:20])}",
    )
    terms = [_named(treatment), f"{_named(treatment)}^2", *map(_named, others[:5])]
    formula = f"{_named(outcome)} ~ {' + '.join(terms)} | {role} + year"
    level = '"region"' if panel.place or panel.region else '"firm"'
    level = f"cluster = {level}" if preset == "sound" else f"cluster = {{ sound = {level} }}"
    meant = bool(panel.known) and key_of(treatment) in TREATMENTS
    ready = f"formula = {for_toml(formula)}"
    parts = ["[panel]", *lines, "", "[regression]", ready if meant else f"# {ready}   # ASKED above: yours to write"]
    parts += [
        f"{level}   # the level at which the treatment varies",
        "",
        "[shape]   # does the curve turn, and where?",
        *(_paper_of_a_panel(guess, panel) if of_the_paper(preset) else ()),
        "",
    ]
    unused = [g for table, group in by_table.items() if table != "panel" for g in group]
    if unused:
        others_count = f"{len(unused)} other file{' is' if len(unused) == 1 else 's are'}"
        questions.add(
            f"[panel] a panel is studied as it is, and {others_count} not used: is there a table of prices or customs "
            "among them? Then the study is one of raw files",
            "integrade new DIR --from FOLDER --kind study, with the sections below filled in",
        )
    return [*parts, *_unfit(unused, "# Files that this study does not use:")]


def _paper_of_a_panel(guess: Guess, panel: Panel) -> list[str]:
    """Return the sections of the paper's Tables 5 to 11 for an existing panel."""
    names = plain_names([c.heading for c in guess.sample])
    roles = {p.role: names[p.column.heading] for p in choose_columns("firms", guess.sample).pairs if p.known}
    place = panel.unit if panel.place else panel.region
    regions = next((c for c in guess.sample if c.heading == place), None)
    if regions is not None and regions.country_of == "CN":
        roles["area"] = "region"
    numbers = [Column(names[heading], is_money=False) for heading in panel.numbers]
    return sections_of_the_paper(roles | {"year": "year"}, numbers, schooling=False, years=guess.years)


def _named(heading: str) -> str:
    """Return a heading in the form that a formula uses."""
    return heading if PLAIN.match(heading) else f"`{heading}`"


def _regions(guesses: Sequence[Guess]) -> list[Contents]:
    """Return the columns of regions whose names are mostly those of a built-in country."""
    columns = [g.regions or (g.choice.column("region") if g.choice else None) for g in guesses]
    return [c for c in columns if c and c.country_of and c.province >= 0.8]


def _country(guesses: Sequence[Guess]) -> str:
    """Return the code of the built-in country whose regions the tables name; empty unless there is exactly one."""
    codes = {c.country_of for c in _regions(guesses)}
    return codes.pop() if len(codes) == 1 else ""


def _geography(guesses: Sequence[Guess], questions: Questions) -> list[str]:
    """Return the geography section for a built-in country other than China, and ask about unknown names."""
    code = _country(guesses)
    if code in ("", "CN"):
        return []
    known = built_in()[code]
    names = sorted({text for c in _regions(guesses) for text in c.texts})
    wholes = whole_regions(names)  # whole countries: the reader leaves them out
    names = [name for name in names if name not in wholes]
    near = {name: nearest(name, [r.name for r in known.regions]) for name in names if known.region(name) is None}
    slips = {name: region for name, region in near.items() if region is not None and slip_of(name, region)}
    count = f"{len(names) - len(near)} of {len(names)} names are regions of {known.title}"
    lines = [
        "[geography]   # spellings of regions, neighbours, distances",
        f"country = {for_toml(known.code)}   # {count}",
    ]
    if slips:
        pairs = ", ".join(f"{for_toml(name)} = {for_toml(region)}" for name, region in slips.items())
        lines.append(f"aliases = {{ {pairs} }}   # typing errors of one letter")
        questions.add("[geography] aliases: are these typing errors?", pairs)
    for name in [spelling for spelling in near if spelling not in slips][:MANY]:
        one_of = known.perhaps(name)[:MANY] or (near[name] or name,)
        ready = [f"aliases = {{ {for_toml(name)} = {for_toml(spelling)} }}" for spelling in one_of]
        questions.add(f"[geography] {name!r} is not a region of {known.title}: which is it, or one of its own?", *ready)
    return [*lines, ""]


def _section(
    table: str, guesses: Sequence[Guess], questions: Questions, there: Collection[str], near: Sequence[Guess] = ()
) -> list[str]:
    """Return the section of a table; if no file looks like the table, comments on what the section needs.

    ``near``: files that are nearest to this table, but lack some of its columns.
    """
    guesses = sorted(guesses, key=lambda g: -len(g.choice.pairs) if g.choice else 0)
    if not guesses:
        needs = ", ".join(c.name for c in CANONICAL[table].columns if c.required)
        if "firms" in there or not there:  # prices or customs are a study by themselves, accounts need both
            choices = [f"nearest: files = [{_quoted(g)}], but {g.why.partition(', but ')[2]}" for g in near]
            once = [name for name in ("year", "destination") if any(f"no {name}" in g.why for g in near)]
            if once:
                told = ", ".join(f'{name} = "..."' for name in once)
                choices.append(f"a column with one value for all rows of a section: layout = {{ {told} }}")
            if any("no quantity" in g.why for g in near):
                choices.append(
                    "quality is computed from unit values: it needs a quantity (kg, pieces) beside the value"
                )
            questions.add(f"[{table}] which file is it? No file has its columns ({needs})", *choices)
        return [
            f"# No file looks like {table} (columns {needs}). {PARTS[table]}; name the file and its columns:",
            f"# [{table}]",
            '# files = ["..."]',
            '# columns = { "its name" = "ours" }',
            "",
        ]
    remarks = [f"# also looks like {table}: {_listed(g)}" for g in guesses[1:]]
    if remarks:
        others = [f"files = [{_quoted(g)}]" for g in guesses[1:]]
        if table == "firms":
            others.append("accounts of the same firms in several files: join them by firm and year before")
        questions.add(f"[{table}] {len(guesses)} tables look like it: the first was taken, or", *others)
    return [f"[{table}]", *remarks, *_body(table, guesses[0], questions), ""]


def _body(table: str, guess: Guess, questions: Questions, owned: set[str] | None = None, name: str = "") -> list[str]:
    """Return the keys of a section: files, lengths of codes, columns with their certainty."""
    years = f"; {guess.years}" if guess.years else ""
    lines = [f'source = "{guess.source}"   # integrade list {guess.source}'] if guess.source else []
    stopped = guess.problems and not guess.rows
    counted = "rows not counted: reading stopped at a question" if stopped else f"the first has {guess.rows:,} rows"
    lines.append(f"files = [{_quoted(guess)}]   # {counted}{years}")
    if guess.sheet:
        lines.append(f"sheet = {for_toml(guess.sheet)}   # the first sheet is no table")
    if guess.sheets:
        others = [f"sheet = {for_toml(sheet)}" for sheet in guess.sheets]
        questions.add(f"[{table}] several sheets look like it: {guess.sheet!r} was taken, or", *others)
    if guess.layout:
        roles = ", ".join(f"{place} = {for_toml(role)}" for place, role in guess.layout.items())
        about = "what the numbers are: named after the file" if VALUES in guess.layout else "named after the files"
        lines.append(f"layout = {{ {roles} }}   # {about}")
    if guess.pad:
        pads = ", ".join(f"{name} = {length}" for name, length in guess.pad.items())
        lines.append(f"pad = {{ {pads} }}   # the file has numbers, whose first zeros are lost")
    for lost in guess.lost:
        questions.add(
            f"[{table}] pad: some codes of {lost.column} are shorter than others ({lost.example}). Their leading zeros "
            "are restored; if these are other codes, leave the key out"
        )
    if table == "prices" and "month" in guess.columns:
        how = "monthly changes are chained into" if guess.basis in ("link", "rate") else "monthly indices to"
        lines.append(f"to_year = true   # {how} years, as accounts and report are yearly")
    for code in dict.fromkeys(p.code for p in guess.problems):
        refused = [p.text for p in guess.problems if p.code == code]
        filters = [f for p in guess.problems if p.code == code for f in p.filters][:MANY]
        keys = tuple(dict.fromkeys(key for p in guess.problems if p.code == code for key in p.keys))
        quoted = [for_toml(condition) if "'" in condition else f"'{condition}'" for condition in filters]
        wheres = tuple(f"where = {condition}" for condition in quoted)
        ready = TOGETHER.get(code) or (*wheres, *keys) or ANSWERS.get(code, ())
        more = f" (and {len(refused) - 1} more like it)" if len(refused) > 1 else ""
        questions.add(f"[{table}] {refused[0]}{more}", *(ready or (STOPPED,)))
        lines += [_answer(key) for key in (ready if code in TOGETHER else ready[:1])]
    if guess.choice is None or guess.as_read:
        return [*lines, *_units_kept(guess)]
    if table == "customs" and guess.choice.column("firm") is None:
        questions.add(
            "[customs] no column identifies firms: quality is by variety, and firm accounts cannot be joined to it"
        )
    lines += _units(table, guess.choice, questions)
    apart = units_of_another(guess.choice) if table == "customs" else None
    written = [line for pair in guess.choice.pairs if pair != apart for line in _column(table, pair, questions)]
    written += _of_another(guess.choice, apart, questions) if apart else []
    written += _covariate_lines(guess, owned or set()) + _unused(guess)
    return [
        *lines,
        *([f"[{name or table}.columns]   # the file's heading = integrade's column", *written] if written else []),
    ]


def _answer(key: str) -> str:
    """Return the line of an answer. It is a comment, but for equal rows: dropping them changes no other row."""
    return key if key.startswith("duplicates") else f"# {key}"


def _units_kept(guess: Guess) -> list[str]:
    """Return comments on the units that a table by region states; its numbers are not converted."""
    stated = [(p.role, p.column.unit) for p in guess.choice.pairs if p.column.unit] if guess.choice else []
    money = [(role, unit) for role, unit in stated if unit.measure == "money"]
    return [f"# {role} is in {unit}, as stated; its numbers stay as they are" for role, unit in money]


def _for_example(unit: Unit, money: str) -> str:
    """Return an example for an unclear unit: in the country's currency if the unit's text allows this, else dollars."""
    code = money if money and may_be_in(unit, money) else "USD"
    return str(Unit("", "money", unit.scale if unit.scale > 1 else 1000, code))


def _currency(country: str) -> str:
    """Return the currency of a country today by CLDR; empty if there is none or more than one."""
    from babel.numbers import get_territory_currencies

    currencies = get_territory_currencies(country) if country else []
    return currencies[0] if len(currencies) == 1 else ""


def _units(table: str, choice: Choice, questions: Questions) -> list[str]:
    """Return the line with the units that headings and cells state, and add a question for each unclear unit."""
    units = {p.role: p.column.unit for p in choice.pairs if table in SCALED and p.column.unit is not None}
    units = {role: unit for role, unit in units.items() if is_amount(unit) and role != CIF}
    certain = {r: str(u) for r, u in units.items() if u.measure == "money" or (u.scale > 1 and u.measure != "unclear")}
    for unit, n in Counter(str(u) for u in units.values() if u.measure == "unclear").items():
        ready = ", ".join(
            f'{role} = "{_for_example(u, questions.money)}"' for role, u in units.items() if str(u) == unit
        )
        asked = f"[{table}.columns] {n} column{'' if n == 1 else 's'} in {unit}: which currency and scale is that?"
        questions.add(asked, f"units = {{ {ready} }}, for example")
    money = [p for p in choice.pairs if p.role in money_columns(table)]
    silent = [p.role for p in money if p.role not in units]
    scaled = next((role for role in certain if units[role].scale > 1 and role in money_columns(table)), None)
    if table == "firms" and scaled and silent:
        each = ", ".join(f'{role} = "{certain[scaled]}"' for role in silent)
        named = f"{scaled} is in {certain[scaled]}, the headings of {', '.join(silent)} state no unit"
        questions.add(f"[firms] units: {named}: is it the same?", f"{each}, added to units")
    if not certain:
        return []
    source = "cells" if all(p.column.signs for p in money if p.role in certain) else "headings"
    written = ", ".join(f"{role} = {for_toml(unit)}" for role, unit in certain.items())
    return [f"units = {{ {written} }}   # certain: the {source} state it; values become single units"]


def _column(table: str, pair: Pair, questions: Questions) -> list[str]:
    """Return the lines that map one column; if the guess is not certain enough, they are a comment."""
    c, role = pair.column, pair.role
    needed = table in CANONICAL and any(k.name == role and k.required for k in CANONICAL[table].columns)
    if role == CIF:
        instead = f'{for_toml(c.heading)} = "value"'
        about = f"[{table}.columns] {c.heading!r} contains values with insurance and freight; integrade's value is FOB"
        questions.add(about, instead)
        return [f"# {instead}   # in place of the FOB value"]
    heading = "a known heading" if pair.known else f"{round(100 * pair.certainty)}% sure"
    unit = [f"unit: {c.unit}"] if c.unit is not None and c.unit.measure != "base" else []
    remark = one_line("; ".join([heading, *pair.why, *unit]))
    line = f'{for_toml(c.heading)} = "{role}"   # {remark}'
    ready = [f'{for_toml(heading_other)} = "{role}"' for heading_other in pair.rivals]
    if ready:
        questions.add(f"[{table}.columns] {role}: {c.heading!r} was taken ({heading}), or", *ready)
    elif not pair.known and pair.certainty < SURE and not (needed or role in MATTER):
        return [f"# {line}"]
    elif not pair.known and pair.certainty < SURE:
        taken = "was taken" if needed or pair.certainty >= WRITTEN else "may be it"
        questions.add(
            f"[{table}.columns] {role}: {c.heading!r} {taken} ({heading})", f'{for_toml(c.heading)} = "{role}"'
        )
    if not needed and not pair.known and pair.certainty < WRITTEN:
        return [f"# {line}"]
    if c.heading == role:
        return []
    return [line, *(f"# {heading_other}" for heading_other in ready)]


def _of_another(choice: Choice, unit: Pair, questions: Questions) -> list[str]:
    """Return the line of a column of units next to a quantity whose own heading states another unit."""
    taken = choice.column("quantity")
    assert taken is not None
    ready, stated = f'{for_toml(unit.column.heading)} = "unit"', f"{taken.heading!r} states {taken.unit}"
    questions.add(
        f"[customs.columns] unit: {unit.column.heading!r} seems to contain the units of another quantity, as {stated}: "
        "leave it out, or take that quantity with it",
        f'{ready}, with "..." = "quantity" in place of {for_toml(taken.heading)}',
    )
    apart = f'{for_toml(unit.column.heading)} = "other_unit"   # units of another quantity: {one_line(stated)}'
    return [apart if unit.known else f"# {apart.replace('other_unit', 'unit')}"]


def _covariate_lines(guess: Guess, owned: set[str]) -> list[str]:
    """Return lines that rename further covariates to names that formulas can use and that no other table has."""
    if guess.choice is None or guess.table != "covariates":
        return []
    names = own_names(guess.choice, guess.sample)
    taken = {p.column.heading for p in guess.choice.pairs}
    lines = []
    for c in guess.sample:
        if c.heading in taken:
            continue
        name = names.get(c.heading, c.heading)
        while name in owned:
            name += "_2"
        if name != c.heading:
            unit = f", in {c.unit}" if c.unit is not None else ""
            lines.append(f"{for_toml(c.heading)} = {for_toml(name)}   # its name in the panel{one_line(unit)}")
    return lines


def _unused(guess: Guess) -> list[str]:
    """Return comments on unused columns, each with the reason.

    In a table of covariates, every column of numbers is used.
    """
    if guess.choice is None:
        return []
    named = {p.column.heading for p in guess.choice.pairs} | {r for p in guess.choice.pairs for r in p.rivals}
    named |= set(own_names(guess.choice, guess.sample))
    unused = [c for c in guess.sample if c.heading not in named]
    what = "left out" if guess.table == "customs" else "keeps its name"
    return [f"# {for_toml(c.heading)} {what}: {one_line(why_unused(guess.choice, c, guess.sample))}" for c in unused]


def _link_by_name(customs: Guess) -> list[str]:
    """Return the sections that link the firms of customs to the accounts by name: the customs file has the names."""
    assert customs.choice is not None
    lines = ["[exporters]   # the customs file again: its columns of codes and names identify the exporters"]
    lines += [f'source = "{customs.source}"'] if customs.source else []
    lines.append(f"files = [{_quoted(customs)}]")
    if customs.layout:
        lines.append(f"layout = {{ {', '.join(f'{a} = {for_toml(b)}' for a, b in customs.layout.items())} }}")
    pairs = [p for p in customs.choice.pairs if p.role in ("firm", "name", "year", "postcode", "phone", "contact")]
    renamed = ", ".join(f"{for_toml(p.column.heading)} = {for_toml(p.role)}" for p in pairs if not p.known)
    lines += [f"columns = {{ {renamed} }}"] if renamed else []
    return [*lines, "", "[matching]   # by name in the same year, then by name, then by postcode and telephone", ""]


def _meetings(meetings: Sequence[Meeting], questions: Questions, customs: Guess | None) -> list[str]:
    """Return comments on how many names tables have in common; ask if fewer than half of the names are in both.

    Firms whose codes hardly meet are linked by name if more of their names than of their codes meet.
    """
    lines, sections = list[str](), list[str]()
    for m in meetings:
        plural = "firms" if m.role == "firm" else f"{m.role}s"
        with_zeros = f" (once [{m.pad[0]}] has its zeros back)" if m.pad else ""
        looked = f", in the first {ROWS:,} rows of each file" if m.cut else ""
        lines.append(f"# {m.shared:,} of {m.all:,} {plural} of {m.one} are in {m.other}{looked}{with_zeros}")
        if not m.pad and 2 * m.shared < m.all:
            apart = f"{m.example[0]!r} in {m.one}, {m.example[1]!r} in {m.other}"
            asked = f"{plural} of {m.one} and {m.other} hardly meet: {m.shared:,} of {m.all:,} ({apart})"
            if customs and m.by_name and _names_link(m):
                asked = f"{asked}. Their names meet: {m.by_name[1]:,} of {m.by_name[0]:,}"
                questions.add(
                    f"{asked}. [exporters] and [matching] link them by name: leave both out for links by code"
                )
                sections = _link_by_name(customs)
                continue
            choices = ["write them alike, or name another column"]
            if m.role == "firm":
                choices.append('[links] files = ["..."] with customs_firm, firm, year; or [exporters] and [matching]')
            questions.add(asked, *choices)
    return [*lines, "", *sections] if lines else []


def _names_link(meeting: Meeting) -> bool:
    """Return whether names link firms that codes do not: a tenth of the names meet, and more than of codes."""
    named, met = meeting.by_name or (0, 0)
    return met > LEAST_NAMES * named and met * meeting.all > 2 * meeting.shared * named


def _basis(guesses: Sequence[Guess]) -> list[str]:
    """Return the section of the index: the basis of the prices if known, and the jackknife as a comment."""
    basis, stated = next(((g.basis, g.stated) for g in guesses if g.table == "prices"), ("", False))
    who = "stated in the file" if stated else "detected from the data"
    lines = [f"# basis: {basis.replace('_', ' ')}, {who} (docs/basis.md)"] if basis != "unknown" else []
    return ["[integration]", *lines, JACKKNIFE, ""] if basis else []


def _quality(questions: Questions, preset: Preset) -> list[str]:
    """Return the section of quality, and ask for the elasticity of substitution unless the preset estimates it."""
    if of_the_paper(preset):
        line = 'sigma = { sound = 5 }   # this preset estimates it (sigma = "ols"); 5 is used with preset = "sound"'
        return ["[quality]", line, ""]
    questions.add(
        "[quality] sigma: the elasticity of substitution. 5 is a conventional value, not estimated from these files",
        'sigma = { sound = "iv" } estimates it; a file has one for each product (integrade list --sources)',
    )
    line = 'sigma = { sound = 5 }   # elasticity of substitution: a number, a file, or "iv"; there is no default'
    return ["[quality]", line, ""]


def _regression(firms: Guess | None, guesses: Sequence[Guess], preset: Preset) -> list[str]:
    """Return the regression section: controls that the accounts allow, and the missing columns of other controls."""
    if firms is None or firms.choice is None:
        return []
    further = [p for g in guesses if g.table == "beside" and g.choice for p in g.choice.pairs]
    taken = [p for p in (*firms.choice.pairs, *further) if p.known or p.certainty >= WRITTEN]
    roles = {p.role for p in taken}
    able = controls_made(Controls(), roles)
    wanted = ("scale", "age", "roa", "rdebt", "fic")
    lacks: Mapping[str, str] = {
        "scale": "assets",
        "age": "founded",
        "roa": "net_profit and assets",
        "rdebt": "liabilities and assets",
        "fic": 'receivables, or fic_column = "..." in [controls]',
    }
    controls = [c for c in wanted if c in able]
    lines = ["[regression]", f"controls = [{', '.join(for_toml(c) for c in controls)}]"]
    lines += [f"# left out: {c}, which needs {lacks[c]}" for c in wanted if c not in able]
    more = [column.name for g in guesses if g.table == "covariates" for column in _joined(g)]
    if more:
        lines.append(f"# could be controls, too: {one_line(', '.join(more))}")
    if "region" not in roles:
        lines.append("# the accounts have no region, by which the index is joined: name its column in [firms.columns]")
    cut = [c for c in ("roa", "rdebt", "fic", "invint") if c in able]
    if cut:
        columns = f"[{', '.join(for_toml(c) for c in cut)}]"
        lines += ["", "[winsor]"]
        lines += [
            f"columns = {columns}" if preset == "sound" else f"columns = {{ sound = {columns} }}   # here: the outcome"
        ]
    lines += ["", "[shape]   # does the curve turn, and where? Binned means beside it"]
    if any(g.table == "prices" for g in guesses):
        lines += ["", NOISE]
    if of_the_paper(preset):
        joined = [column for g in guesses if g.table == "covariates" for column in _joined(g)]
        named = {role: role for role in (*roles, "year")}
        if _country(guesses) == "CN":
            named["area"] = "region"
        schooling = any(g.table == "education" for g in guesses)
        return [*lines, *sections_of_the_paper(named, joined, schooling=schooling, years=firms.years), ""]
    splits = [name for name in ("ownership", "industry") if name in roles]
    if splits:
        lines += ["", f'# [[groups]]   # do the groups of a column differ? by = "{splits[0]}"']
    return [*lines, ""]


def _joined(guess: Guess) -> list[Column]:
    """Return the columns of numbers of a joined table, under their names in the panel."""
    if guess.choice is None:
        return []
    if guess.as_read:
        numbers = [p.column for p in guess.choice.pairs if p.role not in KEYS]
        names = dict[str, str]()
    else:
        taken = {p.column.heading for p in guess.choice.pairs}
        numbers = [c for c in guess.sample if c.heading not in taken]
        names = own_names(guess.choice, guess.sample)
    return [Column(names.get(c.heading, c.heading), _is_money(c)) for c in numbers if c.number > WRITTEN]


def _is_money(column: Contents) -> bool:
    """Return whether a column is an amount of money: by its unit, or without one, by numbers too large for a ratio."""
    if column.unit is not None:
        return column.unit.measure == "money"
    return column.positive == 1 and column.middle > LARGEST_RATIO


def _quoted(guess: Guess) -> str:
    return ", ".join(for_toml(f.replace(os.sep, "/")) for f in guess.files)


def _listed(guess: Guess) -> str:
    """Return the names of the first three files, for use in a comment."""
    return one_line(", ".join(guess.files[:3]))
