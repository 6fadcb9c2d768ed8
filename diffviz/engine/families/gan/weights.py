"""Weight cache: what D was after past training steps, in a share of the session's memory budget."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor

from diffviz.domain.gan import GanRequest
from diffviz.domain.store import Budget

State = dict[str, Tensor]
Key = tuple[GanRequest, float]
MOST = 4
"""One part in so many of the budget is the most that weights take: frames cannot be had again as quickly."""


class WeightCache:
    """States by request and training step, of which the least recently used go first.

    Their bytes are taken from `budget` and given back when they go. A state for which there is no room is not kept:
    whoever misses it trains again up to there.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._kept: OrderedDict[Key, State] = OrderedDict()
        self.nbytes = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    def put(self, key: Key, state: Mapping[str, Tensor]) -> None:
        """Keep a copy of `state`, in place of what was kept under `key`."""
        self._drop(key)
        nbytes = _nbytes(state)
        if self._make_room(nbytes):
            self._kept[key] = {name: value.clone() for name, value in state.items()}
            self.nbytes += nbytes

    def get(self, key: Key) -> State | None:
        """What is kept under `key`, used by this; None where there is nothing."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def forget(self, request: GanRequest) -> None:
        """Drop all that is kept of `request`."""
        for key in [key for key in self._kept if key[0] == request]:
            self._drop(key)

    def close(self) -> None:
        """Drop everything, and keep nothing from now on."""
        self._closed = True
        while self._kept:
            self._drop(next(iter(self._kept)))

    def _make_room(self, nbytes: int) -> bool:
        """Take `nbytes` of the budget, others making way for them; whether that could be done."""
        share = 0 if self._closed else self._budget.limit // MOST
        if nbytes > share:
            return False
        while self.nbytes + nbytes > share or not self._budget.take(nbytes):
            if not self._kept:
                return False
            self._drop(next(iter(self._kept)))
        return True

    def _drop(self, key: Key) -> None:
        state = self._kept.pop(key, None)
        if state is not None:
            nbytes = _nbytes(state)
            self.nbytes -= nbytes
            self._budget.give_back(nbytes)


def _nbytes(state: Mapping[str, Tensor]) -> int:
    return sum(value.nbytes for value in state.values())
