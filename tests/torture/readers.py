"""Every reader of the program: its samples, how it is called, how much memory it may take, whether it needs torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from tests.torture import opening, samples
from tests.torture.damage import archives, chunks, octets
from tests.torture.samples import Sample

MEGABYTE = 1 << 20
USUAL = 320 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Reader:
    """`open` is handed the path of the damaged file of one of the `samples`; `memory` is what a case may take above
    what the process has. Both functions are sent to its worker, by their names."""

    samples: Callable[[], Iterable[Sample]]
    open: Callable[[Path], None]
    memory: int = USUAL


def _record(container: Callable[[bytes], bytes], bytewise: Callable[[bytes], samples.Damaged], name: str) -> Reader:
    return Reader(partial(samples.of_record, container, bytewise, name), opening.record)


def _as_archive(data: bytes) -> samples.Damaged:
    return archives.damaged(data)


def _as_bytes(data: bytes) -> samples.Damaged:
    return octets.damaged(data)


def _weights() -> Iterable[Sample]:
    from tests.torture.nets import weights

    return weights()


def _architectures() -> Iterable[Sample]:
    from tests.torture.nets import architectures

    return architectures()


def _checkpoints() -> Iterable[Sample]:
    from tests.torture.nets import checkpoints

    return checkpoints()


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "card": Reader(samples.cards, opening.card),
        "weights": Reader(_weights, opening.weights),
        "architecture": Reader(_architectures, opening.weights),
        "checkpoint": Reader(_checkpoints, opening.checkpoint),
        "picture": Reader(samples.pictures, opening.picture, 1024 * MEGABYTE),
        "data-idx": Reader(samples.data_idx, opening.data_folder),
        "data-npz": Reader(samples.data_npz, opening.data_file, 512 * MEGABYTE),
        "data-folder": Reader(samples.data_folder, opening.data_folder, 1024 * MEGABYTE),
        "session": Reader(samples.sessions, opening.session),
        "recovery": Reader(samples.recoveries, opening.recovery),
        "settings": Reader(samples.settings, opening.settings),
        "record-png": _record(samples.png, chunks.png, "run.png"),
        "record-gif": _record(samples.gif, chunks.gif, "run.gif"),
        "record-jpeg": _record(samples.jpeg, _as_bytes, "run.jpg"),
        "record-webp": _record(samples.webp, chunks.riff, "run.webp"),
        "record-mp4": _record(samples.mp4, chunks.boxes, "run.mp4"),
        "record-npz": _record(samples.npz, _as_archive, "run.npz"),
        "record-csv": _record(samples.csv, _as_bytes, "run.csv"),
        "record-svg": _record(samples.svg, _as_bytes, "run.svg"),
        "record-pdf": _record(samples.pdf, _as_bytes, "run.pdf"),
    }
)
