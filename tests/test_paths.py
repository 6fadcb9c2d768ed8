"""Data is found in a checkout, in a wheel and in a frozen bundle; a person's folders follow the platform."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from platformdirs.api import PlatformDirsABC
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from diffviz import paths

CHECKOUT = Path(__file__).parents[1]


def test_a_checkout_has_its_data_beside_the_package() -> None:
    assert paths.data_root() == CHECKOUT
    assert (paths.resources() / "icons" / "diffviz.svg").is_file()
    assert paths.models() == CHECKOUT / "models"


def test_a_wheel_has_its_data_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diffviz" / "_data").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "diffviz" / "paths.py"))
    assert paths.resources() == tmp_path.resolve() / "diffviz" / "_data" / "resources"


def test_a_frozen_bundle_has_its_data_where_it_was_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / "resources"
    assert paths.models() == tmp_path / "models"


def test_diffviz_home_moves_a_persons_folders(home: Path) -> None:
    places = [paths.config_home(), paths.cache_home(), paths.data_home(), paths.user_models()]
    assert all(place.is_relative_to(home) for place in places)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("system", "config", "cache", "data"),
    [
        (Unix, ".config/diffviz", ".cache/diffviz", ".local/share/diffviz"),
        (MacOS, "Library/Preferences/diffviz", "Library/Caches/diffviz", "Library/Application Support/diffviz"),
        (Windows, "Roaming/diffviz", "Local/diffviz/Cache", "Roaming/diffviz"),
    ],
)
def test_places_follow_the_platform(
    system: type[PlatformDirsABC], config: str, cache: str, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DIFFVIZ_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    known = {"CSIDL_APPDATA": tmp_path / "Roaming", "CSIDL_LOCAL_APPDATA": tmp_path / "Local"}
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda name: str(known[name]))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(paths, "PlatformDirs", system)
    assert paths.config_home() == tmp_path / config
    assert paths.cache_home() == tmp_path / cache
    assert paths.data_home() == tmp_path / data


def test_xdg_folders_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIFFVIZ_HOME")
    monkeypatch.setattr(paths, "PlatformDirs", Unix)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert paths.cache_home() == tmp_path / "diffviz"


@pytest.mark.skipif(sys.platform == "win32", reason="local sockets of POSIX")
def test_a_runtime_folder_that_leaves_no_room_for_a_socket_s_address_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = Path(tempfile.mkdtemp(dir="/tmp")), tmp_path / ("n" * 100)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short))
    assert paths.windows_home().parent == short
    short.rmdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    assert paths.windows_home().parent == Path(tempfile.gettempdir())
