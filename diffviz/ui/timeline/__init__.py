"""The timeline: transport, filmstrip, slider and plots over one axis."""

from diffviz.ui.timeline.axis import DIFFUSION_TIME, Axis, AxisMap
from diffviz.ui.timeline.run_plots import RunFigures, RunPlots
from diffviz.ui.timeline.run_progress import Mark
from diffviz.ui.timeline.timeline import Timeline

__all__ = ["DIFFUSION_TIME", "Axis", "AxisMap", "Mark", "RunFigures", "RunPlots", "Timeline"]
