from __future__ import annotations

from diffviz.domain.frames import Frame
from diffviz.domain.planar import PlanarFrame
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.rows import ColumnReader
from diffviz.domain.text import tr
from diffviz.families import diffusion_plots


def reader() -> ColumnReader:
    """Reads the difference of both scores of each frame, nan without a network."""
    return ColumnReader(("error",), _values)


def _values(frame: Frame) -> tuple[float]:
    assert isinstance(frame, PlanarFrame)
    return (frame.error,)


def plots(data: PlotData) -> tuple[Plot, ...]:
    """The plots of the process, and how far a network's score is off."""
    figures = reader().figures if data.figures is None else data.figures
    title = tr("root mean square difference of the network's score and the exact one")
    error = Series("error", tr("score error"), title, "loss", figures.positions, figures["error"])
    return (*diffusion_plots.plots(data), Plot("error", tr("score error"), (error,), log=True))
