"""info, sheet, selftest, completion and `diffviz FILE`: what they print, write and return."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diffviz import paths
from diffviz.cli import main
from diffviz.cli.window import with_open
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import VarianceExploding
from diffviz.export.formats import FORMATS
from diffviz.export.reading import read_record
from tests.cli.conftest import run
from tests.toys import save_diffusion, save_vae


def test_info_names_versions_devices_folders_and_formats(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("info", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["versions"]["numpy"] == np.__version__
    assert "cpu" in found["devices"]
    assert found["folders"]["settings"] == str(home / "config")
    assert set(found["formats"]) == set(FORMATS)
    assert run("info") == 0
    assert np.__version__ in capsys.readouterr().out


def test_a_sheet_of_an_ideal_denoiser_is_of_the_process_asked_for(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, few = tmp_path / "sheet.png", ["--steps", "2", "--samples", "1", "--quiet", "--json", "--schedule", "ve"]
    assert run("sheet", out, "--model", "ideal-digits", "--sampler", "ddpm", *few) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0].startswith("ancestral")
    request = read_record(out).request
    assert isinstance(request, ReverseRequest)
    assert (request.process, request.spacing) == (VarianceExploding(), "karras")
    assert run("sheet", out, "--model", toy, *few) == 2
    assert "a network runs on the process that it was trained on" in capsys.readouterr().err


def test_a_sheet_has_a_row_for_every_combination_and_a_group_for_every_seed(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheet.png"
    choices = ["--seed", "1", "2", "--guidance", "1", "3", "--eta", "0", "1", "--sampler", "ddim", "ddpm"]
    assert run("sheet", out, "--model", toy, *choices, "--steps", "3", "--quiet", "--json", "--samples", "2") == 0
    told = json.loads(capsys.readouterr().out)
    # DDIM with each η and each guidance, DDPM (which has no η) with each guidance
    assert len(told["rows"]) == 2 * 2 + 2
    assert len(set(told["rows"])) == 6
    # s is the offset of the cosine schedule and the share of a path: guidance is called by its name
    assert told["rows"][-2:] == ["DDPM  guidance 1", "DDPM  guidance 3"]
    assert "DDIM  η = 1  guidance 3" in told["rows"]
    assert told["columns"] == ["seed 1", "seed 2"]
    with Image.open(out) as image:
        assert image.height > 6 * 24
    assert read_record(out).request == ReverseRequest(model=toy, steps=3, samples=2, seed=1)


def test_a_sheet_says_that_it_stands(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sheet.png"
    for more, said in (((), f"Written: {out}\n"), (("--quiet",), "")):
        assert run("sheet", out, "--model", toy, "--steps", "2", "--samples", "1", *more) == 0
        assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "more",
    [["--eta", "2"], ["--guidance", "99"], ["--class", "shoe"], ["--steps", "101"], ["--seed", *map(str, range(401))]],
)
def test_a_sheet_that_cannot_be_is_refused_before_it_is_begun(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run("sheet", tmp_path / "o.png", "--model", toy, *more) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run("sheet", tmp_path / "o.gif", "--model", toy) == 2
    assert list(tmp_path.glob("o.*")) == []


def test_a_model_is_named_by_its_id_or_by_its_folder(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_diffusion(tmp_path / "elsewhere", "mine").folder
    few = ("--samples", "1", "--steps", "2", "--quiet")
    monkeypatch.chdir(folder.parent)
    for name in (folder, folder / "card.json", "mine", "./mine/"):
        assert run("models", name, "--json") == 0
        assert list(json.loads(capsys.readouterr().out)) == ["mine"]
    assert run("info", "--model", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(folder)
    assert run("info", "--model", folder) == 0
    assert "1 × 12 × 12" in capsys.readouterr().out
    assert run("sheet", tmp_path / "s.png", "--model", folder, *few) == 0
    assert run("export", "reverse", tmp_path / "o.png", "--model", folder, *few) == 0
    own = ("--image", tmp_path / "o.png")
    assert run("export", "forward", tmp_path / "f.png", "--model", folder, "--steps", "2", "--quiet", *own) == 0
    vae = save_vae(tmp_path / "elsewhere", "walk").folder
    beside = save_vae(tmp_path / "elsewhere", "beside", kind="ae").folder
    path = ("export", "path", tmp_path / "p.csv", "--model", vae, "--z=0,1", "--z=1,0", "--quiet")
    assert run(*path) == 0
    assert run(*path, "--beside", beside) == 2  # found, but points have no place in its latent space
    assert "another one" in capsys.readouterr().err
    assert read_record(tmp_path / "o.png").request.model == "mine"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "command", ["models", "info --model", "sheet o.png --model", "export reverse o.gif --model", "evaluate"]
)
def test_a_model_that_is_not_there_says_where_it_was_looked_for(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*command.split(), "nothing") != 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for place in (tmp_path, *paths.model_roots()):
        assert str(place) in said


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a bash")
def test_the_completion_script_completes() -> None:
    script = subprocess.run(
        [sys.executable, "-m", "diffviz", "completion", "bash"], capture_output=True, check=True
    ).stdout
    ask = b"""
COMP_WORDS=(diffviz export reverse --gui)
COMP_CWORD=3
"$(complete -p diffviz | sed 's/.*-F \\([^ ]*\\).*/\\1/')"; echo "${COMPREPLY[@]}"
"""
    answered = subprocess.run(["bash", "-c", script + ask], capture_output=True, check=True).stdout.decode()
    assert "--guidance" in answered


def test_a_files_name_alone_opens_it() -> None:
    commands = ("open", "export", "models")
    assert with_open(["run.png"], commands) == ["open", "run.png"]
    assert with_open(["--device", "cpu", "a/b"], commands) == ["--device", "cpu", "open", "a/b"]
    assert with_open(["export", "reverse", "o.gif"], commands) == ["export", "reverse", "o.gif"]
    assert with_open(["modles"], commands) == ["modles"]  # a mistake in a command is not a file
    assert with_open(["--version"], commands) == ["--version"]


def test_selftest_computes_and_draws_in_every_lab(toy: str, tmp_path: Path) -> None:
    env = {**os.environ, "DIFFVIZ_HOME": str(paths.user_models().parent.parent)}
    env.pop("DISPLAY", None)
    ended = subprocess.run(
        [sys.executable, "-m", "diffviz", "selftest", "--json"], capture_output=True, text=True, env=env, timeout=150
    )
    assert ended.returncode == 0, ended.stderr
    found = {result["name"]: result for result in json.loads(ended.stdout)}
    assert {"window", "device", "diffusion, forward"} <= set(found)
    assert any(name.startswith("diffusion, ") and "ddpm" in name for name in found)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_export_ends_with_130_and_leaves_nothing(toy: str, tmp_path: Path, name: str) -> None:
    """Real signals to a real process, at a moment at which it is computing."""
    number = getattr(signal, name)
    env = {**os.environ, "DIFFVIZ_HOME": str(paths.user_models().parent.parent)}
    command = [sys.executable, "-m", "diffviz", "export", "reverse", str(tmp_path / "o.gif"), "--model", toy]
    command += ["--steps", "100", "--samples", "64", "--scale", "16"]  # seconds of work
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "  # shells let jobs ignore it
    code += "import diffviz.cli.run as p; p.FILE_SECONDS = 0.0; "
    code += "from diffviz.__main__ import main; sys.exit(main())"
    process = subprocess.Popen([command[0], "-c", code, *command[3:]], stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr is not None
    process.stderr.readline()  # it has begun
    process.send_signal(number)
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 130
    assert "Traceback" not in rest
    assert list(tmp_path.glob("*.gif")) == list(tmp_path.glob(".*")) == []


def test_a_file_that_is_not_there_is_said_before_any_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main.main([str(tmp_path / "missing.gif")]) == 2
    assert f"There is no such file: {tmp_path / 'missing.gif'}" in capsys.readouterr().err


def test_without_a_home_folder_one_sentence_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("DIFFVIZ_HOME", raising=False)
    assert main.main(["models"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setenv("DIFFVIZ_HOME", "/nowhere")
    assert main.main(["models"]) == 0


def test_two_models_that_are_called_the_same_are_not_mixed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    one, two = (str(save_vae(tmp_path / name, "toy").folder) for name in ("a", "b"))
    save_vae(paths.user_models(), "toy")
    path = ("export", "path", tmp_path / "p.csv", "--z=0,1", "--z=1,0", "--quiet", "--model", one, "--beside")
    for other in (two, "toy"):
        assert run(*path, other) == 2
        assert "Two models are called toy" in capsys.readouterr().err


def test_help_says_what_holds_without_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.main(["export", "reverse", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "(default 42)" in said
    assert "(default ddim)" in said
    assert "(default gif)" not in said, "the file's name says the format"
