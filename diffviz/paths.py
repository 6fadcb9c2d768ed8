"""Where things are: data that ships with the program, and a person's own folders.

Data is found in a checkout, in an installed wheel and in a frozen bundle by one function, `data_root`.
`DIFFVIZ_HOME` moves a person's folders elsewhere.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import PlatformDirs
from platformdirs.api import PlatformDirsABC

NAME = "diffviz"

# What a local socket's address (at most 104 bytes on some systems) leaves for the folder that it is in.
SOCKET_FOLDER = 72


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Let the variable `name` be `value` meanwhile; what this process starts then inherits it."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def home() -> Path | None:
    """A person's home folder; None where the system knows of none."""
    try:
        return Path.home()
    except RuntimeError:  # HOME is not set, and the user is in no list of users
        return None


def homeless() -> bool:
    """Whether there is nowhere to keep a person's own things: no home folder, and no DIFFVIZ_HOME."""
    return home() is None and not os.environ.get("DIFFVIZ_HOME")


def bundled() -> bool:
    """Whether this is the standalone program, to which pip can add nothing."""
    return hasattr(sys, "_MEIPASS")


def data_root() -> Path:
    """Folder that holds `resources/` and `models/`."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        return Path(frozen)
    package = Path(__file__).resolve().parent
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent


def resources() -> Path:
    """Icons, fonts, translations and sample data."""
    return data_root() / "resources"


def models() -> Path:
    """Models that ship with the program."""
    return data_root() / "models"


def user_models() -> Path:
    """A person's own models."""
    return data_home() / "models"


def model_roots() -> tuple[Path, Path]:
    """All folders of models; a person's own come first."""
    return user_models(), models()


def data_home() -> Path:
    """A person's data."""
    return _own("data") or _dirs().user_data_path


def config_home() -> Path:
    """A person's settings."""
    return _own("config") or _dirs().user_preference_path


def cache_home() -> Path:
    """What may be deleted at any time."""
    return _own("cache") or _dirs().user_cache_path


def recovery_home() -> Path:
    """Runs of windows that are open, and of those that ended without a word."""
    return data_home() / "recovery"


def log_file() -> Path:
    """What went wrong in the window, and what there was of it before."""
    return data_home() / "log" / "diffviz.log"


def windows_home() -> Path:
    """Where the windows of one person on one desktop are found by a program that is started again."""
    desktop = (str(data_home()), *(os.environ.get(name, "") for name in ("WAYLAND_DISPLAY", "DISPLAY")))
    name = f"diffviz-{hashlib.sha256(chr(0).join(desktop).encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    if sys.platform == "win32":
        return cache_home() / name
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute() and runtime.is_dir() and len(os.fsencode(runtime / name)) <= SOCKET_FOLDER:
        return runtime / name
    return Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"


def exists(path: Path) -> bool:
    """Whether `path` is there and may be looked at; False as well for a name that no file can have."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _own(kind: str) -> Path | None:
    home = os.environ.get("DIFFVIZ_HOME")
    return Path(home) / kind if home else None


def _dirs() -> PlatformDirsABC:
    return PlatformDirs(NAME, appauthor=False, roaming=True)
