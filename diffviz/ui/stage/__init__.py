"""The stage: the pictures of the frame at the cursor, in panes side by side."""

from diffviz.ui.stage.stage import Stage

__all__ = ["Stage"]
