"""One quantity, one name: what a curve or a pane is called in the window is what it is called in files and tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diffviz.cli.evaluate import table
from diffviz.domain import gan_curves, panes
from diffviz.domain.export_settings import PLOTS
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame
from diffviz.domain.gan import GanRequest
from diffviz.domain.panes import export_panes_of
from diffviz.domain.plots import Plot
from diffviz.domain.schedules import Linear
from diffviz.domain.text import tr
from diffviz.export.path_figures import path_plots as files_of_a_path
from diffviz.theory.plots import plots_of
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.labs.gan.metrics import MetricsLog
from diffviz.ui.labs.gan.plots import gan_plots
from diffviz.ui.labs.vae.path import path_plots
from diffviz.ui.labs.vae.point import PathPointView
from diffviz.ui.timeline import PlotSpec, diffusion_plots
from tests.export.runs import forward_run, reverse_run
from tests.ui.labs.gan.toys import toy_frame

Names = dict[str, list[tuple[str, str]]]


def in_window(specs: tuple[PlotSpec, ...]) -> Names:
    """Symbol and explanation of every curve by the name of its plot; of curves of two models the first's."""
    shown = (spec for spec in specs if not spec.optional)
    return {s.name: [(c.label, c.title) for c in s.curves[: 1 if s.together else None]] for s in shown}


def in_files(plots: tuple[Plot, ...]) -> Names:
    return {plot.label: [(series.label, series.title) for series in plot.series] for plot in plots}


def path_frame() -> PathFrame:
    one = np.ones(1, np.float32)
    return PathFrame(0.0, np.zeros((1, 1, 4, 4), np.float32), np.zeros((1, 2), np.float32), one, one, one, one)


FAMILIES = {
    "diffusion": (diffusion_plots(), plots_of(NoiseSchedule.from_settings(Linear(timesteps=10)))),
    "path": (path_plots(), tuple(files_of_a_path([path_frame()]))),
    "gan": (gan_plots(MetricsLog()), gan_curves.plots_of([toy_frame(GanRequest(), float(n)) for n in (0, 100)])),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_curves_have_one_name(family: str) -> None:
    window, files = FAMILIES[family]
    assert in_window(window) == in_files(files)
    assert {plot.label for plot in files} <= {tr(label) for label in PLOTS.values()}


def test_the_figures_at_the_cursor_are_called_as_their_curves(qapp: object) -> None:
    view = PathPointView()
    assert set(PLOTS) >= set(view.columns.values) - {"z"}
    assert tr(PLOTS["sharpness"]) == "sharpness"


@pytest.mark.parametrize("frames", [reverse_run(), forward_run()], ids=["reverse", "forward"])
def test_panes_have_one_symbol(frames: list[Frame]) -> None:
    for run in (frames, *([fixed(frames)] if isinstance(frames[0], ForwardFrame) else [])):
        window = {p.symbol: (p.colour, p.value_range[1]) for step in (False, True) for p in panes_of_window(run, step)}
        files = {pane.label: (pane.hue, pane.limit) for pane in export_panes_of(run)}
        assert files == window


def panes_of_window(run: list[Frame], step: bool) -> tuple[panes.Pane, ...]:
    return panes.panes_of(run[0], step_noise=step)


def fixed(frames: list[Frame]) -> list[Frame]:
    """The same run with one noise for every t."""
    return [dataclasses.replace(frame, step_noise=None) for frame in frames if isinstance(frame, ForwardFrame)]


def test_on_the_command_line_a_share_of_a_sharpness_is_not_called_sharpness() -> None:
    text = table({"sharpness": {"prior_mean": 0.27}})
    assert text.splitlines()[0] == "relative_sharpness"
    assert "0.27" in text
