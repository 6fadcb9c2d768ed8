"""A person's folders that may not be written, and what is therefore not kept."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from diffviz import paths
from diffviz.domain.text import tr
from diffviz.log import without_home


def writable(folder: Path) -> bool:
    """Whether files can be written into `folder`, which is made where it is missing: not on a full disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(b"diffviz\n" * 512) > 0
    except OSError:
        return False


def frames_home() -> Path:
    """Folder for frames that do not fit into memory: in the cache, or where all temporary files go."""
    own = paths.cache_home() / "frames"
    return own if writable(own.parent) else Path(tempfile.gettempdir())


def what_is_not_kept(*, settings: bool, log: bool) -> str:
    """One sentence on what is not kept from this start to the next; empty where everything is.

    `settings` and `log` say whether those two can be written: who writes them has found out.
    """
    recovery, cache = paths.recovery_home(), paths.cache_home()
    places: Sequence[tuple[str, Path, bool]] = (
        (tr("settings"), paths.config_home(), settings),
        (tr("the log of errors"), paths.log_file().parent, log),
        (tr("runs in case of a crash"), recovery, writable(recovery)),
        (tr("frames on disk, which go to the folder for temporary files"), cache, writable(cache)),
    )
    lost = [f"{what} ({without_home(str(folder))})" for what, folder, is_kept in places if not is_kept]
    text = tr("Some folders cannot be written, so this is not kept: {list}.")
    return text.format(list=", ".join(lost)) if lost else ""
