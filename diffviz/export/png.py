"""PNG of one picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from diffviz.domain.export import ExportSettings
from diffviz.export.atomic import replacing
from diffviz.export.panes import Pictures, Pixels
from diffviz.export.progress import Progress


def write(pictures: Pictures, path: Path, _settings: ExportSettings, progress: Progress) -> None:
    """Write the only one of `pictures` to `path`."""
    (picture,) = pictures
    with replacing(path) as file:
        progress(0, 1)
        file.write(encoded(picture))
        progress(1, 1)


def encoded(picture: Pixels) -> bytes:
    """`picture` as the bytes of a PNG file, without loss."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()
