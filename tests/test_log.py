"""The log: a file that stays small, with `~` for the home folder, from which the last errors are read."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from diffviz import log
from diffviz.log import Log, last_errors

logger = logging.getLogger("diffviz.test")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Log]:
    one = Log(tmp_path / "log" / "diffviz.log")
    yield one
    one.close()


def fail(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logger.exception("A run failed")


def test_errors_are_found_with_their_tracebacks(kept: Log, tmp_path: Path) -> None:
    logger.info("opened")
    fail("first")
    logger.warning("nothing to worry about")
    fail("second")
    one, two = kept.last_errors()
    assert "A run failed" in one
    assert one.endswith("ValueError: first")
    assert "Traceback" in two
    assert "opened" not in one + two
    assert last_errors(tmp_path / "log" / "diffviz.log") == (one, two)


def test_the_home_folder_is_not_named(kept: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/somebody"))
    logger.error("cannot read /home/somebody/pictures/cat.png, /home/somebody2/x, /home/somebody")
    [error] = kept.last_errors()
    assert error.endswith("cannot read ~/pictures/cat.png, /home/somebody2/x, ~")


def test_the_file_stays_small(kept: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(40):
        logger.error("x" * (log.FILE_BYTES // 10))
    sizes = [path.stat().st_size for path in (tmp_path / "log").iterdir()]
    assert len(sizes) == 1 + log.FILES_BEFORE
    assert max(sizes) <= log.FILE_BYTES
    assert len(kept.last_errors()) <= log.MOST_ERRORS
    assert all(len(error) < log.ERROR_LENGTH + 100 for error in kept.last_errors())


def test_errors_before_a_rotation_are_still_found(kept: Log, tmp_path: Path) -> None:
    fail("before")
    for _ in range(3):
        logger.info("y" * (log.FILE_BYTES // 2))
    fail("after")
    assert [error.splitlines()[-1] for error in kept.last_errors()] == ["ValueError: before", "ValueError: after"]


def test_without_a_file_the_last_errors_are_remembered(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("not a folder")
    one = Log(tmp_path / "log" / "diffviz.log")
    fail("only in memory")
    assert not one.kept
    assert one.last_errors()[-1].endswith("ValueError: only in memory")
    one.close()
    fail("after the end")
    assert len(one.last_errors()) == 1


def test_a_full_disk_is_met_in_silence(
    kept: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    [handler] = [one for one in log.LOGGER.handlers if isinstance(one, log.FileHandler)]
    monkeypatch.setattr(handler.stream, "flush", full, raising=False)
    fail("with a full disk")
    fail("and again")
    assert not kept.kept
    assert [error.splitlines()[-1] for error in kept.last_errors()] == [
        "ValueError: with a full disk",
        "ValueError: and again",
    ]
    kept.close()
    assert capsys.readouterr().err == ""


def test_without_a_home_folder_paths_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert log.without_home("/home/somebody/x") == "/home/somebody/x"
