"""One declaration of each plot: what the window draws of a run is what files of it have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from diffviz.domain.arrays import F64
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.gan import GanRequest
from diffviz.domain.latent import PathRequest
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.requests import ForwardRequest, Plan, Request, ReverseRequest
from diffviz.domain.sampling import Flow, Linear, ProcessSettings, VarianceExploding
from diffviz.domain.settings import every_setting
from diffviz.domain.store import FrameStore
from diffviz.export.run_info import RunInfo, with_figures
from diffviz.families import FAMILIES, diffusion
from diffviz.session.run import Run
from diffviz.theory.processes import process_of
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.timeline import DIFFUSION_TIME, RunPlots
from diffviz.ui.timeline.plots import Plots
from diffviz.ui.widgets.view import Shown
from tests.export.runs import forward_run, planar_run, reverse_run, schedule_plots
from tests.export.test_objective_curves import frames as objective_run
from tests.ui.labs.gan.toys import toy_frame

SETTINGS = Linear(timesteps=60)
SCHEDULE = process_of(SETTINGS)


def path_run(models: int = 2) -> list[Frame]:
    """Two points of a path whose figures are all different."""
    picture, z = np.zeros((models, 1, 4, 4), np.float32), np.zeros((models, 2), np.float32)
    rows = [np.arange(models, dtype=np.float32) + n for n in range(8)]
    return [PathFrame(float(s), picture, z, *rows[4 * s : 4 * s + 4]) for s in (0, 1)]


RUNS: dict[type[Request], tuple[Request, Sequence[Frame]]] = {
    ReverseRequest: (ReverseRequest(), reverse_run()),
    ForwardRequest: (ForwardRequest(), forward_run()),
    PathRequest: (PathRequest(model="a", beside="b"), path_run()),
    GanRequest: (GanRequest(), [toy_frame(GanRequest(), float(n)) for n in (0, 25, 50)]),
    ObjectiveRequest: (ObjectiveRequest(), objective_run()),
    PlanarRequest: (PlanarRequest(), planar_run()),
}
ON_A_PROCESS = {ReverseRequest, ForwardRequest, ObjectiveRequest, PlanarRequest}


def run_of(kind: type[Request]) -> Run:
    request, frames = RUNS[kind]
    positions = tuple(frame.position for frame in frames)
    store = FrameStore()
    for frame in frames:
        store.append(frame)
    return Run(1, "toy", request, Plan(0.0, 60.0, positions, 1, 1), store)


def looks(plots: Iterable[Plot]) -> dict[str, list[object]]:
    """What is said and seen of every plot by its key, heights included."""
    return {
        plot.key: [
            (plot.label, plot.limits, plot.log, plot.levels),
            *((s.key, s.label, s.title, s.hue, s.style, numbers(s.xs, s.ys)) for s in plot.series),
            *((b.label, b.hue, numbers(b.xs, b.low, b.high)) for b in plot.bands),
        ]
        for plot in plots
    }


def numbers(*columns: F64) -> list[list[float]]:
    return [np.nan_to_num(column, nan=-9.0).tolist() for column in columns]


def test_every_family_has_a_run_here() -> None:
    assert set(RUNS) == set(FAMILIES)


@pytest.mark.parametrize("kind", RUNS, ids=[kind.__name__ for kind in RUNS])
def test_window_and_files_have_the_same_plots(kind: type[Request]) -> None:
    schedule = SCHEDULE if kind in ON_A_PROCESS else None
    window = [plot for plot, _ in RunPlots(kind)(Shown(run_of(kind), 0.0, process=schedule))]
    about = with_figures(RunInfo(schedule_plots(SETTINGS) if schedule else ()), RUNS[kind][1])
    files = looks(about.plots)
    assert files
    assert looks(drawable(window)) == {key: files[key] for key in looks(drawable(window))} == files


@pytest.mark.parametrize("kind", RUNS, ids=[kind.__name__ for kind in RUNS])
def test_before_the_first_frame_there_are_the_same_curves_without_points(kind: type[Request]) -> None:
    run = run_of(kind)
    whole = [plot for plot, _ in RunPlots(kind)(Shown(run, 0.0, process=SCHEDULE))]
    empty = FAMILIES[kind].plots(PlotData())
    names = [[(plot.key, plot.label, [s.key for s in plot.series]) for plot in plots] for plots in (whole, empty)]
    assert names[0] == names[1]
    assert drawable(empty) == ()


@pytest.mark.parametrize("kind", RUNS, ids=[kind.__name__ for kind in RUNS])
def test_a_table_can_hold_every_curve_of_a_run(kind: type[Request]) -> None:
    plots = FAMILIES[kind].plots(PlotData())
    keys = [series.key for plot in plots for series in plot.series]
    assert len(set(keys)) == len(keys)
    assert len({plot.key for plot in plots}) == len(plots)


def test_the_command_line_names_every_plot() -> None:
    said = next(setting.help for setting in every_setting(ExportSettings) if setting.name == "plots")
    keys = {plot.key for family in FAMILIES.values() for plot in family.plots(PlotData())}
    assert all(f"{key}" in said for key in keys)


def test_curves_are_the_same_objects_until_a_frame_comes() -> None:
    run, source = run_of(GanRequest), RunPlots(GanRequest)
    before = source(Shown(run, 0.0))
    assert all(a[0] is b[0] for a, b in zip(before, source(Shown(run, 25.0)), strict=True))
    run.store.append(toy_frame(GanRequest(), 75.0))
    after = source(Shown(run, 25.0))
    assert after[0][0].series[0].xs.tolist() == [0, 25, 50, 75]
    assert before[0][0].series[0].xs.tolist() == [0, 25, 50], "a look at them stays as it is"


@pytest.mark.parametrize("made", [False, True], ids=["before they are drawn", "drawn"])
def test_a_run_with_other_plots_gets_others_and_what_was_switched_stays(qtbot: QtBot, made: bool) -> None:
    shown: list[tuple[Plot, None]] = []
    widget = Plots(lambda _: shown, DIFFUSION_TIME)
    qtbot.addWidget(widget)
    if made:
        widget.make()
    beta, alpha_bar, snr = schedule_plots(SETTINGS)
    for plots in ((beta, alpha_bar), (alpha_bar, snr), (beta, snr), (beta, alpha_bar)):
        shown[:] = [(plot, None) for plot in plots]
        widget.draw(Shown(None, 0.0), None)
        assert [part.plot for part in widget.parts] == list(plots)
        assert set(widget.chips) == {series.key for plot in plots for series in plot.series}
        if "sqrt_alpha_bar" in widget.chips and widget.chips["sqrt_alpha_bar"].isChecked():
            widget.chips["sqrt_alpha_bar"].click()
    assert not widget.chips["sqrt_alpha_bar"].isChecked()
    widget.make()
    assert [panel.given for panel in widget.panels] == [beta, alpha_bar]
    assert widget.panels[1].off == {"sqrt_alpha_bar"}


@pytest.mark.parametrize("settings", [Flow(), VarianceExploding()], ids=["flow", "exploding"])
def test_a_process_of_continuous_time_has_alpha_and_sigma_and_no_beta(settings: ProcessSettings) -> None:
    process = process_of(settings)
    both, snr = diffusion.plots(PlotData(process))
    assert (both.key, snr.key) == process.plots
    alpha, sigma = both.series
    assert (alpha.xs[0], alpha.xs[-1]) == (0.0, process.T)
    np.testing.assert_allclose(sigma.ys, sigma.xs)
    np.testing.assert_allclose(alpha.ys, 1 - alpha.xs if isinstance(settings, Flow) else 1.0, atol=1e-12)
    [ratio] = snr.series
    known = np.isfinite(ratio.ys)
    assert not known[0], "without noise it has no height"
    assert ratio.logs is not None
    np.testing.assert_allclose(10 ** ratio.logs[known], (alpha.ys / np.where(sigma.ys > 0, sigma.ys, 1))[known] ** 2)
    same = diffusion.plots(PlotData(process_of(SETTINGS)))
    assert looks(same) == looks(diffusion.plots(PlotData(NoiseSchedule.from_settings(SETTINGS))))
