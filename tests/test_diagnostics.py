"""Diagnostics are text to paste into an issue, the same data that `diffviz info` prints."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from diffviz import crash_reporting, paths
from diffviz.cli.main import main
from diffviz.domain.messages import Device
from diffviz.log import Log

CPU = Device("cpu", "a processor", 4)


def test_a_report_is_one_block_without_the_home_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: home)
    error = f'2026-01-01 00:00:00,000 1 ERROR x: A run failed\n  File "{home}/diffviz/x.py", line 1\nValueError: no'
    text = crash_reporting.report(crash_reporting.known(CPU, errors=[error]))
    assert text.startswith("```\n")
    assert text.endswith("\n```\n")
    assert text.count("```") == 2
    assert str(home) not in text
    for part in ("diffviz  ", "PySide6", "a processor", '~/diffviz/x.py", line 1', "ValueError: no", "fashion-ddpm"):
        assert part in text, part


def test_info_tells_the_errors_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(paths.log_file())
    logging.getLogger("diffviz.test").error("The run failed")
    log.close()
    assert main(["info", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["errors"][-1].endswith("diffviz.test: The run failed")
    assert found["folders"]["log"] == str(paths.log_file().parent)
    assert main(["info"]) == 0
    assert "diffviz.test: The run failed" in capsys.readouterr().out


def test_no_errors_are_a_dash() -> None:
    assert crash_reporting.lines({"errors": []}) == ["errors          –"]
