"""A draft: the request that a form puts together, each change of which can be undone."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from diffviz.domain import settings
from diffviz.domain.requests import Request
from diffviz.domain.text import tr

SEEDS = 2**31
COMMAND = 1


def new_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(SEEDS)


class Draft(QObject):
    """A request being put together. `fit` brings a request within what the chosen model allows.

    Attributes: `request`; `seed_locked`, false where each Run uses a new seed. Signals: `changed` (the request or the
    lock), `edited` (the request, by a person), `restored` (the request, by undo or redo; `edited` too).
    """

    changed = Signal()
    edited = Signal()
    restored = Signal()

    def __init__(
        self,
        request: Request,
        stack: QUndoStack,
        fit: Callable[[Request], Request] = lambda request: request,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.request: Any = request
        self.seed_locked = True
        self.seeds: Callable[[], int] = new_seed
        self._stack = stack
        self._fit = fit
        self._serial = 0

    def set_value(self, path: settings.Path, value: Any, label: str = "") -> None:
        """Change the setting at `path`, named `label`; joins the change before it where that was the same setting.

        With another process comes the spacing that it is visited by usually (`settings.Usual`).
        """
        if settings.value_at(self.request, path) != value:
            self._push(settings.with_value(self.request, path, value), label, ".".join(path))

    def replace(self, request: Request, label: str) -> None:
        """Change everything that differs in `request`, as one step that can be undone."""
        self.settle()
        self._push(request, label, "")
        self.settle()

    def change(self, request: Request, label: str, key: str) -> None:
        """Change what differs in `request`; joins the change before it where that had the same `key`."""
        self._push(request, label, key)

    def load(self, request: Request) -> None:
        """Take `request` over without a step to undo."""
        self._take(self._fit(request))

    def fitted(self, request: Request) -> Request:
        """`request` as the draft would have it."""
        return self._fit(request)

    def settle(self) -> None:
        """Let the next change be a step of its own."""
        self._serial += 1

    def roll(self) -> None:
        """Choose a new seed."""
        self.replace(dataclasses.replace(self.request, seed=self.seeds()), tr("Seed"))

    def lock_seed(self, locked: bool) -> None:
        """Keep the seed from run to run, or not."""
        if locked != self.seed_locked:
            self.seed_locked = locked
            self.changed.emit()

    def put(self, values: Mapping[str, Any], *, again: bool) -> None:
        """Set fields of the request: done by a command, for the first time or `again` by undo or redo."""
        self._take(self._fit(dataclasses.replace(self.request, **values)))
        self.edited.emit()
        if again:
            self.settle()
            self.restored.emit()

    def _push(self, request: Request, label: str, key: str) -> None:
        before, after = _difference(self.request, self._fit(request))
        if after:
            text = tr("Change {setting}").format(setting=label or key)
            self._stack.push(_Change(self, before, after, text, f"{key}/{self._serial}" if key else ""))

    def _take(self, request: Request) -> None:
        if request != self.request:
            self.request = request
            self.changed.emit()


class Following:
    """Lets `draft` go with the run that is shown, as long as nobody has changed it: one that was edited stays."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._was: Request | None = None

    def wants(self, request: Request | None) -> bool:
        """Whether the draft is to take `request`, that of the run that is shown from now on; asked once for each."""
        if request is None or type(request) is not type(self._draft.request):
            return False
        was, self._was = self._was, request
        draft = self._draft
        return was is not None and was != request and draft.fitted(was) == draft.request != draft.fitted(request)

    def show(self, request: Request | None) -> None:
        """Take `request`, that of the run that is shown from now on, unless the draft was edited."""
        if self.wants(request) and request is not None:
            self._draft.load(request)


class Drafts:
    """Drafts by name that outlive the forms they are shown in: what was changed there can still be undone."""

    def __init__(self, stack: QUndoStack, parent: QObject) -> None:
        self.stack, self._parent = stack, parent
        self._made: dict[str, Draft] = {}
        self._wanted: dict[type[Request], Request] = {}

    def requests(self) -> tuple[Request, ...]:
        """What they hold, and what is wanted of those that are not there yet; see `take`."""
        return *self._wanted.values(), *(draft.request for draft in self._made.values())

    def take(self, request: Request) -> None:
        """Have `request` in the draft of its kind, now or once there is one; nothing to undo."""
        there = [draft for draft in self._made.values() if type(draft.request) is type(request)]
        for draft in there:
            draft.load(request)
        if not there:
            self._wanted[type(request)] = request

    def get(self, name: str, request: Request, fit: Callable[[Request], Request]) -> Draft:
        """The draft called `name`; where there is none yet, one of `request` that `fit` keeps within bounds."""
        if name not in self._made:
            made = self._made[name] = Draft(request, self.stack, fit, self._parent)
            wanted = self._wanted.pop(type(request), None)
            if wanted is not None:
                made.load(wanted)
        return self._made[name]


class _Change(QUndoCommand):
    """Fields of a draft before and after; changes with the same non-empty `key` join."""

    def __init__(self, draft: Draft, before: Mapping[str, Any], after: Mapping[str, Any], text: str, key: str) -> None:
        super().__init__(text)
        self._draft, self._before, self._after, self._key = draft, before, after, key
        self._done = False

    def redo(self) -> None:
        again, self._done = self._done, True
        self._draft.put(self._after, again=again)

    def undo(self) -> None:
        self._draft.put(self._before, again=True)

    def id(self) -> int:
        return COMMAND

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Change) or other._draft is not self._draft or not self._key:
            return False
        if other._key != self._key:
            return False
        self._after = other._after
        self.setObsolete(self._before == self._after)
        return True


def _difference(old: Request, new: Request) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [f.name for f in dataclasses.fields(old) if getattr(old, f.name) != getattr(new, f.name)]
    return {n: getattr(old, n) for n in names}, {n: getattr(new, n) for n in names}
