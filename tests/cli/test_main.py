"""The command line: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diffviz import paths
from diffviz.cli.main import main
from diffviz.cli.train import REQUESTS
from tests.toys import save_diffusion


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with one toy in it."""
    root = tmp_path / "models"
    save_diffusion(root)
    monkeypatch.setattr(paths, "models", lambda: root)
    return root


def test_models_are_listed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "toy" in capsys.readouterr().out
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["toy"]["family"] == "diffusion"


def test_damaged_model_is_named_in_one_line(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (models / "bad").mkdir()
    (models / "bad" / "card.json").write_text("{")
    assert main(["models"]) == 0
    captured = capsys.readouterr()
    assert "toy" in captured.out
    assert captured.err.count("\n") == 1
    assert "card.json" in captured.err


@pytest.mark.parametrize("argv", [["nonsense"], ["export"], ["export", "reverse", "out.gif", "--steps", "many"]])
def test_bad_usage_is_one_line_and_exit_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(argv)
    except SystemExit as stop:
        code = int(str(stop.code))
    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--help"], ["export", "reverse", "--help"], ["train", "diffusion", "--help"], ["evaluate", "--help"]):
        with pytest.raises(SystemExit) as stop:
            main(argv)
        assert stop.value.code == 0
        assert "--" in capsys.readouterr().out


def test_summaries_are_whole_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("export", "train"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "et al" not in capsys.readouterr().out
    assert all((request.__doc__ or "").splitlines()[0].endswith(".") for request in REQUESTS.values())


EARLY = """
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "diffviz.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
from diffviz.__main__ import main
sys.exit(main())
"""
INSIDE_A_TEXT = """
import sys
import diffviz.cli.main
def run(argv):
    try:
        exec("raise KeyboardInterrupt")
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
diffviz.cli.main.main = run
from diffviz.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("script", [EARLY, INSIDE_A_TEXT])
def test_an_interrupt_while_modules_are_imported_is_an_interruption(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


UNREAD = ["info", "models", "models --json", "completion bash", "--help"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("command", UNREAD)
def test_a_reader_that_goes_away_ends_a_command_quietly(command: str) -> None:
    """As in `diffviz info | head -1`: the end of the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "diffviz", *command.split()], stdout=writing, stderr=subprocess.PIPE, timeout=60
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in ((0, 141) if command == "--help" else (141,))  # some versions of argparse look away


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_nobody_reading_errors_is_quiet_too() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "diffviz", "evaluate", "no-such-model"], stderr=writing, timeout=60)
    os.close(writing)
    assert done.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_said_once() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "diffviz", "models"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "disk is full" in done.stderr


def test_closed_output_is_no_error() -> None:
    script = "import sys; sys.stdout = None; from diffviz.__main__ import main; sys.exit(main())"
    assert subprocess.run([sys.executable, "-c", script, "models"], timeout=60).returncode == 0
