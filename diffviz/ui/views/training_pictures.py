"""Which training pictures there are to compare with, in words."""

from __future__ import annotations

from diffviz.domain.text import tr


def training_pictures(count: int, trained: int) -> str:
    """`count` pictures of the `trained` ones that a network was trained on; 0 where that is not known."""
    if trained > count:
        return tr("{n} of the {all} training pictures").format(n=f"{count:,}", all=f"{trained:,}")
    if trained == count:
        return tr("all {n} training pictures").format(n=f"{count:,}")
    return tr("{n} training pictures").format(n=f"{count:,}")
