"""Define the options of total factor productivity and find the columns that it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from integrade.errors import MissingColumn, UsageError, did_you_mean, option
from integrade.records.needs import DRAWS, Column

Method: TypeAlias = Literal["acf", "gnr", "lp", "op", "wooldridge", "fe", "ols", "solow", "index"]
Form: TypeAlias = Literal["auto", "value_added", "gross_output"]
Numbers: TypeAlias = Annotated[str | None, Column(of="accounts", numbers=True)]

SEEN_BY: Mapping[str, str] = {"op": "investment", "lp": "materials", "acf": "materials", "wooldridge": "materials"}
"""Method -> proxy for productivity: the decision of the firm that reveals its productivity."""
FROM_COSTS = ("solow", "index")
DYNAMIC = ("op", "lp", "acf", "gnr", "wooldridge")
"""Methods that need the year before."""
CLUSTERED = ("wooldridge",)
"""Methods whose standard errors follow from a formula, clustered by firm, so that they need no draws."""
DEFAULT: Mapping[str, tuple[str, ...]] = {
    "value_added": ("real_value_added", "value_added", "output"),
    "gross_output": ("real_gross_output", "gross_output", "output"),
    "capital": ("real_capital", "net_fixed_assets", "fixed_assets", "capital_at_cost", "capital"),
    "labour": ("employees", "employment", "labour"),
    "materials": ("real_intermediate_inputs", "intermediate_inputs", "materials"),
    "investment": ("real_investment", "investment"),
    "wages": ("wages",),
}
"""Default columns by role; the first one that exists is used."""
MOST_DEGREE = 6
"""The highest degree of a polynomial (83 terms in three variables); higher powers are not separately identified."""
NEVER_ADDED = ("gross_output", "real_gross_output", "sales", "real_sales")


@dataclass(frozen=True)
class Tfp:
    """Options of `tfp`: how total factor productivity is estimated (docs/productivity.md: when each method fails).

    Parameters
    ----------
    method
        acf: Ackerberg-Caves-Frazer; gnr: Gandhi-Navarro-Rivers, of gross output; lp: Levinsohn-Petrin; op:
        Olley-Pakes; wooldridge: the two equations of lp in one step, by GMM; fe: firm fixed effects; ols: least
        squares; solow: mean cost shares as elasticities; index: the multilateral index with each firm's own shares.
    form
        Production function of value added (labour, capital) or of gross output (labour, capital, materials). auto:
        gross_output for gnr, else value_added. op, lp, acf and wooldridge are only for value added.
    output
        Column of output. Default: real_value_added, value_added (real_gross_output, gross_output) or output. A
        production function of value added treats the column as value added, whatever its name.
    labour
        Column of labour. Default: employees, employment or labour.
    capital
        Column of capital. Default: real_capital, net_fixed_assets, fixed_assets, capital_at_cost or capital.
    materials
        Column of intermediate inputs. Default: real_intermediate_inputs, intermediate_inputs or materials.
    investment
        Column of investment, for op. Default: real_investment or investment; without these, next year's capital less
        this year's capital after depreciation.
    depreciation
        Share of capital that is lost in a year, for investment computed from capital.
    wages
        Column of the cost of labour, for solow and index. Default: wages.
    rental
        Yearly cost of capital as a share of capital, for solow and index. Default: the cost of capital is output less
        labour and materials.
    material_share
        Column with the share of materials in output, for gnr, solow and index. Default: materials over output, both in
        current prices if the accounts have such columns.
    by
        Column of groups (industry); each group has its own production function.
    digits
        Number of leading digits of the code that define a group. 0: the whole code.
    labour_set
        When labour is chosen. in_year: when the year's productivity is known; before: before the year, like capital.
        auto: before for gnr (the assumption of Gandhi, Navarro and Rivers), else in_year.
    degree
        Degree of the polynomial of the first stage, 1 to 6.
    markov
        Degree of the polynomial that predicts productivity from last year's productivity, 1 to 6.
    years
        Include year effects in output and productivity.
    noise
        keep: productivity is output less the part explained by inputs; remove: also less the noise that firms did not
        know when they chose their inputs.
    replicates
        Bootstrap draws of firms for standard errors; 0 for none. wooldridge makes none: its standard errors are those
        of GMM, clustered by firm.
    seed
        Seed of the draws. The draws of a group depend only on the seed and on the group's name.
    """

    method: Method = "acf"
    form: Form = "auto"
    output: Numbers = None
    labour: Numbers = None
    capital: Numbers = None
    materials: Numbers = None
    investment: Numbers = None
    depreciation: float = 0.09
    wages: Numbers = None
    rental: float | None = None
    material_share: Numbers = None
    by: Annotated[str | None, Column(of="accounts")] = None
    digits: int = 0
    labour_set: Literal["auto", "in_year", "before"] = "auto"
    degree: int = 2
    markov: int = 1
    years: bool = True
    noise: Literal["keep", "remove"] = "keep"
    replicates: Annotated[int, DRAWS] = 100
    seed: int = 20240101

    def together(self) -> None:
        """Refuse options that exclude each other; raises `UsageError`."""
        if self.method in SEEN_BY and self.form == "gross_output":
            raise UsageError(
                f"{option('method', self.method)} requires value added: with gross output it is not identified, "
                "because materials are a function of capital, labour and productivity",
                remedy=f"give {option('method', 'gnr')}, or {option('form', 'value_added')}",
            )
        if self.method == "gnr" and self.form == "value_added":
            raise UsageError(
                f"{option('method', 'gnr')} requires gross output",
                remedy=f"leave {option('form')} out, or give {option('form', 'gross_output')}",
            )
        if self.noise == "remove" and self.method not in DYNAMIC:
            raise UsageError(
                f"{option('method', self.method)} does not separate noise from productivity",
                remedy=f"give {option('noise', 'keep')}, or " + " or ".join(option("method", one) for one in DYNAMIC),
            )
        if not 0 <= self.depreciation < 1:
            raise UsageError(
                f"{option('depreciation', self.depreciation)} is not a share",
                remedy=f"give a share, such as {option('depreciation', 0.09)}",
            )
        most = {"degree": MOST_DEGREE, "markov": MOST_DEGREE}
        for name, least in (("degree", 1), ("markov", 1), ("digits", 0), ("replicates", 0)):
            if getattr(self, name) < least:
                raise UsageError(
                    f"{option(name, getattr(self, name))} is below {least}",
                    remedy=f"give {option(name, least)} or more",
                )
            if getattr(self, name) > most.get(name, getattr(self, name)):
                raise UsageError(
                    f"{option(name, getattr(self, name))} is above {most[name]}: "
                    "such high powers are not separately identified",
                    remedy=f"give {option(name, most[name])} or less",
                )

    @property
    def gross(self) -> bool:
        """True if the production function is of gross output."""
        return self.form == "gross_output" or (self.form == "auto" and self.method == "gnr")

    @property
    def labour_before(self) -> bool:
        """True if labour is chosen before the year."""
        return self.labour_set == "before" or (self.labour_set == "auto" and self.method == "gnr")


def columns_of(chosen: Tfp, names: Collection[str]) -> dict[str, str]:
    """Return role -> column of the accounts, for each column that the method needs.

    Raises `UsageError` for options that exclude each other, `MissingColumn` for a missing column.
    """
    chosen.together()
    needed = ["output", "labour", "capital"]
    if chosen.gross or SEEN_BY.get(chosen.method) == "materials":
        needed.append("materials")
    if chosen.method in FROM_COSTS:
        needed.append("wages")
    columns = {role: _column(chosen, role, names) for role in needed}
    if chosen.method == "op" and (chosen.investment or any(c in names for c in DEFAULT["investment"])):
        columns["investment"] = _column(chosen, "investment", names)
    if chosen.by is not None:
        columns["by"] = _there("by", chosen.by, names)
    if chosen.material_share is not None and chosen.gross:
        columns["material_share"] = _there("material_share", chosen.material_share, names)
    elif chosen.gross:
        columns |= {f"current_{r}": _current(columns[r], names) for r in ("output", "materials")}
    elif chosen.method in FROM_COSTS:
        columns["current_output"] = _current(columns["output"], names)
    return columns


def _current(column: str, names: Collection[str]) -> str:
    """Return the column in current prices (the name without ``real_``), if the accounts have it, else ``column``."""
    plain = column.removeprefix("real_")
    return plain if plain in names else column


def _column(chosen: Tfp, role: str, names: Collection[str]) -> str:
    """Return the column of a role: the named one, or the first default that exists. Raise `MissingColumn`."""
    named = getattr(chosen, role)
    if named is not None:
        return _there(role, named, names)
    wanted = DEFAULT["gross_output" if chosen.gross else "value_added"] if role == "output" else DEFAULT[role]
    column = next((c for c in wanted if c in names), None)
    if column is None:
        raise MissingColumn(
            f"{option('method', chosen.method)} needs {role}, and firms has no column {' or '.join(wanted)}",
            remedy=f"name the column with {option(role, ...)}",
            column=wanted[-1],
        )
    return column


def _there(role: str, column: str, names: Collection[str]) -> str:
    if column not in names:
        raise MissingColumn(f"{option(role, column)} is not a column of firms", remedy=did_you_mean(column, names))
    return column
