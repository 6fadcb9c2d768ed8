"""Pictures: the pixels of the samples, enlarged, in their places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffviz.domain.arrays import levels
from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import END, ExportSettings
from diffviz.domain.export_settings import FORMATS as LABELS
from diffviz.domain.frame_times import chosen
from diffviz.domain.sample_rows import grid_of
from diffviz.export.formats import FORMATS
from diffviz.export.panes import PaneCanvas, canvas_of
from diffviz.families import FAMILIES, export_panes_of
from tests.export.runs import clean, forward_run, restored_run, reverse_run


def canvas(samples: int = 1, channels: int = 1, scale: int = 1, panes: tuple[str, ...] = ("x",)) -> PaneCanvas:
    return canvas_of(reverse_run(samples=samples, channels=channels), ExportSettings(panes=panes, scale=scale))


def test_levels_invert_the_data_range() -> None:
    every = np.arange(256, dtype=np.float32)
    assert np.array_equal(levels(every / np.float32(127.5) - 1), every)


def test_levels_clip_and_grey_what_is_no_number() -> None:
    values = np.array([-9, 9, np.nan, np.inf, -np.inf], np.float32)
    assert levels(values).tolist() == [0, 255, 128, 255, 0]


def test_noise_is_mapped_from_three_sigma() -> None:
    assert levels(np.array([-3, 0, 3, 1.5], np.float32), -3.0, 3.0).tolist() == [0, 128, 255, 191]


@pytest.mark.parametrize("channels", [1, 3])
def test_one_sample_at_scale_one_is_its_own_pixels(channels: int) -> None:
    picture = canvas(channels=channels).draw(reverse_run(samples=1, channels=channels)[-1])
    expected = levels(clean(1, channels)[0])
    assert np.array_equal(picture, expected[0] if channels == 1 else expected.transpose(1, 2, 0))


@given(samples=st.integers(1, 10), scale=st.integers(1, 5), both=st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_sample_can_be_read_back_at_any_scale(samples: int, scale: int, both: bool) -> None:
    made = canvas(samples, 1, scale, ("x0", "x") if both else ("x",))
    frame = reverse_run(samples=samples)[-1]
    picture = made.draw(frame)
    assert (picture.shape[1], picture.shape[0]) == made.size
    step, across = 6 * scale + made.gap, grid_of(samples)[0]
    for i, image in enumerate(levels(frame.arrays()["x"])[:, 0]):
        top, left = divmod(i, across)
        part = picture[top * step : top * step + 6 * scale, left * step : left * step + 6 * scale]
        assert np.array_equal(part[::scale, ::scale], image)
        assert np.array_equal(part, image.repeat(scale, 0).repeat(scale, 1))


def test_panes_stand_side_by_side_in_the_order_asked_for() -> None:
    made = canvas(1, 1, 1, ("eps", "x0"))
    frame = reverse_run(samples=1)[0]
    picture, arrays = made.draw(frame), frame.arrays()
    assert np.array_equal(picture[:, :6], levels(arrays["eps"], -3.0, 3.0)[0, 0])
    assert np.array_equal(picture[:, -6:], levels(arrays["x0"])[0, 0])
    assert picture.shape[1] > 12


def test_gaps_have_the_ground_colour() -> None:
    picture = canvas(2, 3, 2).draw(reverse_run(channels=3)[-1])
    assert picture[0, 12].tolist() == [0x10, 0x12, 0x18]


def test_the_original_of_a_forward_run_stays() -> None:
    frames = forward_run()
    made = canvas_of(frames, ExportSettings(panes=("original",), scale=1))
    assert np.array_equal(made.draw(frames[0]), made.draw(frames[-1]))


def test_panes_are_those_that_the_run_has() -> None:
    assert [pane.key for pane in export_panes_of(forward_run())] == ["original", "x", "noise"]
    assert [pane.key for pane in export_panes_of(reverse_run())] == ["x", "x0", "eps"]
    assert export_panes_of([]) == ()


def test_a_pane_that_the_run_does_not_have_is_refused() -> None:
    with pytest.raises(NotAChoice):
        canvas(panes=("loss",))
    with pytest.raises(NotAChoice):
        canvas(panes=())


def test_the_automatic_scale_is_whole_and_comfortable() -> None:
    width, height = canvas(samples=9, scale=0).size
    assert 300 < width <= 448 + 100
    assert width == height


def test_panes_name_fields_of_their_frames() -> None:
    for frame, panes in ((family.frame, family.panes) for family in FAMILIES.values()):
        assert {pane.key for pane in panes} - {"original", "plane"} <= set(frame.__dataclass_fields__)


def test_formats_have_writer_and_label() -> None:
    assert set(FORMATS) == set(LABELS)


@given(
    positions=st.lists(st.floats(0, 1000), max_size=30, unique=True),
    low=st.floats(0, 1000),
    high=st.floats(0, 1000),
    every=st.integers(1, 40),
)
def test_chosen_frames_lie_in_the_range_with_the_last_one(
    positions: list[float], low: float, high: float, every: int
) -> None:
    wanted = chosen(positions, ExportSettings(low=low, high=high, every=every))
    within = [i for i, p in enumerate(positions) if low <= p <= high]
    assert list(wanted) == sorted(set(wanted))
    assert set(wanted) <= set(within)
    assert set(within[::every]) <= set(wanted)
    assert (wanted[-1:] or (None,))[0] == (within[-1] if within else None)
    assert len(wanted) <= len(within[::every]) + 1


def test_a_picture_is_the_nearest_frame_or_the_last() -> None:
    assert chosen([20, 10, 0], ExportSettings(format="png", at=12)) == (1,)
    assert chosen([20, 10, 0], ExportSettings(format="png")) == (2,)
    assert chosen([], ExportSettings(format="png")) == ()
    assert chosen([20, 10, 0], ExportSettings(low=5, high=END)) == (0, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_each_picture_that_was_restored_is_a_line_after_its_original(channels: int) -> None:
    """Samples 0 and 3 are of the first of three pictures; originals are 200, 201, 202 grey."""
    frames, about = restored_run(channels=channels)
    made = canvas_of(frames, ExportSettings(panes=("x0", "eps"), scale=1), about)
    picture, step = made.draw(frames[-1]), 4 + made.gap
    picture = picture if picture.ndim == 2 else picture[..., 1]
    assert (made.size[1] + made.gap) // step == 3
    for row, line in enumerate([(200, 0, 3), (201, 1, 4), (202, 2, 5)]):
        seen = [int(picture[row * step + 2, column * step + 2]) for column in range(3)]
        assert seen == list(line)
    assert picture[2, 4] > 100 > picture[2, step + 4], "a line after the original"
    right = made.lefts[1]
    assert picture[2, right + step + 2] == levels(frames[-1].arrays()["eps"], -3, 3)[0, 0, 0, 0]
    assert picture[2, right + 2] not in (200, 201, 202), "noise has no original"


def test_without_the_pictures_there_are_rows_and_no_place_for_originals() -> None:
    frames, about = restored_run()
    assert about.record is not None
    unknown = replace(about, record=replace(about.record, images={}))
    made = canvas_of(frames, ExportSettings(panes=("x0",), scale=1), unknown)
    seen = made.draw(frames[-1])[2 :: 4 + made.gap, 2 :: 4 + made.gap]
    assert seen.tolist() == [[0, 3], [1, 4], [2, 5]]
