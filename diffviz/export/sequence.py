"""Numbered PNGs in a folder: frame_0000.png, frame_0001.png, …"""

from __future__ import annotations

from pathlib import Path

from diffviz.domain.export import ExportSettings
from diffviz.export.atomic import replacing_folder, write_synced
from diffviz.export.panes import Pictures
from diffviz.export.png import encoded
from diffviz.export.progress import Progress

DIGITS = 4


def write(pictures: Pictures, path: Path, _settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` into the folder `path`, in their order."""
    total = len(pictures)
    digits = max(DIGITS, len(str(total - 1)))
    with replacing_folder(path) as folder:
        progress(0, total)
        for i, picture in enumerate(pictures):
            write_synced(folder / f"frame_{i:0{digits}}.png", encoded(picture))
            progress(i + 1, total)
