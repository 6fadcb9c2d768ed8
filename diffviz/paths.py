"""Where things are: data that ships with the program, and a person's own folders.

Data is found in a checkout, in an installed wheel and in a frozen bundle by one function, `data_root`. `DIFFVIZ_HOME`
moves a person's folders elsewhere.
"""

import os
import sys
from pathlib import Path


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
    return _home("data", "XDG_DATA_HOME", Path(".local/share"), "Application Support", "APPDATA")


def config_home() -> Path:
    """A person's settings."""
    return _home("config", "XDG_CONFIG_HOME", Path(".config"), "Preferences", "APPDATA")


def cache_home() -> Path:
    """What may be deleted at any time."""
    return _home("cache", "XDG_CACHE_HOME", Path(".cache"), "Caches", "LOCALAPPDATA")


def _home(kind: str, xdg: str, unix: Path, mac: str, windows: str) -> Path:
    if own := os.environ.get("DIFFVIZ_HOME"):
        return Path(own) / kind
    if sys.platform == "darwin":
        return Path.home() / "Library" / mac / "diffviz"
    if sys.platform == "win32":
        return Path(os.environ.get(windows, str(Path.home()))) / "diffviz"
    return Path(os.environ.get(xdg) or Path.home() / unix) / "diffviz"
