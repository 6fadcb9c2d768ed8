"""The pages of the GAN lab's stage: the samples over D, and the divergences that D's loss measures."""

from __future__ import annotations

from diffviz.domain.text import tr
from diffviz.ui.labs.gan.divergence import DivergencePage
from diffviz.ui.labs.gan.stage import GanStage
from diffviz.ui.labs.pages import LabPage, Pages

STAGE, KL = "stage", "kl"


def stage_and_divergence(stage: GanStage, divergence: DivergencePage) -> Pages:
    """Both in one place."""
    pages = {
        STAGE: LabPage(
            tr("Stage"),
            tr("The samples of the training (K)"),
            stage,
            lambda tabs: stage.head.insertWidget(0, tabs),
        ),
        KL: LabPage(
            tr("KL and JS"),
            tr("Two Gaussians to drag: KL both ways, and the JS that D's loss measures (K)"),
            divergence,
            lambda tabs: divergence.head.insertWidget(0, tabs),
        ),
    }
    return Pages(pages, tr("Stage, or KL and JS"), "K")
