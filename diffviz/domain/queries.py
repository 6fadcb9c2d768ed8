"""Queries: frozen questions with one small answer, asked by a view and answered between two steps of whatever runs."""

from dataclasses import dataclass

from diffviz.domain.arrays import F32


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """Base of all queries."""


@dataclass(frozen=True, slots=True, eq=False)
class Recognise(Query):
    """Which class the classifier of data set `dataset` sees in each image.

    `images` is float32 (N, C, H, W) in [-1, 1]. `key` names what was asked about and comes back in the answer.
    """

    dataset: str
    images: F32
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """Answer to `Recognise`: p(y | x), float32 (N, classes), rows sum to 1; `classes` are the names of the columns."""

    probabilities: F32
    classes: tuple[str, ...]
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Not an answer yet: the query needs something first, of which a part has been done. It is to be asked again.

    A run that needs something first has one in place of a frame.
    """
