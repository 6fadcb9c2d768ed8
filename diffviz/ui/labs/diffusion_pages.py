"""The pages of the Diffusion lab's stage: the pictures, and the instruments."""

from __future__ import annotations

from diffviz.domain.text import tr
from diffviz.ui.instruments.page import InstrumentPage
from diffviz.ui.labs.pages import LabPage, Pages
from diffviz.ui.sample_viewer.viewer import SampleViewer

STAGE, INSTRUMENTS = "stage", "instruments"


def stage_and_instruments(stage: SampleViewer, instruments: InstrumentPage) -> Pages:
    """Both in one place."""
    pages = {
        STAGE: LabPage(tr("Stage"), tr("The pictures of the run (T)"), stage, stage.set_leading, (420, 380)),
        INSTRUMENTS: LabPage(
            tr("Instruments"),
            tr("The theory of the run, with the numbers of this t (T)"),
            instruments,
            lambda tabs: instruments.head.insertWidget(0, tabs),
            (540, 260),
        ),
    }
    return Pages(pages, tr("Stage or instruments"), "T")
