"""A small part of the campaign of kills, damage, full disks, runs at once, clocks and inputs (`make torture`)."""

from __future__ import annotations

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
