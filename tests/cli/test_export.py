"""`diffviz export`: the file it writes, its exit codes, its one line on stderr; without a display and without Qt."""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz import paths
from diffviz.cli import main
from diffviz.cli import run as progress
from diffviz.cli.data import pictures_of
from diffviz.cli.export import class_of
from diffviz.cli.run import Counter, bytes_of
from diffviz.domain.errors import ImageUnreadable, NotAChoice
from diffviz.domain.export_settings import PICTURED, ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.provenance import Record, encoded
from diffviz.domain.requests import ForwardRequest, ReverseRequest
from diffviz.domain.samples import load
from diffviz.domain.sampling import Linear
from diffviz.domain.settings import every_setting
from diffviz.domain.store import FrameStore
from diffviz.engine.engine import LocalEngine
from diffviz.export import formats
from diffviz.export.reading import read_record
from diffviz.export.run_info import about_of
from diffviz.ui.widgets.format import size
from tests.cli.conftest import run_export as run
from tests.toys import save_diffusion

QUICK = ["--steps", "4", "--samples", "2", "--scale", "1", "--quiet"]


@pytest.fixture
def unconditional(home: Path) -> str:
    """A model without classes, in colour."""
    save_diffusion(paths.user_models(), "plain", (3, 8, 16), classes=0)
    return "plain"


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


def reverse(out: Path, model: str, *more: str | Path) -> int:
    return run("reverse", out, "--model", model, *QUICK, *more)


@pytest.mark.parametrize(("kind", "request_type"), [("reverse", ReverseRequest), ("forward", ForwardRequest)])
def test_every_setting_is_an_option_with_help(
    capsys: pytest.CaptureFixture[str], kind: str, request_type: type[object]
) -> None:
    assert run(kind, "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    for setting in (*every_setting(request_type), *every_setting(ExportSettings)):
        assert f"--{setting.name} " in text
        assert setting.help
        assert setting.help[:12] in text


def test_reverse_writes_the_runs_frames(toy: str, tmp_path: Path) -> None:
    out = tmp_path / "out.gif"
    assert reverse(out, toy, "--seed", "7", "--panes", "x,eps") == 0
    with Image.open(out) as image:
        assert image.size == (25 + 4 + 25, 12)
        assert sum(1 for _ in ImageSequence.Iterator(image)) == 5
    assert list(tmp_path.glob(".*")) == []


def test_the_command_line_and_the_window_write_the_same_bytes(toy: str, tmp_path: Path) -> None:
    from diffviz.domain.cards import find_cards
    from diffviz.domain.messages import RunInputs

    assert reverse(tmp_path / "line.gif", toy, "--seed", "7", "--fps", "10", "--device", "cpu") == 0
    cards, _ = find_cards(paths.model_roots())
    store = FrameStore()
    request = ReverseRequest(model=toy, steps=4, samples=2, seed=7)
    for frame in LocalEngine(cards, "cpu").frames(request, RunInputs()):
        assert isinstance(frame, Frame)
        store.append(frame)
    about = about_of(request, {}, cards, "cpu")
    formats.export(tuple(store), tmp_path / "window.gif", ExportSettings(scale=1, fps=10), about=about)
    assert (tmp_path / "line.gif").read_bytes() == (tmp_path / "window.gif").read_bytes()


def test_the_same_seed_gives_the_same_bytes(toy: str, tmp_path: Path) -> None:
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert reverse(tmp_path / f"{name}.png", toy, "--seed", seed) == 0
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert a == b != c


def test_a_png_is_the_last_frame_or_the_one_at_t(toy: str, tmp_path: Path) -> None:
    assert reverse(tmp_path / "frames", toy) == 0
    assert reverse(tmp_path / "last.png", toy) == 0
    assert reverse(tmp_path / "first.png", toy, "--at", "97") == 0
    frames = sorted((tmp_path / "frames").iterdir())
    assert [path.name for path in frames] == [f"frame_{i:04}.png" for i in range(5)]
    assert (tmp_path / "last.png").read_bytes() == frames[-1].read_bytes()
    assert (tmp_path / "first.png").read_bytes() == frames[0].read_bytes()


def test_classes_by_name_index_each_and_none(toy: str, tmp_path: Path) -> None:
    written = []
    for i, label in enumerate(("1", "CLASS 1", "none", "each")):
        assert reverse(tmp_path / f"{i}.png", toy, "--class", label) == 0
        written.append((tmp_path / f"{i}.png").read_bytes())
    assert written[0] == written[1]
    assert len(set(written)) == 3


def test_class_of() -> None:
    assert class_of("2", ("a", "b", "3")) == 2
    assert class_of("3", ("a", "b", "3")) == 2
    assert class_of("B", ("a", "b", "3")) == 1
    with pytest.raises(NotAChoice):
        class_of("-1", ("a", "b", "3"))


def test_an_unconditional_model_in_colour(unconditional: str, tmp_path: Path) -> None:
    assert reverse(tmp_path / "o.gif", unconditional) == 0
    assert reverse(tmp_path / "o.png", unconditional) == 0
    with Image.open(tmp_path / "o.png") as image:
        assert (image.mode, image.size) == ("RGB", (33, 8))


def test_forward_noises_a_persons_own_pictures(tmp_path: Path) -> None:
    for name, value in (("a", 10), ("b", 200)):
        Image.new("L", (9, 6), value).save(tmp_path / f"{name}.png")
    images = ["--image", tmp_path / "a.png", "--image", tmp_path / "b.png"]
    out = tmp_path / "o.png"
    more = ["--at", "0", "--steps", "5", "--scale", "1", "--quiet", "--schedule", "linear", "--timesteps", "20"]
    assert run("forward", out, *images, *more) == 0
    with Image.open(out) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (6, 19)
    assert np.all(pixels[:, :9] == 10)
    assert np.all(pixels[:, 10:] == 200)


def test_forward_takes_sample_data_and_a_models_estimates(toy: str, tmp_path: Path) -> None:
    out = tmp_path / "o.gif"
    Image.new("RGB", (30, 20), "red").save(tmp_path / "own.png")
    panes = ["--panes", "original,x,noise,step_noise,x0_hat,eps_hat"]
    own = ["--image", tmp_path / "own.png", "--steps", "3", "--scale", "1", "--quiet"]
    assert run("forward", out, "--model", toy, "--class", "none", *own, *panes) == 0
    with Image.open(out) as image:
        assert image.size == (6 * 12 + 5 * 4, 12)
    digits = ["--dataset", "digits", "--index", "0", "5", "--steps", "3", "--timesteps", "10", "--quiet"]
    assert run("forward", tmp_path / "frames", *digits) == 0
    assert len(list((tmp_path / "frames").iterdir())) == 4


BAD_USAGE = {
    "eta does not belong to ddpm": ["--sampler", "ddpm", "--eta", "0.5"],
    "variance does not belong to ddim": ["--variance", "beta"],
    "out of bounds": ["--eta", "1.5"],
    "more steps than T": ["--steps", "101"],
    "not a number": ["--guidance", "much"],
    "nan": ["--guidance", "nan"],
    "no such sampler": ["--sampler", "no-such-sampler"],
    "no such class": ["--class", "shoe"],
    "class out of range": ["--class", "3"],
    "no such pane": ["--panes", "x,loss"],
    "no pane": ["--panes", ""],
    "at belongs to png": ["--at", "3"],
    "scale out of bounds": ["--scale", "65"],
    "too fast": ["--fps", "100"],
    "format against name": ["--format", "png"],
    "unknown option": ["--nonsense"],
    "no such model": ["--model", "nonsense"],
    "no such device": ["--device", "abacus"],
}


@pytest.mark.parametrize("more", BAD_USAGE.values(), ids=BAD_USAGE.keys())
def test_bad_usage_is_one_line_and_2(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run("reverse", tmp_path / "o.gif", "--model", toy, *more) == 2
    line = one_line(capsys)
    assert more[-2:][0].lstrip("-") in line
    assert list(tmp_path.glob("*.gif")) == []


def test_a_speed_that_only_other_formats_carry_says_so(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reverse(tmp_path / "o.gif", toy, "--fps", "60") == 2
    assert "50 (a GIF shows a frame for 20 ms or longer)" in one_line(capsys)
    assert reverse(tmp_path / "o.webp", toy, "--fps", "60") == 0


@pytest.mark.parametrize("more", [["--fps", "5"], ["--every", "2"], ["--at", "soon"], ["--at", "nan"]])
def test_what_does_not_go_with_a_png_is_refused(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert reverse(tmp_path / "o.png", toy, *more) == 2
    assert more[0] in one_line(capsys)


def test_a_name_without_a_known_format_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("reverse", tmp_path / "o.bmp") == 2
    assert ".gif" in one_line(capsys)
    assert run("reverse") == 2
    assert run("sideways", "o.gif") == 2


def test_an_unconditional_model_takes_no_class(
    unconditional: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["--class", "0"], ["--guidance", "2"]):
        assert reverse(tmp_path / "o.gif", unconditional, *more) == 2
        assert more[0] in one_line(capsys)


def test_the_schedule_of_a_model_is_its_own(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("forward", tmp_path / "o.gif", "--model", toy, "--schedule", "linear") == 2
    assert "--schedule" in one_line(capsys)
    assert run("forward", tmp_path / "o.gif", "--class", "1") == 2
    assert "--class" in one_line(capsys)


@pytest.mark.parametrize(
    "more",
    [
        ["--dataset", "nonsense"],
        ["--dataset", "digits", "--index", "99999"],
        ["--image", "x.png", "--index", "0"],
        ["--invert"],
        ["--image", "x.png", "--size", "0"],
    ],
)
def test_pictures_that_cannot_be_meant_are_bad_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run("forward", tmp_path / "o.gif", *more) == 2
    one_line(capsys)


def test_what_fails_is_one_line_and_1(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "own.txt").touch()
    for argv in (
        ["reverse", tmp_path / "nowhere" / "o.gif", "--model", toy],
        ["reverse", tmp_path / "text.png" / "o.gif", "--model", toy],
        ["reverse", tmp_path / "taken", "--model", toy, *QUICK],
        ["forward", tmp_path / "o.gif", "--image", tmp_path / "text.png"],
        ["forward", tmp_path / "o.gif", "--image", tmp_path / "absent.png"],
    ):
        assert run(*argv) == 1
        one_line(capsys)
    assert (tmp_path / "taken" / "own.txt").exists()


def test_a_damaged_model_is_said_to_be_damaged(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (paths.user_models() / toy / "weights.safetensors").write_bytes(b"short")
    assert reverse(tmp_path / "o.gif", toy) == 1
    one_line(capsys)
    (paths.user_models() / toy / "card.json").write_text("{")
    assert reverse(tmp_path / "o.gif", toy) == 1
    one_line(capsys)
    assert list(tmp_path.glob("*.gif")) == []


@pytest.mark.parametrize("stage", ["computing", "writing"])
def test_an_interruption_leaves_no_half_file(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def interrupted(_counter: object, at: str, done: int, _total: int) -> None:
        if at == stage and done == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Counter, "show", interrupted)
    out = tmp_path / "o.gif"
    out.write_bytes(b"old")
    assert reverse(out, toy) == 130
    one_line(capsys)
    assert out.read_bytes() == b"old"
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_being_told_to_end_leaves_no_half_file(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(_counter: object, at: str, done: int, _total: int) -> None:
        if at == "writing" and done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Counter, "show", told)
    before = signal.getsignal(signal.SIGTERM)
    assert reverse(tmp_path / "o.gif", toy) == 130
    one_line(capsys)
    assert list(tmp_path.glob("*.gif")) == list(tmp_path.glob(".*")) == []
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_full_disk_keeps_what_was_there(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "o.gif"
    out.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    assert reverse(out, toy) == 1
    assert "full" in one_line(capsys)
    assert out.read_bytes() == b"old"


def test_the_target_is_tried_before_anything_is_computed(
    toy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def computed(*_: object) -> Iterator[Frame]:
        raise AssertionError

    monkeypatch.setattr(LocalEngine, "frames", computed)
    assert reverse(tmp_path / "nowhere" / "o.gif", toy) == 1


def test_progress_goes_to_stderr_and_can_be_quiet(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diffviz.cli.run.FILE_SECONDS", 0.0)
    assert run("reverse", tmp_path / "o.gif", "--model", toy, "--steps", "4", "--samples", "1") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(" ·")[0] for line in captured.err.splitlines()] == [
        *(f"computing: {i} of 5" for i in range(1, 6)),
        *(f"writing: {i} of 5" for i in range(6)),
        f"Written: {tmp_path / 'o.gif'}",
    ]
    assert reverse(tmp_path / "o.gif", toy) == 0
    assert capsys.readouterr().err == ""


def test_the_option_before_the_subcommand_holds(toy: str) -> None:
    parsed = main.parser().parse_args(["--device", "cpu", "export", "reverse", "o.gif"])
    assert parsed.device == "cpu"
    assert isinstance(parsed, argparse.Namespace)


def test_an_unreadable_picture_is_found_by_the_windows_own_decoder(tmp_path: Path) -> None:
    args = main.parser().parse_args(["export", "forward", "o.gif", "--image", str(tmp_path / "absent.png")])
    with pytest.raises(ImageUnreadable):
        pictures_of(args, None)


NO_QT = """
import sys
sys.modules["PySide6"] = sys.modules["pyqtgraph"] = None  # any import of them fails
from diffviz.cli.main import main
code = main(["export", "forward", sys.argv[1], "--steps", "3", "--timesteps", "10", "--index", "0"])
assert "torch" not in sys.modules
assert not [name for name in sys.modules if name.startswith(("PySide6.", "pyqtgraph."))]
sys.exit(code)
"""


def test_no_qt_no_display_and_no_torch_are_needed_to_noise(tmp_path: Path) -> None:
    out = tmp_path / "o.gif"
    ended = subprocess.run(
        [sys.executable, "-c", NO_QT, str(out)], check=False, capture_output=True, text=True, env={"PATH": ""}
    )
    assert ended.returncode == 0, ended.stderr
    assert out.read_bytes().startswith(b"GIF89a")


def test_every_format_is_reached_by_its_ending(toy: str, tmp_path: Path) -> None:
    kinds = {name: kind for name, kind in formats.FORMATS.items() if not kind.missing()}
    for name, kind in kinds.items():
        out = tmp_path / f"{name}{kind.suffix}"
        more = ["--format", name] if name in ("sheet", "plot", "sequence") else []
        scaled = name in PICTURED
        options = [option for option in QUICK if scaled or option not in ("--scale", "1")]
        assert run("reverse", out, "--model", toy, *options, *more) == 0
        assert out.exists()
        assert name == "sequence" or read_record(out).request == ReverseRequest(model=toy, steps=4, samples=2)


def test_what_was_written_is_told_as_json(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.gif"
    assert reverse(out, toy, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["path"], told["format"], told["frames"]) == (str(out), "gif", 5)
    assert told["bytes"] == out.stat().st_size


@pytest.mark.parametrize("name", ["o.gif", "frames"])
def test_what_was_written_is_said_and_what_it_takes_where_it_is_much(
    toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    out = tmp_path / name
    few = ["--model", toy, "--steps", "2", "--samples", "1"]
    assert run("reverse", out, *few) == 0
    assert one_line(capsys) == f"Written: {out}\n"
    monkeypatch.setattr(progress, "LARGE", bytes_of(out) - 1)
    assert run("reverse", out, *few) == 0
    assert one_line(capsys) == f"Written: {out} ({size(bytes_of(out))})\n"
    assert run("reverse", out, *few, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_a_folder_takes_what_its_files_take(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(700))
    assert (bytes_of(tmp_path), bytes_of(tmp_path / "a")) == (1400, 700)


@pytest.mark.parametrize("inline", [True, False])
def test_a_run_inside_a_file_can_be_computed_again(toy: str, tmp_path: Path, inline: bool) -> None:
    Image.new("L", (12, 12), 90).save(tmp_path / "own.png")
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    own = ["--image", tmp_path / "own.png", "--seed", "5", "--at", "50", "--scale", "1", "--quiet"]
    assert run("forward", first, "--model", toy, *own) == 0
    source = encoded(read_record(first)) if inline else first
    assert run("again", source, second, "--at", "50", "--scale", "1", "--quiet") == 0
    assert second.read_bytes() == first.read_bytes()


def test_the_folder_of_a_sequence_can_be_computed_again(toy: str, tmp_path: Path) -> None:
    assert reverse(tmp_path / "frames", toy, "--seed", "5") == 0
    assert run("again", tmp_path / "frames", tmp_path / "b.npz", "--quiet") == 0
    assert read_record(tmp_path / "b.npz").request == read_record(tmp_path / "frames" / "frame_0002.png").request


def test_what_a_file_lacks_is_said(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "o.png"
    assert reverse(out, toy, "--no-metadata") == 0
    assert run("again", out, tmp_path / "b.png") == 1
    assert "no run" in one_line(capsys)
    assert run("again", '{"diffviz": 1}', tmp_path / "b.png") == 2
    one_line(capsys)
    gone = encoded(Record(ReverseRequest(model="gone")))
    assert run("again", gone, tmp_path / "b.png") == 1
    assert "gone" in one_line(capsys)


def test_other_weights_than_then_are_said(toy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = encoded(Record(ReverseRequest(model=toy, steps=2, samples=1), {}, {toy: "another"}))
    assert run("again", other, tmp_path / "b.png", "--quiet") == 0
    assert "other weights" in one_line(capsys)


def test_the_set_and_the_schedule_of_an_ideal_denoiser_are_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ideal.npz"
    options = ["--set", "test", "--set-size", "50", "--schedule", "linear", "--timesteps", "30", "--steps", "30"]
    common = ["--samples", "2", "--class", "none", "--quiet"]
    assert main.main(["export", "reverse", str(out), "--model", "ideal-digits", *options, *common]) == 0
    request = read_record(out).request
    assert isinstance(request, ReverseRequest)
    assert (request.part, request.images, request.process) == ("test", 50, Linear(timesteps=30))
    with np.load(out) as arrays:
        last = arrays["x_t"][-1].reshape(2, 28, 28)
    data = load("digits")
    known = data.images[list(data.one_of_each(50))].astype(np.float32) / 127.5 - 1
    apart = ((last - known[:, None]) ** 2).reshape(50, 2, -1).mean(2) ** 0.5
    assert apart.min(0).max() < 0.02, "it gives back what it knows"
    assert main.main(["export", "reverse", str(out), "--model", "digits-ddpm", "--set", "test", "--quiet"]) == 2
    assert "--set does not apply" in capsys.readouterr().err
