"""Model catalogue: the models in the folders that are watched, while they come, change and go."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from diffviz.domain import foreign, ideal, serialization
from diffviz.domain.cards import CARD, UNUSABLE, Card, read_card, shown_name
from diffviz.domain.errors import DiffvizError, ModelDamaged
from diffviz.domain.text import mark
from diffviz.paths import exists

LOOK_MILLISECONDS = 300
"""How long after a change the folders are looked at, and how long a model has to stay as it is to be taken."""
WEIGHTS, CHECKPOINT = ".safetensors", "checkpoint.safetensors"
SHA256_DIGITS = 64
Stamp = tuple[tuple[str, int, int, int], ...]
"""Name, time, size and number of each file of a model: others where it is being written."""


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """What one look has found: models that `came`, those that `went`, those that are others now, what is `wrong`."""

    came: tuple[Card, ...] = ()
    went: tuple[Card, ...] = ()
    renewed: tuple[Card, ...] = ()
    wrong: tuple[DiffvizError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A model's folder as it was taken: its files, and its card or what is wrong with it."""

    stamp: Stamp
    card: Card | None = None
    error: DiffvizError | None = None


class Catalogue(QObject):
    """The models in the folders `roots`, those in folders that were `opened` elsewhere, and the ideal denoisers.

    `cards` are those that can be used, by id; `damaged` says what is wrong with others. A folder is taken when two
    looks find it the same, so that one that is being written is not taken half; at the start it is taken as it is.

    An id is the name of the folder. Of two in `roots` with the same one the earlier counts, as everywhere. One that was
    opened gets another id where its own is taken: an id stands for one network as long as the program runs.

    Signals: `changed(change)`.
    """

    changed = Signal(object)

    def __init__(self, roots: Sequence[Path], opened: Sequence[Path] = (), parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roots, self.opened = tuple(roots), tuple(opened)
        self.cards: Mapping[str, Card] = {}
        self.damaged: Mapping[str, DiffvizError] = {}
        self._ideal: Mapping[str, Card] = {}
        self._known: dict[str, Card] = {}
        self._stamps: dict[str, Stamp] = {}
        self._taken: dict[Path, _Taken] = {}
        self._seen: dict[Path, Stamp] = {}
        self._closed = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.look_soon)
        self._watcher.fileChanged.connect(self.look_soon)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._begin()

    @property
    def lost(self) -> tuple[Path, ...]:
        """Folders that were opened once and have no model now: moved, deleted, or on a disk that is away."""
        return tuple(folder for folder in self.opened if not _stamp(folder))

    def open(self, folder: Path) -> Card:
        """Have the model in `folder` from now on; its card as it is listed. Raises what is wrong with it."""
        folder = _resolved(folder)
        read_card(folder)
        if folder not in self.opened and self._in(folder) is None:
            self.opened = (*self.opened, folder)
        self._take(folder, _stamp(folder))
        self._tell()
        card = self._in(folder)
        if card is None:
            raise ModelDamaged(folder, mark("it was changed while it was read"))
        return card

    def forget(self, folder: Path) -> None:
        """Have the model in `folder`, which was opened, no longer."""
        self.opened = tuple(path for path in self.opened if path != folder)
        self._tell()

    def close(self) -> None:
        """Watch no more, whoever asks for a look."""
        self._closed = True
        self._timer.stop()
        if paths := [*self._watcher.directories(), *self._watcher.files()]:
            self._watcher.removePaths(paths)

    @Slot()
    def look_soon(self) -> None:
        """Look what has changed, once for all that changes within a moment."""
        if not self._closed and not self._timer.isActive():
            self._timer.start()

    def _begin(self) -> None:
        """Take everything as it is; ideal denoisers keep the schedules that they have from what is there now."""
        for folder in self._folders():
            if folder not in self.opened or _stamp(folder):
                self._take(folder, _stamp(folder))
        self._list()
        self._ideal = ideal.ideal_cards(self.cards)
        self._list()
        self._watch()

    @Slot()
    def _look(self) -> None:
        """Take what is as it was at the last look; the rest is looked at once more."""
        stamps = {folder: _stamp(folder) for folder in self._folders()}
        changed = [folder for folder, stamp in stamps.items() if stamp and stamp != self._stamp_of(folder)]
        for folder in changed:
            if self._seen.get(folder) == stamps[folder]:
                self._take(folder, stamps[folder])
            else:
                self._timer.start()
        self._seen = stamps
        self._tell()

    def _take(self, folder: Path, stamp: Stamp) -> None:
        try:
            self._taken[folder] = _Taken(stamp, _checked(read_card(folder), new=folder in self._taken))
        except UNUSABLE as error:
            self._taken[folder] = _Taken(stamp, error=error)

    def _stamp_of(self, folder: Path) -> Stamp:
        """The files of `folder` when it was taken."""
        return self._taken[folder].stamp if folder in self._taken else ()

    def _tell(self) -> None:
        """List anew, and say what is other than before. A model whose files are others is renewed, whatever its card
        says: the network that was read of it is no longer what is there."""
        cards, damaged, stamps = self.cards, self.damaged, self._stamps
        self._list()
        self._watch()

        def renewed(name: str) -> bool:
            return cards[name] != self.cards[name] or stamps.get(name) != self._stamps.get(name)

        change = CatalogueChange(
            came=tuple(card for name, card in self.cards.items() if name not in cards),
            went=tuple(card for name, card in cards.items() if name not in self.cards),
            renewed=tuple(card for name, card in self.cards.items() if name in cards and renewed(name)),
            wrong=tuple(error for name, error in self.damaged.items() if name not in damaged),
        )
        if change != CatalogueChange() or self.damaged.keys() != damaged.keys():
            self.changed.emit(change)

    def _list(self) -> None:
        """Give ids to what was taken and is still there."""
        folders = self._folders()
        there = {f: self._taken[f] for f in folders if f in self._taken and (_stamp(f) or not self._taken[f].stamp)}
        self._taken = there
        cards: dict[str, Card] = {}
        stamps: dict[str, Stamp] = {}
        self.damaged = damaged = _unreadable(self._roots)
        names: set[str] = set()
        for folder, found in there.items():
            if found.error is not None:
                damaged.setdefault(folder.name, found.error)
            elif found.card is not None and (folder in self.opened or folder.name not in names):
                names |= set() if folder in self.opened else {folder.name}
                name = next(name for name in _ids(folder) if name not in cards and self._may_be(name, found.card))
                cards[name] = self._known[name] = dataclasses.replace(found.card, id=name)
                stamps[name] = found.stamp
        self.cards, self._stamps = {**cards, **self._ideal}, stamps

    def _may_be(self, name: str, card: Card) -> bool:
        """Whether `card` may have the id `name`, since no other network has had it."""
        known = self._known.get(name)
        if known is None:
            return True
        moved = card.sha256 and known.sha256 == card.sha256
        return _network(known) == _network(card) and (known.folder == card.folder or bool(moved))

    def _in(self, folder: Path) -> Card | None:
        """The card that is listed of the model in `folder`."""
        return next((card for card in self.cards.values() if _resolved(card.folder) == folder), None)

    def _folders(self) -> list[Path]:
        """Folders that may have a model, in the order in which they count."""
        inside = [folder for root in self._roots for folder in _folders_in(root)]
        return list(dict.fromkeys((*inside, *self.opened)))

    def _watch(self) -> None:
        """Watch what there is of all folders, and of what leads to them."""
        folders = self._folders()
        wanted = {str(_nearest(path)) for path in (*self._roots, *folders)}
        files = ((folder, name) for folder in folders for name in {CARD, *(n for n, *_ in self._stamp_of(folder))})
        wanted |= {str(path) for folder, name in files if exists(path := folder / name)}
        wanted |= {str(place) for folder in self.opened for place in foreign.places(folder) if exists(place)}
        watched = {*self._watcher.directories(), *self._watcher.files()}
        for paths, act in ((watched - wanted, self._watcher.removePaths), (wanted - watched, self._watcher.addPaths)):
            if paths:
                act(sorted(paths))


def _resolved(folder: Path) -> Path:
    """`folder` without links, as it is where it has no such name: a link that leads to itself, or what no file has."""
    try:
        return folder.resolve()
    except (OSError, RuntimeError, ValueError):
        return folder.absolute()


def _stamp(folder: Path) -> Stamp:
    """What tells the files of the model in `folder` from others in their place; empty where there is no card."""
    found = []
    with suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == CARD or (entry.name.endswith(WEIGHTS) and entry.name != CHECKPOINT):
                about = entry.stat()
                found.append((entry.name, about.st_mtime_ns, about.st_size, about.st_ino))
        if not any(name == CARD for name, *_ in found):
            found = list(_stamps_of_another(folder))
    return tuple(sorted(found))


def _stamps_of_another(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Those of a model that another program wrote."""
    for path in foreign.stamped(folder) if foreign.is_foreign(folder) else ():
        with suppress(OSError):
            about = path.stat()
            yield path.relative_to(folder).as_posix(), about.st_mtime_ns, about.st_size, about.st_ino


def _checked(card: Card, *, new: bool) -> Card:
    """`card`, with the checksum of its weights where it has none: so a run names what it was computed with.

    Where its files are `new`, they have to be those that it names: raises `ModelDamaged`. Large ones are not read here.
    """
    path = card.folder / card.weights
    named = len(card.sha256) == SHA256_DIGITS
    if (card.sha256 and not (new and named)) or not _small(path):
        return card
    with serialization.reading(path, ModelDamaged), serialization.opened(path) as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if card.sha256 and found not in (card.sha256, card.before):
        raise ModelDamaged(path, mark("its checksum is not the one on its card"))
    return card if card.sha256 else dataclasses.replace(card, sha256=found)


def _small(path: Path) -> bool:
    with suppress(OSError, ValueError):
        return path.is_file() and path.stat().st_size <= foreign.CHECKED_BYTES
    return False


def _ids(folder: Path) -> Iterator[str]:
    """Ids for the model in `folder`: the first is its own, the others are for where that is taken."""
    yield shown_name(folder)
    with suppress(ValueError):
        yield f"{folder.name} ({serialization.check_line(folder.parent.name)})"
    yield from (f"{folder.name} ({n})" for n in itertools.count(2))


def _network(card: Card) -> object:
    """What two cards have in common whose runs are read in the same way."""
    same = (card.family, card.shape, card.classes, card.prediction, card.schedule, card.likelihood, card.beta)
    return (*same, card.architecture, card.dataset.get("name"))


def _folders_in(root: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder for folder in root.iterdir() if folder.is_dir()) if root.is_dir() else []
    return []


def _unreadable(roots: Sequence[Path]) -> dict[str, DiffvizError]:
    """What is wrong with those of `roots` that cannot be listed."""
    found: dict[str, DiffvizError] = {}
    for root in roots:
        try:
            next(root.iterdir(), None)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found[root.name] = ModelDamaged(root, error.strerror or str(error))
    return found


def _nearest(path: Path) -> Path:
    """`path`, or the nearest folder above it that is there."""
    return next((folder for folder in (path, *path.parents) if exists(folder)), path)
