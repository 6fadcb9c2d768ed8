"""The engine's process with a toy in it: `python -m tests.session.toy_host WINDOW MEMORY`."""

from __future__ import annotations

import os
import signal
import sys

from diffviz.domain.engine import Engine
from diffviz.domain.messages import Query
from diffviz.domain.store import Budget
from diffviz.domain.wire import Setup
from diffviz.engine import host
from tests.session.toys import Count, CountFrame, Echo, ToyEngine

MORE = {cls.__name__: cls for cls in (Count, CountFrame, Echo)}
COMMAND = (sys.executable, "-m", "tests.session.toy_host")


class Mortal(ToyEngine):
    """Ends its process where it is asked to; tells what it was set up with, and takes of its budget."""

    def __init__(self, setup: Setup, budget: Budget) -> None:
        super().__init__()
        self._setup, self._budget = setup, budget

    def answer(self, query: Query) -> object:
        assert isinstance(query, Echo)
        match query.word.split():
            case ["die", number]:
                os.kill(os.getpid(), int(number))
            case ["leave", code]:
                os._exit(int(code))
            case ["take", nbytes]:
                return self._budget.take(int(nbytes))
            case ["device"]:
                return self._setup.device
            case ["models"]:
                return (*self._setup.cards, *self.models)
            case ["niceness"]:
                return os.getpriority(os.PRIO_PROCESS, 0)
            case ["among"]:
                return self.among
            case ["print"]:
                print("what a library has to say", flush=True)
            case ["odd"]:
                return self  # nothing that could be sent
            case ["pid"]:
                return os.getpid()
            case ["hang"]:
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
                while True:
                    signal.pause()
        return super().answer(query)


def make_engine(setup: Setup, budget: Budget) -> Engine:
    """The toy."""
    return Mortal(setup, budget)


if __name__ == "__main__":
    host.main(sys.argv[1:], make_engine, MORE)
