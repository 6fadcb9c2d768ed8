"""Two runs of unlike processes on one timeline: whose curves are drawn, and that dots are what was computed."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.plots import PlotData, Series
from diffviz.domain.requests import Plan, ReverseRequest
from diffviz.domain.sampling import Cosine, Flow, ProcessSettings, VarianceExploding
from diffviz.domain.store import FrameStore
from diffviz.families.diffusion import plots as declared
from diffviz.session.run import Run
from diffviz.theory.processes import process_of
from diffviz.theory.shared_time import LOG_SNR, SHARE, link
from diffviz.ui.sample_viewer.link import level
from diffviz.ui.timeline.plot import SNAP, TimelinePanel
from diffviz.ui.widgets.view import Shown
from tests.ui.timeline.toys import Bench

VP, FLOW, VE = Cosine(timesteps=1000), Flow(), VarianceExploding()
STEPS = 12


def run_on(settings: ProcessSettings, run_id: int, steps: int = STEPS) -> Run:
    """A finished run whose frames have another grey level at every step."""
    process = process_of(settings)
    spacing = "trailing" if process.whole else "karras"
    positions = process.visits(steps, spacing)
    store = FrameStore()
    for number, t in enumerate(positions):
        alpha, sigma = process.at(t)
        grey = (-1) ** number * (0.1 + number / steps) * max(1.0, sigma)
        x = np.full((2, 1, 8, 8), grey).astype(np.float32)
        store.append(ReverseFrame(t, alpha, sigma, 0.0, x, (x / 2).astype(np.float32), x))
    plan = Plan(0.0, process.T, positions, steps, 0, schedule=settings)
    return Run(run_id, "toy", ReverseRequest(model="toy", process=settings), plan, store)


def together(a: Run, b: Run, by: str = LOG_SNR, cursor: float = 0.3) -> Shown:
    ours, theirs = a.process, b.process
    return Shown(a, cursor, None, ours, b, theirs, ("A", "B"), link(ours, theirs, by))


def drawn(bench: Bench, a: Run, b: Run) -> dict[str, TimelinePanel]:
    bench.timeline.draw(together(a, b))
    return {plot.given.key: plot for plot in bench.timeline.plots.panels}


def keys(plot: TimelinePanel) -> set[str]:
    return {drawn.line.key for drawn in plot.drawn_beside if drawn.line is not None}


@pytest.mark.parametrize("b", [FLOW, VE])
def test_b_has_no_curve_and_no_ring_on_what_it_has_not(bench: Bench, b: ProcessSettings) -> None:
    plots = drawn(bench, run_on(VP, 1), run_on(b, 2))
    assert keys(plots["beta"]) == set()
    assert keys(plots["alpha_bar"]) == {"sqrt_alpha_bar", "sqrt_one_minus_alpha_bar"}, "its α and σ, not an ᾱ"
    assert not rings_on(plots["beta"]), "none on A's curves"
    assert rings_on(plots["alpha_bar"])


@pytest.mark.parametrize("a", [FLOW, VE])
def test_b_of_a_noise_schedule_has_its_own_alpha_and_sigma(bench: Bench, a: ProcessSettings) -> None:
    first, second = run_on(a, 1), run_on(VP, 2)
    plot = drawn(bench, first, second)["alpha_sigma"]
    schedule, tie = process_of(VP), link(first.process, second.process)
    assert keys(plot) == {"alpha", "sigma"}
    assert tie is not None
    plot.set_log(y=False)
    for curve in plot.drawn_beside:
        assert curve.line is not None
        at = {tie.here(float(t)): schedule.at(float(t)) for t in range(0, 1001, 50)}
        for x, (alpha, sigma) in at.items():
            want = alpha if curve.line.key == "alpha" else sigma
            assert curve.at(plot.map.scale.share(x)) == pytest.approx(want, abs=0.02)


def test_given_ends_stay_whatever_b_reaches(bench: Bench) -> None:
    plot = drawn(bench, run_on(VP, 1), run_on(VE, 2))["alpha_bar"]
    low, high = plot.y_range
    assert low < 0 < 1 < high < 1.1


@pytest.mark.parametrize(("a", "b"), [(VE, VP), (FLOW, VE), (VP, VE), (FLOW, FLOW), (VE, FLOW)])
def test_every_dot_is_a_point_of_its_curve(bench: Bench, a: ProcessSettings, b: ProcessSettings) -> None:
    first, second = run_on(a, 1), run_on(b, 2, 17)
    for plot in drawn(bench, first, second).values():
        for beside, curves in ((False, plot.drawn_shown), (True, plot.drawn_beside)):
            known = {point for curve in curves for point in zip(curve.xs.tolist(), curve.ys.tolist(), strict=True)}
            assert set(points_of(plot, beside=beside)) <= known | (
                {point for c in plot.drawn for point in zip(c.xs.tolist(), c.ys.tolist(), strict=True)}
                if plot._given[1] is None
                else set()
            )


def points_of(plot: TimelinePanel, *, beside: bool) -> list[tuple[float, float]]:
    """The coordinates of the dots, or of the rings of the pinned run."""
    _, item = plot._dots[beside]
    found = [(point.pos().x(), point.pos().y()) for point in item.points()]
    return [(x, y) for x, y in found if np.isfinite(y)]


def rings_on(plot: TimelinePanel) -> bool:
    """Whether the pinned run has rings in `plot`."""
    return True in plot._dots and bool(points_of(plot, beside=True))


def test_the_visited_times_of_a_process_without_a_grid_are_points_of_its_curves(bench: Bench) -> None:
    first, second = run_on(VE, 1), run_on(VE, 2, 17)
    plot = drawn(bench, first, second)["alpha_sigma"]
    sigma = next(curve.line for curve in plot.drawn if curve.line and curve.line.key == "sigma")
    assert not plot.drawn_beside, "one process: B's curves are A's"
    assert {t for run in (first, second) for t in run.plan.positions if t > 0} <= set(sigma.xs.tolist())


def test_distances_are_marked_where_they_were_taken_and_nowhere_else(bench: Bench) -> None:
    first, second = run_on(VE, 1, 40), run_on(VP, 2, 40)
    plot = drawn(bench, first, second)["apart"]
    curve = plot.drawn[0]
    assert 0 < len(curve.xs) < len(first.plan.positions), "not every frame of A has one of B at its noise level"
    dots = [x for x, _ in points_of(plot, beside=False)]
    length = plot.map.right_px - plot.map.left_px
    assert set(dots) <= set(curve.xs.tolist())
    visited = plot.map.scale.shares(np.array(first.positions()))
    assert all(np.abs(visited - x).min() * length <= SNAP for x in dots)
    assert plot.drawn_beside == []
    assert not rings_on(plot), "no ring of B on the distance"


@pytest.mark.parametrize(("a", "b", "scaled"), [(VE, VP, True), (VP, FLOW, True), (VP, VP, False)])
def test_a_distance_says_of_what_it_is(bench: Bench, a: ProcessSettings, b: ProcessSettings, scaled: bool) -> None:
    plot = drawn(bench, run_on(a, 1), run_on(b, 2))["apart"].given
    assert plot.series[0].label == ("|Δx_t/√(α²+σ²)|" if scaled else "|Δx_t|")
    assert ("√" in plot.series[0].title) is scaled


def test_b_s_filmstrip_follows_what_the_runs_share(bench: Bench) -> None:
    first, second = run_on(VE, 1, 50), run_on(VP, 2, 50)
    bench.timeline.draw(together(first, second))
    before, strip = picture(bench.timeline.beside), bench.timeline.beside
    bench.timeline.draw(together(first, second, SHARE))
    changed = picture(strip)
    assert changed != before
    strip._layer, strip._spots = type(strip._layer)(), None
    assert picture(strip) == changed, "as it is painted anew"


def test_variance_exploding_begins_on_a_logarithmic_axis_and_flow_on_its_own(bench: Bench) -> None:
    def draw(settings: ProcessSettings) -> TimelinePanel:
        a = run_on(settings, 1)
        bench.timeline.draw(Shown(a, 0.3, None, a.process))
        return next(plot for plot in bench.timeline.plots.panels if plot.given.key == "alpha_sigma")

    for settings, log in ((VE, True), (FLOW, False), (VE, True)):
        plot = draw(settings)
        part = bench.timeline.plots._parts["alpha_sigma"]
        assert (plot.log_y, [chip.isChecked() for chip in part.logs]) == (log, [log])
    part.logs[0].click()
    assert not draw(VE).log_y, "as a person has switched it"
    sigma = next(series for series in plot.given.series if series.key == "sigma")
    assert _finite_logs(sigma)


def _finite_logs(series: Series) -> bool:
    with np.errstate(divide="ignore"):
        return bool(np.isfinite(np.log10(series.ys[1:])).all())


@pytest.mark.parametrize(("settings", "log"), [(FLOW, False), (VE, True)])
def test_alpha_and_sigma_can_be_switched(settings: ProcessSettings, log: bool) -> None:
    plot = declared(PlotData(process_of(settings)))[0]
    assert (plot.key, plot.switch, plot.log) == ("alpha_sigma", True, log)


def test_the_level_says_which_logarithm_it_is() -> None:
    """Plots have log₁₀ SNR: without a base beside it e and 10 would be taken for each other."""
    assert level(process_of(VE), 3.91) == "ln SNR −2.727"


def picture(widget: object) -> QImage:
    image: QImage = widget.grab().toImage()  # type: ignore[attr-defined]
    return image
