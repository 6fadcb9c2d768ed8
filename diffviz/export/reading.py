"""Records read back from exported files and folders, wherever other tools have moved them to inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from diffviz.domain.errors import NoRunInside
from diffviz.domain.provenance import Record, decoded
from diffviz.domain.regular_files import opened
from diffviz.domain.serialization import BROKEN, reading
from diffviz.domain.text import mark
from diffviz.export.containers import texts_of
from diffviz.export.metadata import CLOSING, NAME, OPENING

SUFFIXES = frozenset({".png", ".apng", ".gif", ".webp", ".jpg", ".jpeg", ".mp4", ".npz", ".csv", ".svg"})
MOST_FILES = 1 << 10
BARE = re.compile(rb'\{"diffviz"[\x20-\x7e]*')


def read_record(path: Path) -> Record:
    """The record in the exported file `path`, or in the first file of the folder `path` that has one.

    Raises `NoRunInside` where there is none, where what is there does not check, or where the files of a folder are of
    different runs, and `FileTooNew`.
    """
    with reading(path, NoRunInside):
        if path.is_dir():
            return _of_folder(path)
        text = _text(path)
        if text is None:
            raise NoRunInside(path)
        return decoded(text)


def has_record(path: Path) -> bool:
    """Whether `path` carries a record, good or not."""
    try:
        if path.is_dir():
            return any(map(has_record, _files(path)))
        return _text(path) is not None
    except (OSError, *BROKEN):
        return False


def record_in(data: bytes) -> bytes | None:
    """The text of the record in `data`: in the markup of XMP and SVG, or as it is up to what JSON does not have."""
    for opening, closing in ((OPENING, CLOSING), (f'{NAME}="', '"'), (f"{NAME}='", "'")):
        start = data.find(opening.encode())
        end = data.find(closing.encode(), start + len(opening))
        if start >= 0 and end >= 0:
            return unescape(data[start + len(opening) : end].decode("ascii", errors="replace")).strip().encode()
    found = BARE.search(data)
    return found[0] if found else None


def _text(path: Path) -> bytes | None:
    with opened(path) as file:
        return next((text for data in texts_of(file) if (text := record_in(data)) is not None), None)


def _of_folder(path: Path) -> Record:
    files = list(_files(path))
    first = next(filter(has_record, files), None)
    if first is None:
        raise NoRunInside(path)
    record = read_record(first)
    last = files[-1]
    if last != first and has_record(last) and read_record(last).request != record.request:
        raise NoRunInside(path, mark("its files are of different runs: choose one of them"))
    return record


def _files(folder: Path) -> Iterator[Path]:
    """The files in `folder` that may carry a record, by name; of very many the first ones."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    return iter(found[:MOST_FILES])
