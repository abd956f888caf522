"""Which columns that a study made no regression of it has."""

from __future__ import annotations

import report_example as example
from integrade.records.schema import column_word
from integrade.report.tables import account_table, settings_table
from integrade.verdicts.unused import is_of_an_unused_control, unused_controls
from plainwords.account import Account, Entry
from plainwords.texts import say

MISSING = say("panel.control-missing", control=column_word("invint"), n=101, why="inventory missing")
SHARE = "inventory / total assets"


def asked(**settings: str):
    account = Account((Entry("controls", "firms", "warning", MISSING, 101),))
    units = {"invint": SHARE, "roa": "net profit / total assets"}
    return example.study(account=account, units=units, settings={"winsor.columns": "['roa', 'invint']", **settings})


def test_a_control_that_only_the_cleaning_names_is_in_no_regression() -> None:
    """A warning told of rows without ``invint``, which nothing explained and no regression had."""
    study = asked(**{"regression.controls": "['roa', 'rdebt']"})
    assert unused_controls(study) == {"invint": SHARE}
    assert is_of_an_unused_control(MISSING, study)
    for table in (account_table(study.account, unused_controls(study)), settings_table({}, "", unused_controls(study))):
        assert table.notes == (
            f"These controls were computed but are not used in any regression of this study: invint ({SHARE}).",
        )


def test_a_control_of_any_section_is_used() -> None:
    for key, value in (
        ("regression.controls", "['invint']"),
        ("regression.formula", "quality ~ market + invint:year | firm"),
        ("mediation.mediators", "['invint', 'rd']"),
    ):
        study = asked(**{key: value})
        assert unused_controls(study) == {}
        assert not is_of_an_unused_control(MISSING, study)
    assert account_table(study.account, unused_controls(study)).notes == ()
