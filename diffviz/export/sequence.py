"""Numbered PNGs in a folder: frame_0000.png, frame_0001.png, …"""

from __future__ import annotations

from pathlib import Path

from diffviz.domain.atomic import replacing_folder, write_synced
from diffviz.domain.export import ExportSettings
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.metadata import text_of
from diffviz.export.png import encoded, tagged
from diffviz.export.progress import Progress

DIGITS = 4
MOST_TEXT = 1 << 16


def write_sequence(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` into the folder `path`, in their order.

    Every file carries the record; a large one (pictures of one's own) only the first.
    """
    total, text = len(pictures), text_of(pictures.about, settings)
    digits = max(DIGITS, len(str(total - 1)))
    with replacing_folder(path) as folder:
        progress(0, total)
        for i, picture in enumerate(pictures):
            tag = text if i == 0 or len(text) <= MOST_TEXT else ""
            write_synced(folder / f"frame_{i:0{digits}}.png", tagged(encoded(picture), tag))
            progress(i + 1, total)
