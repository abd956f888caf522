"""A small part of the campaign of kills, damage, full disks, runs at once, clocks and inputs (`make torture`)."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

CAMPAIGN = Path(__file__).with_name("campaign.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_nothing_is_lost_in_a_few_faults_of_each_kind() -> None:
    """In a process of its own: it forks, which one with threads of an engine must not."""
    few = ("--kills", "--stops", "--damage", "--full", "--at-once", "--clocks", "--replaced")
    done = subprocess.run(
        [sys.executable, str(CAMPAIGN), "--small", "--seed", "1", *(word for kind in few for word in (kind, "4"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "28 faults; 0 lost" in done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_campaign_sees_the_last_digit() -> None:
    spec = importlib.util.spec_from_file_location("campaign", CAMPAIGN)
    assert spec
    assert spec.loader
    campaign = importlib.util.module_from_spec(spec)
    sys.modules["campaign"] = campaign
    spec.loader.exec_module(campaign)
    found = {"results": {"a": [0.1, {"b": 1}]}, "tables": {"panel.parquet": "00"}}
    assert list(campaign.differences(found, json.loads(json.dumps(found)))) == []
    for other in (
        {"results": {"a": [math.nextafter(0.1, 1), {"b": 1}]}, "tables": {"panel.parquet": "00"}},
        {"results": {"a": [0.1, {"b": 1.0}]}, "tables": {"panel.parquet": "00"}},
        {"results": {"a": [0.1, {"b": 1}]}, "tables": {"panel.parquet": "01"}},
        {"results": {"a": [0.1, {"b": 1}]}, "tables": {}},
        {"results": {"a": [0.1, "b"]}, "tables": {"panel.parquet": "00"}},
    ):
        assert list(campaign.differences(found, other))
