"""Every error is said in one plain sentence that carries what was found."""

from __future__ import annotations

import errno
import gettext
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from diffviz.domain import errors, text
from diffviz.domain.cards import read_card
from diffviz.domain.sentences import sentence

EXAMPLES: tuple[tuple[errors.DiffvizError, tuple[str, ...]], ...] = (
    (errors.OutOfRange("steps", 4001, 1, 4000), ("steps", "4,001", "1", "4,000")),
    (errors.OutOfRange("eta", 1.5, 0, 1), ("eta", "1.5")),
    (errors.NotAChoice("sampler", "euler", ("ddim", "ddpm")), ("sampler", "euler", "ddim, ddpm")),
    (errors.ModelNotFound("cats"), ("cats",)),
    (errors.ModelNotFound("cats", ("fashion", "digits")), ("cats", "fashion, digits")),
    (errors.ModelDamaged(Path("/m/w.safetensors"), "cut short."), ("/m/w.safetensors", "cut short")),
    (errors.FileTooNew(Path("/m/card.json"), 3, 1), ("/m/card.json", "newer", "3", "1", "update")),
    (errors.CardMismatch(Path("/m"), "other shapes"), ("/m", "other shapes")),
    (errors.ModelRefused(Path("/m/a.ckpt"), "a pickle"), ("/m/a.ckpt", "a pickle")),
    (errors.PackageMissing("diffusers", "models"), ("diffusers", "diffviz[models]")),
    (errors.ModelChanged(Path("/m")), ("/m", "written anew")),
    (errors.ImageUnreadable(Path("a.png")), ("a.png", "PNG")),
    (errors.ImageUnreadable(Path("a.png"), "broken data"), ("a.png", "broken data")),
    (errors.ImageTooLarge(Path("a.png"), 400.0, 64.0), ("a.png", "400", "64")),
    (errors.ImageWrongSize((28, 28), (32, 32, 3)), ("28 × 28", "32 × 32 × 3")),
    (errors.ImagesMissing(3), ("3",)),
    (errors.NoPictures(), ("picture",)),
    (errors.NoPictures(2), ("2",)),
    (errors.OtherSchedule(), ("schedule",)),
    (errors.ContinuesTooMany(160), ("160", "start from noise")),
    (errors.ClassesUnknown(2), ("2", "choose one class")),
    (errors.DataUnsuitable(Path("/d"), "no pictures"), ("/d", "no pictures")),
    (errors.NoSuchStep(360.5), ("360.5",)),
    (errors.CannotContinue("Capacity"), ("Capacity", "train anew")),
    (errors.Diverged(1234.0), ("1234", "learning rates")),
    (errors.NotFinite(640.0), ("t = 640", "clip x̂0")),
    (errors.NotFinite(0.25, "path"), ("0.25", "another model")),
    (errors.SignalLost(1000.0, 0.0, 1e-30), ("t = 1000", "1e-30", "clip x̂0")),
    (errors.OutOfMemory(64), ("64 samples", "choose 32 or fewer")),
    (errors.OutOfMemory(1), ("1",)),
    (errors.DeviceLost("cuda", "unspecified launch failure\nlong tail"), ("cuda", "unspecified launch failure", "CPU")),
    (errors.ProcessLost(9, 0), ("killed", "memory", "kept", "start it again", "smaller batch")),
    (errors.ProcessLost(11, 0), ("(signal 11)", "kept", "start it again")),
    (errors.ProcessLost(0, 3), ("(exit code 3)", "kept", "start it again")),
    (errors.ProcessLost(9, 0, "stuck"), ("did not answer", "kept")),
    (errors.ProcessLost(9, 0, "garbled"), ("cannot be read", "kept", "start it again")),
    (errors.DeviceUnavailable("mps", ("cuda", "cpu")), ("mps", "cuda, cpu")),
    (errors.ExportFailed(Path("o.gif"), "permission", "x"), ("o.gif", "another folder")),
    (errors.ExportFailed(Path("o.gif"), "full", "x"), ("o.gif", "full")),
    (errors.ExportFailed(Path("o.gif"), "missing-folder", "x"), ("o.gif", "does not exist")),
    (errors.ExportFailed(Path("f/o.gif"), "below-a-file", "x"), ("f/o.gif", "is a file")),
    (errors.ExportFailed(Path("o.gif"), "no-new-files", "x"), ("o.gif", "takes no new files")),
    (errors.ExportFailed(Path("o.gif"), "other", "why not"), ("o.gif", "why not")),
    (errors.NothingToExport(), ()),
    (errors.NotAScale(70000, 65535), ("70000", "65535")),
    (errors.FormatUnavailable("mp4", "it needs ffmpeg"), ("ffmpeg",)),
    (errors.NoRunInside(Path("o.png")), ("o.png", "settings")),
    (errors.NoRunInside(Path("o.png"), "cut short"), ("o.png", "cut short")),
    (errors.Interrupted(), ()),
)


def declared(cls: type[errors.DiffvizError] = errors.DiffvizError) -> Iterator[type[errors.DiffvizError]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from declared(sub)


def test_every_declared_error_has_an_example_here() -> None:
    known = {cls for cls in declared() if cls.__module__ == errors.__name__}
    assert {type(error) for error, _ in EXAMPLES} == known


@pytest.mark.parametrize(("error", "parts"), EXAMPLES, ids=lambda v: type(v).__name__)
def test_an_error_is_one_sentence_with_its_data(error: errors.DiffvizError, parts: tuple[str, ...]) -> None:
    text = sentence(error)
    assert text.endswith(".")
    assert not text.endswith("..")
    assert "\n" not in text
    assert "unexpected" not in text
    for part in parts:
        assert part in text


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "not allowed"),
        (errno.EROFS, "not allowed"),
        (errno.ENOENT, "no such file"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_errors_of_the_system_name_the_file_and_what_to_do(code: int, part: str) -> None:
    text = sentence(OSError(code, os.strerror(code), "/some/file"))
    assert part in text
    assert "/some/file" in text
    assert text.endswith(".")


def test_what_nobody_foresaw_is_named_by_type_and_first_line() -> None:
    text = sentence(RuntimeError("mat1 and mat2 do not fit.\nmore"))
    assert "RuntimeError" in text
    assert "mat1 and mat2 do not fit)" in text
    assert sentence(ValueError()).endswith(".")


def test_an_error_that_brings_its_own_sentence_keeps_it() -> None:
    class Said(errors.DiffvizError):
        """Its text says why."""

    assert sentence(Said("--data is needed.")) == "--data is needed."


def test_running_out_of_memory_says_what_to_reduce() -> None:
    assert "fewer samples" in sentence(MemoryError())


def test_what_is_wrong_with_a_card_is_said_in_the_language_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card without a noise schedule: our own check is translated, and no exception's name is shown."""
    (tmp_path / "card.json").write_text('{"name": "Toy", "family": "diffusion", "shape": [1, 8, 8]}', encoding="utf-8")
    with pytest.raises(errors.ModelDamaged) as damaged:
        read_card(tmp_path)
    said = "a diffusion model has a noise schedule"
    assert said in sentence(damaged.value)

    class Other(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper() if message == said else message

    monkeypatch.setattr(text, "_current", Other())
    assert said.upper() in sentence(damaged.value)


@pytest.mark.parametrize(("card", "said"), [("{}", "does not say “name”"), ("{", "is not JSON")])
def test_a_card_that_lacks_something_says_what(tmp_path: Path, card: str, said: str) -> None:
    (tmp_path / "card.json").write_text(card, encoding="utf-8")
    with pytest.raises(errors.ModelDamaged) as damaged:
        read_card(tmp_path)
    assert said in sentence(damaged.value)
    assert "Error" not in sentence(damaged.value)


@pytest.mark.parametrize("found", ["x" * 100_000, "\x1b[2Jgone", "\u202eexe.gnp", os.fsdecode(b"\xff.png"), "a\x00b"])
def test_what_a_file_says_cannot_flood_or_steer_a_terminal(found: str) -> None:
    for error in (
        errors.ModelDamaged(Path("w"), found),
        errors.NotAChoice("prediction", found, ("eps", "v")),
        errors.ModelNotFound(found),
        ValueError(found),
    ):
        said = sentence(error)
        assert len(said) < 2000
        assert not set(said) & set("\x1b\x00\u202e\udcff")
        said.encode()
