"""Session files, recovery files and recorded trainings open, and their runs compute the frames that were stored."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.legacy.program import (
    FOLDER,
    MODELS,
    TOLERANCE,
    computed,
    expected,
    left_behind,
    materials,
    opened_session,
    opened_trace,
    same_frames,
    saved_session,
    stored_arrays,
)

SESSION = FOLDER / "session.diffviz"
RECOVERY = FOLDER / "recovery" / "20261128-180000-4711.diffviz"
TRACE = MODELS / "old-gan" / "trace.diffviz"
EXACT = 0.0
RUNS = {run["name"]: number for number, run in enumerate(expected()["session"]["runs"])}


def test_a_session_opens_whole(qapp: object) -> None:
    told = expected()["session"]
    with opened_session(SESSION) as (session, problems):
        assert problems == ()
        assert session.a is not None
        assert session.b is not None
        assert (session.a.name, session.b.name, session.cursor) == (told["shown"], told["pinned"], told["cursor"])
        assert len(session.images) == 2
        for number, (run, of) in enumerate(zip(session.runs, told["runs"], strict=True)):
            assert (run.name, run.slot, run.status.value) == (of["name"], of["slot"], of["status"])
            assert (run.parent.name if run.parent else None) == of["parent"]
            assert (len(run.store), len(run.keyframes.all())) == (of["frames"], of["keyframes"])
            same_frames(list(run.store), stored_arrays(SESSION, number), EXACT)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_computes_as_it_did(name: str) -> None:
    saved = saved_session(SESSION)
    frames = computed(saved.runs[RUNS[name]].record.request, materials(saved))
    same_frames(frames, stored_arrays(SESSION, RUNS[name]), TOLERANCE)


def test_a_training_goes_on_from_its_stored_keyframe() -> None:
    saved, (parent, child) = saved_session(SESSION), (RUNS["gan"], RUNS["gan, further"])
    at = saved.runs[child].record.request.start.at  # type: ignore[union-attr]
    keyframe = next(k for k in saved.runs[parent].checkpoints if k.position <= at)
    frames = computed(saved.runs[child].record.request, materials(saved, keyframe))
    same_frames(frames, stored_arrays(SESSION, child), TOLERANCE)


def test_a_recovery_file_is_found_and_opens(qapp: object, tmp_path: Path) -> None:
    shutil.copy(RECOVERY, tmp_path)
    (found,) = left_behind(tmp_path)
    with opened_session(found) as (session, problems):
        assert problems == ()
        (run,) = session.runs
        assert (run.slot, run.status.value, len(run.store)) == ("diffusion/reverse", "cancelled", 3)
        same_frames(list(run.store), stored_arrays(RECOVERY, 0), EXACT)
        whole = computed(run.request, materials(saved_session(RECOVERY)))
    same_frames(whole[:3], stored_arrays(RECOVERY, 0), TOLERANCE)


def test_a_recorded_training_opens_and_computes_as_it_did(qapp: object) -> None:
    with opened_trace(MODELS / "old-gan") as run:
        assert [frame.position for frame in run.store] == [0, 2, 4, 6, 8]
        assert run.keyframes.all()[-1].position == 8
        same_frames(list(run.store), stored_arrays(TRACE, 0), EXACT)
        again = computed(run.request, materials(saved_session(TRACE)))
    stored = stored_arrays(TRACE, 0)
    same_frames(again, {name: stored[name] for name in ("position", "loss_d", "loss_g", "d_real")}, TOLERANCE)
    assert np.ptp(stored["loss_d"][1:]) > 0
