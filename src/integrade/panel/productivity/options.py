"""What of total factor productivity is chosen, and which columns it is made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from integrade.errors import MissingColumn, UsageError, did_you_mean, option
from integrade.records.needs import DRAWS, Column

Method: TypeAlias = Literal["acf", "gnr", "lp", "op", "fe", "ols", "solow", "index"]
Form: TypeAlias = Literal["auto", "value_added", "gross_output"]
Numbers: TypeAlias = Annotated[str | None, Column(of="accounts", numbers=True)]

SEEN_BY: Mapping[str, str] = {"op": "investment", "lp": "materials", "acf": "materials"}
"""What a firm chooses that shows its productivity, by method."""
FROM_COSTS = ("solow", "index")
DYNAMIC = ("op", "lp", "acf", "gnr")
"""Methods that need the year before."""
DEFAULT: Mapping[str, tuple[str, ...]] = {
    "value_added": ("real_value_added", "value_added", "output"),
    "gross_output": ("real_gross_output", "gross_output", "output"),
    "capital": ("real_capital", "net_fixed_assets", "fixed_assets", "capital_at_cost", "capital"),
    "labour": ("employees", "employment", "labour"),
    "materials": ("real_intermediate_inputs", "intermediate_inputs", "materials"),
    "investment": ("real_investment", "investment"),
    "wages": ("wages",),
}
"""The columns that are looked for where none is named, the first one first."""
MOST_DEGREE = 6
"""The highest degree of a polynomial: 83 terms in three variables."""
NEVER_ADDED = ("gross_output", "real_gross_output", "sales", "real_sales")


@dataclass(frozen=True)
class Tfp:
    """How total factor productivity is estimated (docs/productivity.md says when each method fails).

    Parameters
    ----------
    method
        acf: Ackerberg-Caves-Frazer; gnr: Gandhi-Navarro-Rivers, of gross output; lp: Levinsohn-Petrin; op:
        Olley-Pakes; fe: effects of firms; ols: least squares; solow: mean shares of costs as elasticities; index: the
        multilateral index with each firm's own shares.
    form
        Production function of value added (labour, capital) or of gross output (and materials). auto: gross_output for
        gnr, else value_added. op, lp and acf are of value added alone.
    output
        Column of output; real_value_added, value_added (real_gross_output, gross_output) or output where not given. A
        production function of value added takes it to be value added, whatever it is called.
    labour
        Column of labour; employees, employment or labour where not given.
    capital
        Column of capital; real_capital, net_fixed_assets, fixed_assets, capital_at_cost or capital where not given.
    materials
        Column of intermediate inputs; real_intermediate_inputs, intermediate_inputs or materials where not given.
    investment
        Column of investment, for op; real_investment or investment where not given, else capital of the next year less
        what is left of this year's.
    depreciation
        Share of capital that is lost in a year, where investment is made from capital.
    wages
        Column of the cost of labour, for solow and index; wages where not given.
    rental
        Cost of capital for a year as a share of it, for solow and index. Not given: capital has what labour and
        materials leave of output.
    material_share
        Column with the share of materials in output, for gnr, solow and index. Not given: materials over output, both
        in current prices where the accounts have them.
    by
        Column of groups (industry) with a production function each.
    digits
        Groups by the first so many digits of the code. 0: the whole code.
    labour_set
        When labour is chosen: in_year, with what the firm knows by then; before, as capital is. auto: before for gnr,
        as its authors have it, else in_year.
    degree
        Of the series of the first stage, 1 to 6.
    markov
        Degree of the polynomial by which productivity follows from that of the year before, 1 to 6.
    years
        Output, and productivity, move with the year.
    noise
        keep: output less what inputs explain; remove: without the part that no firm knew when it chose its inputs.
    replicates
        Draws of firms for standard errors; 0 for none.
    seed
        Of the draws; those of a group depend on this and its name alone.
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
        """Refuse what does not go together; raises `UsageError`."""
        if self.method in SEEN_BY and self.form == "gross_output":
            raise UsageError(
                f"{option('method', self.method)} is of value added: of gross output it is not identified, "
                "as materials follow from capital, labour and productivity",
                remedy=f"give {option('method', 'gnr')}, or {option('form', 'value_added')}",
            )
        if self.method == "gnr" and self.form == "value_added":
            raise UsageError(
                f"{option('method', 'gnr')} is of gross output",
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
        """Whether the production function is of gross output."""
        return self.form == "gross_output" or (self.form == "auto" and self.method == "gnr")

    @property
    def labour_before(self) -> bool:
        """Whether labour is chosen before the year."""
        return self.labour_set == "before" or (self.labour_set == "auto" and self.method == "gnr")


def columns_of(chosen: Tfp, names: Collection[str]) -> dict[str, str]:
    """The columns that the method needs by what they are, of those that the accounts have.

    Raises `UsageError` for options that do not go together, `MissingColumn` for a column that is not there.
    """
    chosen.together()
    needed = ["output", "labour", "capital"]
    if chosen.gross or SEEN_BY.get(chosen.method) == "materials":
        needed.append("materials")
    if chosen.method in FROM_COSTS:
        needed.append("wages")
    found = {role: _column(chosen, role, names) for role in needed}
    if chosen.method == "op" and (chosen.investment or any(c in names for c in DEFAULT["investment"])):
        found["investment"] = _column(chosen, "investment", names)
    if chosen.by is not None:
        found["by"] = _there("by", chosen.by, names)
    if chosen.material_share is not None and chosen.gross:
        found["material_share"] = _there("material_share", chosen.material_share, names)
    elif chosen.gross:
        found |= {f"current_{r}": _current(found[r], names) for r in ("output", "materials")}
    elif chosen.method in FROM_COSTS:
        found["current_output"] = _current(found["output"], names)
    return found


def _current(column: str, names: Collection[str]) -> str:
    """The column in current prices: without the ``real_`` that `deflate` puts before it."""
    plain = column.removeprefix("real_")
    return plain if plain in names else column


def _column(chosen: Tfp, role: str, names: Collection[str]) -> str:
    own = getattr(chosen, role)
    if own is not None:
        return _there(role, own, names)
    wanted = DEFAULT["gross_output" if chosen.gross else "value_added"] if role == "output" else DEFAULT[role]
    found = next((c for c in wanted if c in names), None)
    if found is None:
        raise MissingColumn(
            f"{option('method', chosen.method)} needs {role}, and firms has no column {' or '.join(wanted)}",
            remedy=f"name the column with {option(role, ...)}",
            column=wanted[-1],
        )
    return found


def _there(role: str, column: str, names: Collection[str]) -> str:
    if column not in names:
        raise MissingColumn(f"{option(role, column)} is not a column of firms", remedy=did_you_mean(column, names))
    return column
