"""Names exchanged in one step: both folders are there afterwards, or nothing has changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from diffviz.domain.atomic import exchanged


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="this system has no such step")
def test_two_folders_exchange_their_names(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "ᾱ"
    for folder in (one, other):
        folder.mkdir()
        (folder / "file").write_text(folder.name, encoding="utf-8")
    assert exchanged(one, other)
    assert ((one / "file").read_text(encoding="utf-8"), (other / "file").read_text(encoding="utf-8")) == ("ᾱ", "one")


def test_a_name_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    assert not exchanged(tmp_path / "one", tmp_path / "none")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
