"""The model catalogue: folders that are watched, half-written ones, same names, and what was opened elsewhere."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.cards import model_folder
from diffviz.domain.errors import ModelDamaged, ModelRefused
from diffviz.session.catalogue import Catalogue, CatalogueChange
from tests import foreign_folders

GOOD = {
    "version": 1,
    "name": "Toy",
    "family": "diffusion",
    "shape": [1, 12, 12],
    "prediction": "v",
    "schedule": {"name": "cosine", "timesteps": 100, "s": 0.008},
    "architecture": {"net": "unet"},
    "weights": {"file": "weights.safetensors", "sha256": "1"},
}


def card_text(sha256: str = "1", **changes: Any) -> str:
    return json.dumps(GOOD | {"weights": {"file": "weights.safetensors", "sha256": sha256}} | changes)


def save(folder: Path, sha256: str = "1", **changes: Any) -> Path:
    """A model's folder: weights, then the card, as trainings write them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.safetensors").write_bytes(sha256.encode())
    (folder / "card.json").write_text(card_text(sha256, **changes))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data" / "models"


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., Catalogue]]:
    made: list[Catalogue] = []

    def catalogue(*roots: Path, opened: tuple[Path, ...] = ()) -> Catalogue:
        made.append(Catalogue(roots, opened))
        return made[-1]

    yield catalogue
    for one in made:
        one.close()


def own(catalogue: Catalogue) -> dict[str, str]:
    """Checksums of the models by id, without the ideal denoisers."""
    return {name: card.sha256 for name, card in catalogue.cards.items() if not name.startswith("ideal-")}


def change_of(qtbot: QtBot, catalogue: Catalogue, act: Callable[[], object]) -> CatalogueChange:
    with qtbot.waitSignal(catalogue.changed) as found:
        act()
    [change] = found.args
    assert isinstance(change, CatalogueChange)
    return change


def names(change: CatalogueChange) -> tuple[list[str], list[str], list[str]]:
    return [c.id for c in change.came], [c.id for c in change.went], [c.id for c in change.renewed]


def test_models_come_change_and_go(qtbot: QtBot, make: Callable[..., Catalogue], root: Path) -> None:
    catalogue = make(root)
    assert own(catalogue) == {}, "the folder of models is not there yet"
    assert names(change_of(qtbot, catalogue, lambda: save(root / "toy"))) == (["toy"], [], [])
    assert names(change_of(qtbot, catalogue, lambda: save(root / "toy", "2"))) == ([], [], ["toy"])
    assert own(catalogue) == {"toy": "2"}
    assert names(change_of(qtbot, catalogue, lambda: shutil.rmtree(root / "toy"))) == ([], ["toy"], [])
    assert own(catalogue) == {}
    assert names(change_of(qtbot, catalogue, lambda: save(root / "other"))) == (["other"], [], [])


def test_what_is_being_written_is_not_taken(qtbot: QtBot, make: Callable[..., Catalogue], root: Path) -> None:
    catalogue = make(root)
    folder = root / "toy"
    folder.mkdir(parents=True)
    with qtbot.assertNotEmitted(catalogue.changed, wait=900):
        (folder / "weights.safetensors").write_bytes(b"1")
    (folder / "card.json").write_text(card_text()[:40])
    catalogue._look()
    (folder / "card.json").write_text(card_text())
    change = change_of(qtbot, catalogue, lambda: None)
    assert (names(change), change.wrong) == ((["toy"], [], []), ()), "the half of a card was never looked into"


def test_a_model_of_another_program_is_followed_into_its_folders(
    qtbot: QtBot, make: Callable[..., Catalogue], tmp_path: Path
) -> None:
    folder = foreign_folders.pipeline(tmp_path / "tiny")
    catalogue = make()
    card = catalogue.open(folder)
    assert (card.id, len(card.sha256), list(own(catalogue))) == ("tiny", 64, ["tiny"])
    other = foreign_folders.stored({"conv_in.bias": foreign_folders.TENSOR}, b"\1" * 8)
    change = change_of(qtbot, catalogue, lambda: (folder / foreign_folders.WEIGHTS).write_bytes(other))
    assert names(change) == ([], [], ["tiny"])
    wrong = change_of(qtbot, catalogue, lambda: (folder / foreign_folders.NETWORK).write_text("{}"))
    assert [type(error) for error in wrong.wrong] == [ModelRefused]


def test_a_card_that_stays_damaged_is_said_and_hides_nothing(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path
) -> None:
    catalogue = make(save(root / "good").parent)
    (root / "bad").mkdir()
    change = change_of(qtbot, catalogue, lambda: (root / "bad" / "card.json").write_text("{"))
    assert [type(error) for error in change.wrong] == [ModelDamaged]
    assert (own(catalogue), list(catalogue.damaged)) == ({"good": "1"}, ["bad"])
    change = change_of(qtbot, catalogue, lambda: save(root / "bad"))
    assert (names(change), catalogue.damaged) == ((["bad"], [], []), {})


def test_a_model_whose_card_gets_damaged_cannot_be_used(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path
) -> None:
    catalogue = make(save(root / "toy").parent)
    change = change_of(qtbot, catalogue, lambda: (root / "toy" / "card.json").write_text("nonsense"))
    assert names(change) == ([], ["toy"], [])
    assert len(change.wrong) == 1


def test_the_earlier_of_two_folders_counts(qtbot: QtBot, make: Callable[..., Catalogue], tmp_path: Path) -> None:
    mine, theirs = save(tmp_path / "mine" / "toy", "m").parent, save(tmp_path / "theirs" / "toy", "t").parent
    catalogue = make(mine, theirs)
    assert own(catalogue) == {"toy": "m"}
    change_of(qtbot, catalogue, lambda: shutil.rmtree(mine / "toy"))
    assert own(catalogue) == {"toy (theirs)": "t"}, "the id stands for one network as long as the program runs"
    assert own(make(mine, theirs)) == {"toy": "t"}


def test_two_that_are_called_the_same_are_two(make: Callable[..., Catalogue], root: Path, tmp_path: Path) -> None:
    catalogue = make(save(root / "toy").parent)
    a, b = save(tmp_path / "a" / "toy", "a"), save(tmp_path / "b" / "toy", "b")
    assert catalogue.open(a).id == "toy (a)"
    assert catalogue.open(b).id == "toy (b)"
    assert catalogue.open(a).id == "toy (a)", "opened once more it is the same"
    assert own(catalogue) == {"toy": "1", "toy (a)": "a", "toy (b)": "b"}
    assert catalogue.open(root / "toy").id == "toy"
    assert catalogue.opened == (a, b), "one that is listed anyway is not kept"
    assert own(make(root, opened=catalogue.opened)) == own(catalogue)


def test_another_network_in_the_same_place_is_another_model(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path
) -> None:
    catalogue = make(save(root / "toy").parent)
    change_of(qtbot, catalogue, lambda: shutil.rmtree(root / "toy"))
    change = change_of(qtbot, catalogue, lambda: save(root / "toy", "2", shape=[1, 28, 28]))
    assert names(change) == (["toy (models)"], [], []), "runs of the first one are not read as its own"


def test_one_that_was_moved_is_the_same_and_lost_ones_are_known(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path, tmp_path: Path
) -> None:
    catalogue = make(root)
    first = save(tmp_path / "a" / "toy")
    catalogue.open(first)
    change_of(qtbot, catalogue, lambda: shutil.move(first, tmp_path / "moved"))
    assert (own(catalogue), catalogue.lost) == ({}, (first,))
    (tmp_path / "b").mkdir()
    moved = Path(shutil.move(tmp_path / "moved", tmp_path / "b" / "toy"))
    assert catalogue.open(moved).id == "toy"
    catalogue.forget(first)
    assert (catalogue.opened, catalogue.lost) == ((moved,), ())
    later = make(root, opened=(first, moved))
    assert (own(later), later.damaged, later.lost) == ({"toy": "1"}, {}, (first,))


def test_a_closed_one_looks_no_more(qtbot: QtBot, make: Callable[..., Catalogue], root: Path) -> None:
    catalogue = make(root)
    catalogue.close()
    with qtbot.assertNotEmitted(catalogue.changed, wait=900):
        save(root / "toy")
        catalogue.look_soon()


def test_what_is_no_model_is_not_opened(make: Callable[..., Catalogue], root: Path, tmp_path: Path) -> None:
    catalogue = make(root)
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelDamaged):
            catalogue.open(folder)
    assert catalogue.opened == ()


def unsigned(folder: Path, weights: bytes) -> Path:
    """A model whose card names no checksum."""
    save(folder)
    (folder / "card.json").write_text(json.dumps(GOOD | {"weights": {"file": "weights.safetensors"}}))
    (folder / "weights.safetensors").write_bytes(weights)
    return folder


def test_other_weights_under_a_card_without_a_checksum_are_another_network(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path
) -> None:
    catalogue = make(unsigned(root / "toy", b"one").parent)
    assert own(catalogue) == {"toy": hashlib.sha256(b"one").hexdigest()}, "runs name what they are computed with"
    change = change_of(qtbot, catalogue, lambda: (root / "toy" / "weights.safetensors").write_bytes(b"two"))
    assert names(change) == ([], [], ["toy"])
    assert own(catalogue) == {"toy": hashlib.sha256(b"two").hexdigest()}


def test_weights_that_are_no_longer_those_of_their_card_are_said_at_once(
    qtbot: QtBot, make: Callable[..., Catalogue], root: Path
) -> None:
    catalogue = make(save(root / "toy", hashlib.sha256(b"one").hexdigest()).parent)
    change = change_of(qtbot, catalogue, lambda: (root / "toy" / "weights.safetensors").write_bytes(b"cut"))
    assert names(change) == ([], ["toy"], [])
    [error] = change.wrong
    assert isinstance(error, ModelDamaged)
    assert "checksum" in error.reason
    change = change_of(qtbot, catalogue, lambda: (root / "toy" / "weights.safetensors").write_bytes(b"one"))
    assert (names(change), catalogue.damaged) == ((["toy"], [], []), {})


def test_files_that_were_written_again_are_read_again(qtbot: QtBot, make: Callable[..., Catalogue], root: Path) -> None:
    catalogue = make(save(root / "toy").parent)
    assert names(change_of(qtbot, catalogue, lambda: save(root / "toy"))) == ([], [], ["toy"])


def test_names_that_no_folder_can_have_are_said_as_any_other(
    make: Callable[..., Catalogue], root: Path, tmp_path: Path
) -> None:
    catalogue = make(root)
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "loop", Path("a\0b"), tmp_path / ("x" * 300)):
        assert model_folder(path) is None
        with pytest.raises(ModelDamaged):
            catalogue.open(path)


def test_a_name_that_turns_text_around_is_shown_by_number(make: Callable[..., Catalogue], root: Path) -> None:
    catalogue = make(save(root / "a\u202eb").parent)
    assert list(own(catalogue)) == ["a<U+202E>b"]
    assert catalogue.cards["a<U+202E>b"].folder == root / "a\u202eb"
