"""What commands say of the file that they wrote."""

from __future__ import annotations

import sys
from pathlib import Path

from diffviz.domain.text import tr
from diffviz.ui.forms.quantities import size

LARGE = 50_000_000


def say_written(path: Path) -> None:
    """Say on stderr that `path` stands, and of a large file what it takes."""
    taken = bytes_of(path)
    text = tr("Written: {path} ({size})") if taken > LARGE else tr("Written: {path}")
    print(text.format(path=path, size=size(taken)), file=sys.stderr)


def bytes_of(path: Path) -> int:
    """What the file `path`, or the files in the folder `path`, take."""
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
