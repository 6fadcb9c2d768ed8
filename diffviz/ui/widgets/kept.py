"""What is dear to make and may be wanted again, kept by what it is of, as far as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from PySide6.QtGui import QPixmap

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by their keys, in `most` bytes: the one that was wanted longest ago goes first.

    `cost` says how many bytes a value takes. The newest is kept however large it is.
    """

    def __init__(self, most: int, cost: Callable[[Value], int]) -> None:
        self._most, self._cost = most, cost
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self.taken = 0

    def __len__(self) -> int:
        return len(self._values)

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`: the one that is kept, or else what `make` gives."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
            return found
        made = make()
        self._values[key] = made
        self.taken += self._cost(made)
        while self.taken > self._most and len(self._values) > 1:
            self.taken -= self._cost(self._values.popitem(last=False)[1])
        return made

    def clear(self) -> None:
        """Keep nothing."""
        self._values.clear()
        self.taken = 0


PICTURES = Recent[QPixmap](24 << 20, lambda pixmap: pixmap.width() * pixmap.height() * 4)
"""What widgets painted lately and may again: a cursor comes back to where it was."""
