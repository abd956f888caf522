"""Parse model formulas in fixest's syntax: ``quality ~ market + market^2 | firm + year | x ~ z``.

Among regressors ``^`` is a power (term ``market^2``), ``:`` a product, ``a * b`` means ``a + b + a:b`` and ``ln(x)``
(or ``log(x)``) is the natural logarithm. Among effects ``industry^year`` is a combination. The last part, if it holds
``~``, names the endogenous regressors and their instruments. Names with special characters are written in backticks;
Chinese names need none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from integrade.errors import BadFormula, UsageError
from integrade.estimate.dialects import advice

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`|(?P<number>\d+)|(?P<sign>[-+~|^:*()])|(?P<bad>\S))"
)
MOST_FACTORS = 6
"""Largest number of columns in ``a*b*...``, which expands to 2^n - 1 terms."""
_REMEDY = 'write e.g. "y ~ x + x^2 | firm + year" or, with instruments, "y ~ w | firm + year | x ~ z"'


@dataclass(frozen=True)
class Part:
    """A column raised to a power; with ``log``, the logarithm of the column raised to that power."""

    column: str
    power: int = 1
    log: bool = False

    def __str__(self) -> str:
        """Return the part as it is printed, for example ``ln(x)^2``."""
        base = f"ln({self.column})" if self.log else self.column
        return base if self.power == 1 else f"{base}^{self.power}"


@dataclass(frozen=True)
class Term:
    """A product of parts: one column of the design."""

    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The term as it is printed and looked up."""
        return ":".join(str(p) for p in self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the term needs."""
        return tuple(p.column for p in self.parts)


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    ``effects`` holds, for each fixed effect, a tuple of columns: several if it is a combination.
    """

    text: str
    outcome: Term
    regressors: tuple[Term, ...]
    effects: tuple[tuple[str, ...], ...] = ()
    endogenous: tuple[Term, ...] = ()
    instruments: tuple[Term, ...] = ()
    intercept: bool = True

    @property
    def numeric_columns(self) -> tuple[str, ...]:
        """Every column that must hold numbers, in order of appearance, without repetition."""
        terms = (self.outcome, *self.endogenous, *self.regressors, *self.instruments)
        return tuple(dict.fromkeys(c for t in terms for c in t.columns))

    @property
    def effect_columns(self) -> tuple[str, ...]:
        """Every column that enters an effect, without repetition."""
        return tuple(dict.fromkeys(c for e in self.effects for c in e))

    @property
    def squared(self) -> tuple[str, ...]:
        """Variables that enter both by themselves and squared, in order of appearance."""
        names = {t.name for t in (*self.endogenous, *self.regressors)}
        ordered = dict.fromkeys(c for t in (*self.endogenous, *self.regressors) for c in t.columns)
        return tuple(c for c in ordered if c in names and f"{c}^2" in names)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_formula(text: str) -> Formula:
    """Parse a formula. Raises `BadFormula`, which gives the position of the error in the text.

    If the error is syntax of another program (``i(year)``, ``c.x#c.x``, ``poly(x, 2)``), the message names it and what
    to write instead. Raises `UsageError` if ``text`` is not a string.
    """
    if not isinstance(text, str):
        raise UsageError(
            f"{text!r:.60} is not a formula: a formula is a text",
            example='"y ~ x + x^2 | firm + year"',
            remedy="give one formula; fit_many(panel, formulas) estimates several",
        )
    try:
        return _parsed(text)
    except BadFormula:
        hint = advice(text)
        if hint is None:
            raise
        where = f"character {hint.at + 1} of {text!r}, at {text[hint.at :]!r}"
        raise BadFormula(hint.what, where=where, remedy=hint.remedy) from None


def _parsed(text: str) -> Formula:
    """Parse a formula and check it. Raise `BadFormula`."""
    tokens = _tokens(text)
    pieces = _split(tokens, "|")
    if not 1 <= len(pieces) <= 3:
        _fail(text, pieces[3][0] if pieces[3] else tokens[-1], "a formula has at most three parts separated by |")
    head, *tail = pieces
    sides = _split(head, "~")
    if len(sides) != 2:
        _fail(text, head[-1] if head else None, "the first part must read outcome ~ regressors")
    outcomes, _ = _terms(text, sides[0], "outcome")
    if len(outcomes) != 1:
        _fail(text, sides[0][0], "the outcome is one column, or ln() of one")
    regressors, intercept = _terms(text, sides[1], "regressors")
    effects: tuple[tuple[str, ...], ...] = ()
    endogenous: tuple[Term, ...] = ()
    instruments: tuple[Term, ...] = ()
    for i, piece in enumerate(tail):
        halves = _split(piece, "~")
        if len(halves) == 2 and i == len(tail) - 1:
            endogenous, instruments = (
                _terms(text, halves[0], "endogenous")[0],
                _terms(text, halves[1], "instruments")[0],
            )
        elif len(halves) == 1 and i == 0:
            effects = _read_effects(text, piece)
        else:
            _fail(text, piece[0] if piece else None, "only the last part may contain endogenous ~ instruments")
    formula = Formula(text, outcomes[0], regressors, effects, endogenous, instruments, intercept)
    _check(formula, has_instruments=any(t.text == "~" for p in tail for t in p))
    return formula


def _check(formula: Formula, *, has_instruments: bool) -> None:
    """Raise `BadFormula` for repeated terms, and for terms that do not make a regression."""
    _unique([t.name for t in formula.regressors], formula.text, "regressor")
    _unique(["^".join(e) for e in formula.effects], formula.text, "effect")
    _unique([t.name for t in formula.endogenous], formula.text, "endogenous regressor")
    _unique([t.name for t in formula.instruments], formula.text, "instrument")
    regressors = [t.name for t in formula.regressors]
    for term in formula.endogenous:
        if term.name in regressors:
            what = f"{term.name!r} is both an exogenous and an endogenous regressor"
            raise BadFormula(what, where=formula.text, remedy="list endogenous regressors in the last part only")
    for term in formula.instruments:
        if term.name in regressors or term in formula.endogenous or term == formula.outcome:
            what = f"{term.name!r} cannot be an instrument: it is already in the equation"
            raise BadFormula(what, where=formula.text, remedy="instruments are excluded from the equation")
    if formula.outcome in (*formula.regressors, *formula.endogenous):
        what = f"the outcome {formula.outcome.name!r} is also a regressor"
        raise BadFormula(what, where=formula.text, remedy="leave it out of the regressors")
    if has_instruments and not formula.endogenous:
        raise BadFormula("no endogenous regressor before the last ~", where=formula.text, remedy=_REMEDY)
    if len(formula.instruments) < len(formula.endogenous):
        what = f"{len(formula.endogenous)} endogenous regressors but {len(formula.instruments)} instruments"
        raise BadFormula(what, where=formula.text, remedy="give at least as many instruments as endogenous regressors")
    if not (formula.regressors or formula.endogenous or (formula.intercept and not formula.effects)):
        raise BadFormula("the formula has no regressor", where=formula.text, remedy=_REMEDY)


def _unique(names: Sequence[str], text: str, what: str) -> None:
    twice = [n for i, n in enumerate(names) if n in names[:i]]
    if twice:
        raise BadFormula(f"{what} {twice[0]!r} appears twice", where=text, remedy="write it once")


def _terms(text: str, tokens: Sequence[_Token], what: str) -> tuple[tuple[Term, ...], bool]:
    """Parse terms separated by ``+``; also return whether there is an intercept."""
    if not tokens:
        _fail(text, None, f"no {what} given")
    terms: list[Term] = []
    intercept = True
    for sign, group in _signed(tokens):
        if len(group) == 1 and group[0].kind == "number" and group[0].text in "01":
            intercept = group[0].text == "1" and sign == "+"
            continue
        if sign == "-":
            _fail(text, group[0] if group else tokens[-1], "only - 1 (no intercept) may follow a minus sign")
        if not group:
            _fail(text, tokens[-1], f"a term is missing among the {what}")
        terms += _products(text, group)
    return tuple(terms), intercept


def _products(text: str, tokens: Sequence[_Token]) -> list[Term]:
    """Expand ``a * b`` to ``a, b, a:b``; parse anything else as one term, a product of parts separated by ``:``."""
    sides = list[Term]()
    for group in _split(tokens, "*"):
        while len(group) > 3 and [group[0].text, group[1].text, group[-1].text] == ["I", "(", ")"]:  # R's I(x^2)
            group = group[2:-1]
        sides.append(Term(tuple(_part(text, piece, group) for piece in _split(group, ":"))))
    if len(sides) > MOST_FACTORS:
        _fail(text, tokens[0], f"at most {MOST_FACTORS} columns may be multiplied with *")
    expanded: list[Term] = []
    for side in sides:
        expanded += [side, *(Term(e.parts + side.parts) for e in expanded)]
    return sorted(expanded, key=lambda t: len(t.parts)) if len(sides) > 1 else expanded


def _read_effects(text: str, tokens: Sequence[_Token]) -> tuple[tuple[str, ...], ...]:
    """Parse effects separated by ``+``. Each is a name or a combination ``a^b``; ``0`` means no effect."""
    if [t.text for t in tokens] == ["0"]:
        return ()
    effects = []
    for side in _split(tokens, "+"):
        names = _split(side, "^")
        for part in names:
            if len(part) != 1 or part[0].kind != "name":
                known = part or side or tokens
                _fail(text, known[0] if known else None, "an effect is a column or a combination such as industry^year")
        effects.append(tuple(part[0].text for part in names))
    return tuple(effects)


def _part(text: str, tokens: Sequence[_Token], around: Sequence[_Token]) -> Part:
    """Parse one column with its power and logarithm. An error without tokens is reported at the end of ``around``."""
    if not tokens:
        _fail(text, around[-1] if around else None, "a name is missing")
    base, power = list(tokens), 1
    if len(base) > 2 and base[-2].text == "^" and base[-1].kind == "number":
        power, base = int(base[-1].text[:2]), base[:-2]
        if not 1 <= power <= 9:
            _fail(text, tokens[-1], "a power is a whole number from 1 to 9")
    if len(base) == 1 and base[0].kind == "name":
        return Part(base[0].text, power)
    if len(base) == 1 or base[0].kind != "name" or base[1].text != "(":
        later = next((t for t in base[1:] if t.kind != "name"), base[-1])
        at = later if base[0].kind == "name" and len(base) > 1 else base[0]
        _fail(text, at, "expected a column name")
    function = base[0]
    if function.text not in ("ln", "log"):
        remedy = "known: ln(), log(); x^2 for a power, a:b for a product"
        _fail(text, function, f"unknown function {function.text!r}", remedy)
    if len(base) != 4 or base[2].kind != "name" or base[3].text != ")":
        _fail(text, base[1], f"{function.text}() takes one column")
    return Part(base[2].text, power, log=True)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = _Token("name" if kind == "quoted" else kind, match[kind], match.start(kind))
        if kind == "bad":
            _fail(text, token, f"unexpected character {token.text!r}")
        tokens.append(token)
    return tokens


def _split(tokens: Sequence[_Token], sign: str) -> list[list[_Token]]:
    """Split the tokens at every sign that is outside parentheses."""
    pieces: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "sign" and token.text == sign and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _signed(tokens: Sequence[_Token]) -> list[tuple[str, list[_Token]]]:
    """Split the tokens at every + and - outside parentheses. Return each piece with the sign before it."""
    pieces: list[tuple[str, list[_Token]]] = [("+", [])]
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "sign" and token.text in "+-" and depth == 0:
            if i > 0:
                pieces.append((token.text, []))
            else:
                pieces = [(token.text, [])]
        else:
            pieces[-1][1].append(token)
    return pieces


def _fail(text: str, token: _Token | None, why: str, remedy: str = _REMEDY) -> NoReturn:
    at = f"character {token.at + 1} of {text!r}, at {text[token.at :]!r}" if token else f"in {text!r}"
    raise BadFormula(why, where=at, remedy=remedy)


_PLAIN = re.compile(r"[^\W\d][\w.]*\Z")


def terms_of(formula: Formula) -> tuple[Term, ...]:
    """Return all terms of a formula: endogenous regressors, other regressors, instruments and the outcome."""
    return *formula.endogenous, *formula.regressors, *formula.instruments, formula.outcome


def has(term: Term, column: str) -> bool:
    """Return whether the term contains the column."""
    return column in term.columns


def swapped(term: Term, columns: Mapping[str, str]) -> Term:
    """Return the term with columns replaced by others."""
    return Term(tuple(replace(p, column=columns.get(p.column, p.column)) for p in term.parts))


def square(column: str) -> Term:
    """Return the term ``column^2``."""
    return Term((Part(column, 2),))


def with_regressors(formula: Formula, regressors: Sequence[Term], outcome: Term | None = None) -> Formula:
    """Return the formula with other regressors and, if given, another outcome. Its text is rewritten to match."""
    return rendered(replace(formula, regressors=tuple(regressors), outcome=outcome or formula.outcome))


def rendered(formula: Formula) -> Formula:
    """Return the formula with its text rewritten from its terms."""
    right = [_written(t) for t in formula.regressors]
    if not formula.intercept and not formula.effects:
        right.append("0")
    text = f"{_written(formula.outcome)} ~ {' + '.join(right) or '1'}"
    if formula.effects or formula.endogenous:
        text += " | " + (" + ".join("^".join(_name(c) for c in e) for e in formula.effects) or "0")
    if formula.endogenous:
        sides = (" + ".join(_written(t) for t in side) for side in (formula.endogenous, formula.instruments))
        text += " | " + " ~ ".join(sides)
    return replace(formula, text=text)


def _written(term: Term) -> str:
    """Return the term as a formula writes it, with special names in backticks."""
    return Term(tuple(replace(p, column=_name(p.column)) for p in term.parts)).name


def _name(column: str) -> str:
    return column if _PLAIN.match(column) else f"`{column}`"
