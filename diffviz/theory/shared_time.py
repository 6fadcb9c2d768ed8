"""Times of processes: where a process is plotted, and one cursor for runs of different ones, by what they share.

The curves of one run on the axis of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.plots import Plot, Series
from diffviz.domain.text import mark as _
from diffviz.theory.processes import Process

LOG_SNR, SHARE = "log_snr", "share"
SHARED_BY: Mapping[str, str] = MappingProxyType({LOG_SNR: _("the same log-SNR"), SHARE: _("the same t / T")})
"""What runs of different processes can have in common at one cursor, by its key in the settings."""
NEAR = 0.02
"""Times whose log-SNR, in nats, or whose share of T, in hundredths, differ by less are those of one noise level."""


@dataclass(frozen=True, slots=True, eq=False)
class ProcessCourse:
    """A process at times `t` (n,), ascending: α, σ (n,), and log-SNR (n,) in nats, nan where it is infinite."""

    t: F64
    alpha: F64
    sigma: F64
    log_snr: F64


def course(process: Process, positions: Sequence[float] = (), count: int = 400) -> ProcessCourse:
    """`process` where a plot of it has its points.

    Those are all whole timesteps; without such, 0, `count` times as a forward run has them, and `positions`.
    """
    ts = process.kept(int(process.T)) if process.whole else tuple(sorted({*process.kept(count), *positions}))
    alphas, sigmas = zip(*map(process.at, ts), strict=True)
    logs = np.array([process.log_snr(t) for t in ts])
    return ProcessCourse(np.array(ts), np.array(alphas), np.array(sigmas), np.where(np.isfinite(logs), logs, np.nan))


def matched(t: float, of: Process, on: Process) -> float:
    """The time on process `on` that has the log-SNR of `t` on process `of`; its nearer end where it has none."""
    return on.time(of.log_snr(t))


@dataclass(frozen=True, slots=True)
class SharedTime:
    """Times of process `theirs` on the axis of process `ours`, by `by`, a key of `SHARED_BY`.

    Both ways are monotone and each the other's inverse, but where one process has noise levels that the other has not:
    those lie at its nearer end. The end of one is the end of the other: 0 at 0, T at T.
    """

    ours: Process
    theirs: Process
    by: str = LOG_SNR

    def there(self, t: float) -> float:
        """The time on `theirs` that stands at the time `t` of `ours`."""
        return shared(t, self.ours, self.theirs, self.by)

    def here(self, t: float) -> float:
        """Where the time `t` of `theirs` stands on the axis of `ours`."""
        return shared(t, self.theirs, self.ours, self.by)

    def all_here(self, times: F64) -> F64:
        """Where each of `times` (N,) of `theirs` stands on the axis of `ours`."""
        return np.array([self.here(t) for t in times.tolist()])

    def meets(self, ours: float, theirs: float) -> bool:
        """Whether the time `ours` and the time `theirs` are of one noise level, or the same end of both."""
        if (ours, theirs) in ((0.0, 0.0), (self.ours.T, self.theirs.T)):
            return True
        if self.by == SHARE:
            return abs(ours / self.ours.T - theirs / self.theirs.T) < NEAR / 100
        return abs(self.ours.log_snr(ours) - self.theirs.log_snr(theirs)) < NEAR


def link(ours: Process | None, theirs: Process | None, by: str = LOG_SNR) -> SharedTime | None:
    """What ties the axis of a run of process `theirs` to that of one of `ours`; None where both measure the same t.

    That is so for one process, and for noise schedules of as many timesteps, which are compared along t.
    """
    if ours is None or theirs is None or ours is theirs or (ours.whole and theirs.whole and ours.T == theirs.T):
        return None
    return SharedTime(ours, theirs, by)


@lru_cache(maxsize=16384)
def shared(t: float, of: Process, on: Process, by: str) -> float:
    """The time on process `on` that shares the cursor with the time `t` of process `of`."""
    if t <= 0 or t >= of.T:
        return 0.0 if t <= 0 else on.T
    return t / of.T * on.T if by == SHARE else matched(t, of, on)


def placed(series: Series, link: SharedTime | None) -> Series:
    """A curve of one run on the axis of another, to which `link` ties it."""
    return series if link is None else replace(series, xs=link.all_here(series.xs))


def counterpart(plot: Plot, theirs: Sequence[Plot], link: SharedTime | None) -> Plot:
    """What a run with the plots `theirs` has of the curves of `plot`: those of the same key, else of the same term.

    √ᾱ_t is the α_t of a noise schedule: unlike processes have these in plots of other names.
    """
    have = [series for other in theirs for series in other.series]
    found = [(mine, _like(mine, have)) for mine in plot.series]
    series = tuple(replace(placed(each, link), key=mine.key, hue=mine.hue) for mine, each in found if each is not None)
    return replace(plot, series=series, bands=())


def _like(mine: Series, have: Sequence[Series]) -> Series | None:
    same = (series for series in have if series.key == mine.key)
    return next(same, next((series for series in have if mine.term and series.term == mine.term), None))
