"""Every reader of files, over the whole table of hostile values: nothing but its named error leaves it."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PySide6.QtCore import QSettings
from safetensors.numpy import save as save_tensors

from diffviz.domain import gan, likelihoods, planar, samples, sampling
from diffviz.domain.cards import find_cards, read_card
from diffviz.domain.errors import DataUnsuitable, DiffvizError, FileTooNew, ModelDamaged, NoRunInside
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import GanRequest
from diffviz.domain.provenance import encoded
from diffviz.domain.sentences import sentence
from diffviz.domain.serialization import LARGEST, decode, encode
from diffviz.domain.tagged import TAGS, from_json, to_json
from diffviz.domain.training import TrainDiffusion
from diffviz.engine.families.gan_data import source_of
from diffviz.engine.families.gan_trainer import Trainer
from diffviz.engine.training_state import read_metadata
from diffviz.export import archive
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.export.reading import has_record, read_record
from diffviz.session.preferences import DEFAULTS, Preferences
from diffviz.ui.labs.vae.blur import BlurRow, finding
from diffviz.ui.window.model_picker import describe, details
from tests.export.runs import about_run
from tests.hostile import damaged
from tests.toys import save_vae

Reader = Callable[[bytes], object]


def record_json() -> dict[str, Any]:
    record = about_run().record
    assert record is not None
    return json.loads(encoded(record))  # type: ignore[no-any-return]


def session_json(folder: Path) -> dict[str, Any]:
    record = about_run().record
    assert record is not None
    runs = (SavedRun(record, "lab", "finished", None, (), (), "First"), SavedRun(record, "lab", "finished", 0))
    archive.write(SavedSession(runs, 1, 3.0, 0), folder / "good.diffviz")
    with zipfile.ZipFile(folder / "good.diffviz") as file:
        return json.loads(file.read("diffviz.json"))  # type: ignore[no-any-return]


def read_whole_card(path: Path) -> None:
    """The card, and what the window makes of it before anything else."""
    card = read_card(path.parent)
    assert describe(card)
    assert details(card)
    assert finding([card, card]) is not None
    assert card.pixels


def refused(reader: Reader, data: bytes, named: type[Exception]) -> str:
    """Read `data`; what is wrong with it, empty where it could be read."""
    try:
        reader(data)
    except (named, FileTooNew) as error:
        said = sentence(error) if isinstance(error, DiffvizError) else str(error).partition("\n")[0]
        assert said
        assert "\n" not in said
        assert len(said) < 1000
        return said
    return ""


def of_file(path: Path, reader: Callable[[Path], object], write: Callable[[bytes], bytes] = bytes) -> Reader:
    """`reader` of a file at `path` with JSON inside, which `write` packs, as a reader of that JSON."""

    def read(data: bytes) -> object:
        path.write_bytes(write(data))
        return reader(path)

    return read


def sweep(good: Any, reader: Reader, named: type[Exception]) -> None:
    """Hold `reader` against every damage of `good`; each must be read or refused by `named`."""
    assert refused(reader, json.dumps(good).encode(), named) == ""
    wrong = 0
    for what, data in damaged(good):
        try:
            wrong += bool(refused(reader, data, named))
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} where {what}") from error
    assert wrong > 100


def test_cards(tmp_path: Path) -> None:
    good = json.loads((save_vae(tmp_path, "toy").folder / "card.json").read_text())
    numbers = {"prior_mean": 0.5, "prior_sample": 0.5, "floor": 0.1}
    good["quality"] = {"sharpness": numbers, "frechet": numbers, "elbo": {"of": "bits", "bits_per_dimension": 1.0}}
    good["training"] = {"images_seen": 5, "seconds": 1.0}
    sweep(good, of_file(tmp_path / "card.json", read_whole_card), ModelDamaged)


def test_descriptions_of_data_sets(tmp_path: Path) -> None:
    good = {"name": "a", "classes": ["b"], "source": "c", "licence": "d", "counts": {"train": 1}, "shape": [1, 2, 2]}
    sweep(good, of_file(tmp_path / "dataset.json", samples.read_info), DataUnsuitable)


def in_table(data: bytes) -> bytes:
    return b"# diffviz: " + data + b"\n"


def test_records(tmp_path: Path) -> None:
    good = record_json()
    good["request"] = {name: good["request"][name] for name in ("type", "start", "seed")}
    sweep(good, of_file(tmp_path / "a.csv", read_record, in_table), NoRunInside)
    assert has_record(tmp_path / "a.csv")


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("diffviz.json", data)
    return buffer.getvalue()


def test_sessions(tmp_path: Path) -> None:
    good = session_json(tmp_path)
    del good["request"]
    for run in good["session"]["runs"]:
        run["record"] = {"request": {"type": "ReverseRequest", "model": "toy"}}
    sweep(good, of_file(tmp_path / "a.diffviz", archive.read, zipped), NoRunInside)


def checkpoint(about: dict[str, str]) -> bytes:
    return save_tensors({}, about)


def test_checkpoints() -> None:
    counters = {"seen": 1, "steps": 2, "seconds": 3.0, "target": 4, "origin": {}}
    request = to_json(TrainDiffusion(data="d"))
    header = {"__metadata__": {"counters": encode(counters), "request": encode(request)}}

    def counting(data: bytes) -> bytes:
        return checkpoint({"counters": data.decode("latin-1"), "request": encode(request)})

    def asking(data: bytes) -> bytes:
        return checkpoint({"counters": encode(counters), "request": data.decode("latin-1")})

    def headed(data: bytes) -> bytes:
        return len(data).to_bytes(8, "little") + data

    sweep(counters, lambda data: read_metadata(counting(data)), ValueError)
    sweep(request, lambda data: read_metadata(asking(data)), ValueError)
    sweep(header, lambda data: read_metadata(headed(data)), ValueError)


def test_trainings_of_gans() -> None:
    request = GanRequest(steps=2)
    trainer = Trainer(request, source_of(request), torch.device("cpu"))
    for _, data in damaged([[1.0], [2.0]]):
        about = {"format": "diffviz gan 1", "position": "[1.0, 2]", "losses": data.decode("latin-1")}
        with pytest.raises(ValueError, match="not a checkpoint"):  # it has no tensors besides
            trainer.restore(Checkpoint(1.0, checkpoint(about)))


NEWER = (
    pytest.param("card.json", bytes, read_whole_card, "version", id="a card"),
    pytest.param("a.csv", in_table, read_record, "diffviz", id="a record"),
    pytest.param("a.diffviz", zipped, archive.read, "diffviz", id="a session"),
)


@pytest.mark.parametrize(("name", "write", "reader", "key"), NEWER)
def test_a_newer_version_is_said_in_one_sentence(
    tmp_path: Path, name: str, write: Callable[[bytes], bytes], reader: Callable[[Path], object], key: str
) -> None:
    path = tmp_path / name
    path.write_bytes(write(json.dumps({key: 999}).encode()))
    with pytest.raises(FileTooNew) as found:
        reader(path)
    assert sentence(found.value).startswith(f"{path} was written by a newer diffviz (format 999")


def test_a_newer_checkpoint_is_said_in_the_same_sentence() -> None:
    with pytest.raises(ValueError, match=r"newer diffviz \(format 7; this one reads up to 1\)"):
        read_metadata(checkpoint({"format": "diffviz training 7"}))


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "card.json")
    with pytest.raises(ModelDamaged, match=r".*"):
        read_card(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "card.json").mkdir()
    with pytest.raises(ModelDamaged, match=r".*"):
        read_card(tmp_path / "other")


def test_what_is_larger_than_any_file_of_its_kind_is_not_read(tmp_path: Path) -> None:
    for name in ("card.json", "dataset.json"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(50 << 20)
    with pytest.raises(ModelDamaged, match=r"1 MB"):
        read_card(tmp_path)
    with pytest.raises(DataUnsuitable, match=r"1 MB"):
        samples.read_info(tmp_path / "dataset.json")
    with pytest.raises(ValueError, match="64 MB"):
        decode(bytes(LARGEST + 1))


@pytest.mark.parametrize("name", ["\x1b[2J", "line\nbreak", "ideal-fashion", "half \udcff"])
def test_a_folder_whose_name_cannot_be_a_models(tmp_path: Path, name: str) -> None:
    save_vae(tmp_path, "toy").folder.rename(tmp_path / name)
    cards, damaged_ = find_cards([tmp_path])
    assert (list(cards), list(damaged_)) == ([], [name])


def test_what_is_not_finite_is_null_and_the_rest_is_kept() -> None:
    assert decode('{"NaN": [NaN, -Infinity, 1.5, "Infinity NaN"]}') == {"NaN": [None, None, 1.5, "Infinity NaN"]}
    assert encode([float("nan"), "é\udcff"]) == '[null,"\\u00e9?"]'
    assert decode(b'\xef\xbb\xbf{"a": 0.12345678901234567890123}') == {"a": 0.12345678901234568}


def test_tags_stay_as_files_have_them_and_every_class_has_one() -> None:
    tables = gan.DATA, planar.PLANAR_DATA, sampling.SAMPLERS, sampling.PROCESSES, likelihoods.LIKELIHOODS
    assert {cls for table in tables for cls in table.values()} <= set(TAGS.values())
    for tag, cls in TAGS.items():
        if tag not in ("Image", "Step"):
            assert to_json(cls())["type"] == tag
            assert from_json(to_json(cls())) == cls()


SETTINGS = {
    "--5": b"--5",
    "4,000 digits": b"9" * 4000,
    "other digits": "٣٤٥".encode(),
    "a list": b"1, 2, 3",
    "bytes": b"@ByteArray(ab\\0\\xff)",
    "nothing": b"@Invalid()",
    "a rectangle": b"@Rect(1 2 3 4)",
    "an escaped at": b"\\x40Rect(1 2 3 4)",
    "an octal at": b"\\100Rect(1 2 3 4)",
    "a quoted at": b'"@Re""ct(1 2 3 4)"',
    "an at after a space": b"  @Rect(1 2 3 4)",
    "an at in a list": b"a, @Rect(1 2 3 4)",
    "an unknown escape": b"@Re\\qct(1 2 3 4)",
    "a line that goes on": b"@Re\\\nct(1 2 3 4)",
    "NUL": b"a\\0b",
    "an escape of a terminal": b"\\x1b[2J",
    "a quote without end": b'"a',
    "not UTF-8": b"\xff\xfe",
    "a long text": b"x" * 100_000,
    "1e400": b"1e400",
}


@pytest.mark.parametrize("value", SETTINGS.values(), ids=SETTINGS.keys())
def test_settings(tmp_path: Path, value: bytes, qapp: object) -> None:
    for name, default in DEFAULTS.items():
        path = tmp_path / f"{name}.ini"
        path.write_bytes(b"[General]\n%s=%s\n[layout]\nwindow=%s\n" % (name.encode(), value, value))
        preferences = Preferences(path)
        found = preferences[name]
        assert type(found) is type(default)
        assert "Rect" not in str(found)
        assert found == default or name not in preferences.set_aside
        assert found != default or preferences.set_aside
        assert preferences.layout("window") is None or value.startswith(b"@ByteArray")
        preferences[name] = default
        preferences.save()


def test_nothing_in_the_settings_is_unpickled(tmp_path: Path, qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    class Runs:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return print, ("it has run",)

    written = QSettings(str(tmp_path / "written.ini"), QSettings.Format.IniFormat)
    written.setValue("model", Runs())
    written.setValue("layout/window", Runs())
    written.sync()
    path = tmp_path / "diffviz.ini"
    path.write_bytes((tmp_path / "written.ini").read_bytes())
    assert b"Variant" in path.read_bytes()
    preferences = Preferences(path)
    assert (preferences["model"], preferences.layout("window")) == ("", None)
    assert preferences.set_aside == ("model", "window")
    assert "it has run" not in capsys.readouterr().out
    assert b"Variant" in (tmp_path / "diffviz.ini.set-aside").read_bytes()


def test_what_the_program_writes_is_found_again(tmp_path: Path, qapp: object) -> None:
    texts = ["/home/a@b/x y", "@lead", "one\ntwo, three;four=5", "한글 (3)", 'q"uote', "C:\\Users\\x", "#;x", " lead"]
    preferences = Preferences(tmp_path / "a.ini")
    for text in texts:
        preferences["recent"] = text
        preferences.save()
        (tmp_path / "b.ini").write_bytes((tmp_path / "a.ini").read_bytes())
        again = Preferences(tmp_path / "b.ini")
        assert (again["recent"], again.set_aside, again.newer) == (text, (), None)
        (tmp_path / "b.ini").unlink()


def test_settings_of_a_newer_version_are_kept_beside(tmp_path: Path, qapp: object) -> None:
    path = tmp_path / "diffviz.ini"
    path.write_text("[General]\nformat=4\ntheme=sepia\n")
    preferences = Preferences(path)
    assert preferences.newer is not None
    assert "newer diffviz (format 4" in sentence(preferences.newer)
    assert "sepia" in (tmp_path / "diffviz.ini.set-aside").read_text()
    assert preferences["theme"] == ""


def test_the_figures_of_a_card_can_be_missing(qapp: object, tmp_path: Path) -> None:
    card = save_vae(tmp_path, "toy")
    assert BlurRow(card).figures["frechet"].text()
