"""Word of a cancel that reaches a step which is still being computed."""

import threading


class Interrupts:
    """Runs to be stopped inside a long step. Written by the main thread, read by the worker's."""

    def __init__(self) -> None:
        self._runs: set[int] = set()
        self._all = threading.Event()

    def stop(self, run_id: int) -> None:
        """Stop run `run_id`."""
        self._runs.add(run_id)

    def stop_all(self) -> None:
        """Stop every run, now and later."""
        self._all.set()

    def stopped(self, run_id: int | None) -> bool:
        """Whether run `run_id` is to stop."""
        return self._all.is_set() or run_id in self._runs
