"""Files are read and nothing else: what would be waited for, and what has no end, is refused in a sentence at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from diffviz.domain.errors import DataUnsuitable, DiffvizError, ImageUnreadable, ModelDamaged, NoRunInside
from diffviz.domain.sentences import sentence
from diffviz.domain.serialization import opened, read_bytes
from diffviz.engine import datasets
from diffviz.engine.datasets import idx, npz
from diffviz.engine.zoo import load_net
from diffviz.export import archive
from diffviz.export.reading import has_record, read_record
from diffviz.imaging import is_picture, read_picture
from tests.toys import save_diffusion

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="has no such files"), pytest.mark.timeout(20)]
ZERO = Path("/dev/zero")
READERS = (
    pytest.param("f.png", read_record, NoRunInside, id="a record"),
    pytest.param("f.diffviz", archive.read, NoRunInside, id="a session"),
    pytest.param("f.png", read_picture, ImageUnreadable, id="a picture"),
    pytest.param("f.npz", npz.members_of, DataUnsuitable, id="arrays"),
    pytest.param("f.npy", npz.members_of, DataUnsuitable, id="an array"),
    pytest.param("f-idx3-ubyte", idx.read_idx, DataUnsuitable, id="IDX"),
    pytest.param("f.gz", idx.read_idx, DataUnsuitable, id="packed IDX"),
    pytest.param("f", datasets.load, DataUnsuitable, id="data"),
)


@pytest.mark.parametrize(("name", "read", "named"), READERS)
def test_a_reader_says_what_is_no_file(
    tmp_path: Path, name: str, read: Callable[[Path], object], named: type[DiffvizError]
) -> None:
    os.mkfifo(tmp_path / name)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / name).symlink_to(ZERO)
    absent = [tmp_path / ("x" * 300 + name), tmp_path / f"x\0{name}"]
    for path in (tmp_path / name, tmp_path / "link" / name, *absent):
        with pytest.raises(named) as refused:
            read(path)
        said = sentence(refused.value)
        assert "embedded" not in said
        assert "Error" not in said
    assert not has_record(tmp_path / name)


def test_a_pipe_whose_name_says_nothing_is_no_picture(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")
    assert not is_picture(tmp_path / "f")


def test_a_file_is_what_it_holds_and_a_link_to_it_too(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("f")
    with opened(tmp_path / "link") as file:
        assert file.read() == b"abc"
    assert read_bytes(tmp_path / "f", 3) == b"abc"
    with pytest.raises(ValueError, match="larger"):
        read_bytes(tmp_path / "f", 2)


def test_sockets_folders_and_names_of_no_file_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        with pytest.raises(OSError, match="not an ordinary file"):
            opened(Path("s"))
    with pytest.raises(IsADirectoryError):
        opened(tmp_path)
    with pytest.raises(OSError, match="no file can have such a name"):
        opened(Path("a\0b"))
    with pytest.raises(FileNotFoundError):
        opened(Path("absent"))


def test_weights_are_a_file_of_the_networks_size(tmp_path: Path) -> None:
    card = save_diffusion(tmp_path)
    weights = card.folder / card.weights
    good = weights.read_bytes()

    def refused() -> str:
        with pytest.raises(ModelDamaged) as damaged:
            load_net(card)
        return sentence(damaged.value)

    weights.unlink()
    os.mkfifo(weights)
    assert "ordinary file" in refused()
    weights.unlink()
    weights.symlink_to(ZERO)
    assert "ordinary file" in refused()
    weights.unlink()
    with weights.open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than" in refused()
    weights.unlink()
    (tmp_path / "elsewhere").write_bytes(good)
    weights.symlink_to(tmp_path / "elsewhere")
    assert load_net(card) is not None
