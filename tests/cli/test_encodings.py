"""Streams whose encoding lacks letters: every command prints readable text, and JSON that no encoding changes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diffviz.cli import streams as cli_streams
from diffviz.cli.main import main
from diffviz.domain.text import language, set_language

LACKING = ["ascii", "cp1252", "cp949"]
HELP = [
    [],
    ["open"],
    ["train", "diffusion"],
    ["train", "gan"],
    ["evaluate"],
    ["sheet"],
    *(["export", kind] for kind in ("reverse", "forward", "path", "gan", "objective", "planar", "again")),
]


class Streams:
    """Output and errors of one encoding; `out()` and `err()` are what was printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, encoding: str, errors: str = "strict") -> None:
        self._bytes = {name: io.BytesIO() for name in ("stdout", "stderr")}
        self._encoding = encoding
        for name, data in self._bytes.items():
            monkeypatch.setattr(sys, name, io.TextIOWrapper(data, encoding, errors))

    def out(self) -> str:
        return self._text("stdout")

    def err(self) -> str:
        return self._text("stderr")

    def _text(self, name: str) -> str:
        getattr(sys, name).flush()
        return self._bytes[name].getvalue().decode(self._encoding, "surrogateescape")


@pytest.mark.parametrize("encoding", LACKING)
def test_every_help_is_printed(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    streams = Streams(monkeypatch, encoding)
    for words in HELP:
        with pytest.raises(SystemExit) as stop:
            main([*words, "--help"])
        assert stop.value.code == 0
    assert "alpha_sigma, snr over t" in streams.out()
    assert "\\u" not in streams.out()
    assert streams.err() == ""


@pytest.mark.parametrize("encoding", LACKING)
def test_models_and_what_is_known_are_printed(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    streams = Streams(monkeypatch, encoding)
    assert main(["models"]) == 0
    assert main(["info"]) == 0
    assert "2-D, beta = 0.1" in streams.out() or "2-D, β = 0.1" in streams.out()
    assert "\\u" not in streams.out()


@pytest.mark.parametrize("command", [["models", "--json"], ["info", "--json"]])
def test_json_is_ascii(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    streams = Streams(monkeypatch, "utf-8")
    assert main(command) == 0
    assert streams.out().isascii()
    assert json.loads(streams.out())


@pytest.mark.parametrize("encoding", LACKING)
def test_errors_and_names_of_files_are_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str) -> None:
    streams = Streams(monkeypatch, encoding)
    out = tmp_path / "ᾱ-\udcff.gif"
    made = ["export", "forward", str(out), "--steps", "2", "--timesteps", "10", "--index", "0"]
    assert main([*made, "--json"]) == 0
    assert main([*made, "--image", "no-such-ε.png"]) == 2
    assert main(["evaluate", "no-such-ε"]) == 1
    assert json.loads(streams.out())["path"] == str(out)
    assert "alpha_bar-" in streams.err()
    assert streams.err().count("\n") == 3


def test_a_language_whose_letters_are_lacking_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_streams, "desktop_language", lambda: "ko")
    for encoding, chosen in (("cp1252", "en"), ("ascii", "en"), ("cp949", "ko"), ("utf-8", "ko")):
        streams = Streams(monkeypatch, encoding)
        assert main(["models"]) == 0
        assert language() == chosen
        with pytest.raises(SystemExit):
            main(["export", "reverse", "--help"])
        assert "\\u" not in streams.out()
    set_language("en")


def test_a_treatment_that_a_person_chose_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = Streams(monkeypatch, "ascii", "replace")
    assert main(["models"]) == 0
    assert "?" in streams.out()


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
def test_closed_streams_are_no_error_and_no_file_takes_their_place(tmp_path: Path) -> None:
    out = tmp_path / "o.gif"
    options = f"{out} --steps 2 --timesteps 10 --index 0 <&- >&- 2>&-"
    script = f'"{sys.executable}" -m diffviz export forward {options}'
    assert subprocess.run(["sh", "-c", script], timeout=60, check=False, env={**os.environ}).returncode == 0
    assert out.read_bytes().startswith(b"GIF89a")
    assert out.read_bytes().endswith(b";")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_output_that_is_redirected_is_readable(tmp_path: Path, encoding: str) -> None:
    """As in `PYTHONIOENCODING=cp1252 diffviz info > x`."""
    path = tmp_path / "x"
    with path.open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "diffviz", "info"],
            stdout=file,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "formats" in path.read_text(encoding)
