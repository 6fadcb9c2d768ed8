"""The timeline: transport, filmstrip, slider and plots over one axis."""

from diffviz.ui.timeline.axis import DIFFUSION_TIME, Axis, AxisMap
from diffviz.ui.timeline.run_progress import Mark
from diffviz.ui.timeline.specs import BandSpec, CurveSpec, PlotSpec, diffusion_plots
from diffviz.ui.timeline.timeline import Timeline

__all__ = [
    "DIFFUSION_TIME",
    "Axis",
    "AxisMap",
    "BandSpec",
    "CurveSpec",
    "Mark",
    "PlotSpec",
    "Timeline",
    "diffusion_plots",
]
