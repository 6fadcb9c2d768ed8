"""Everything that can go wrong and that a person can do something about.

Each error carries what was found as data. The sentence is made at the edge, in the language in force, by
`diffviz.domain.sentences.sentence`.
"""

from dataclasses import dataclass
from pathlib import Path


class DiffvizError(Exception):
    """Base of the errors that are shown as one plain sentence."""


@dataclass(eq=False)
class OutOfRange(DiffvizError):
    """A setting outside its bounds: `value` of setting `name`, allowed from `low` to `high` (because of `why`)."""

    name: str
    value: float
    low: float
    high: float
    why: str = ""


@dataclass(eq=False)
class NoPictures(DiffvizError):
    """A run that starts at pictures, and fewer than the `least` that it needs are chosen."""

    least: int = 1


@dataclass(eq=False)
class NotAChoice(DiffvizError):
    """A setting that names none of its choices."""

    name: str
    value: str
    choices: tuple[str, ...]


@dataclass(eq=False)
class ModelNotFound(DiffvizError):
    """No model folder of that id; `known` are the ids there are, `places` the folders that were looked into."""

    model: str
    known: tuple[str, ...] = ()
    places: tuple[Path, ...] = ()


@dataclass(eq=False)
class ModelDamaged(DiffvizError):
    """A card or weights file that cannot be read, is cut short or fails its checksum."""

    path: Path
    reason: str


@dataclass(eq=False)
class ModelChanged(DiffvizError):
    """A model that was written anew, by a training for instance, while it was measured."""

    path: Path


@dataclass(eq=False)
class CardMismatch(DiffvizError):
    """A readable card and readable weights that do not belong together."""

    path: Path
    reason: str


@dataclass(eq=False)
class ModelRefused(DiffvizError):
    """Somebody else's model, whole as far as one can see, that is not opened here; `reason` says why, translated."""

    path: Path
    reason: str


@dataclass(eq=False)
class PackageMissing(DiffvizError):
    """A part of the program that needs `package`, which is not installed; `extra` is what has it installed."""

    package: str
    extra: str


@dataclass(eq=False)
class ImageUnreadable(DiffvizError):
    """A picture file that no decoder understands."""

    path: Path
    reason: str = ""


@dataclass(eq=False)
class ImageTooLarge(DiffvizError):
    """A picture with more pixels than are decoded; `limit` in megapixels."""

    path: Path
    megapixels: float
    limit: float


@dataclass(eq=False)
class ImageWrongSize(DiffvizError):
    """Pictures whose shape is not the one asked for; shapes are (height, width) or (height, width, 3)."""

    found: tuple[int, ...]
    expected: tuple[int, ...]


@dataclass(eq=False)
class ImagesMissing(DiffvizError):
    """A request that starts from images whose pixels did not come with it."""

    count: int


@dataclass(eq=False)
class OtherSchedule(DiffvizError):
    """A request that continues a run on another noise schedule: the noise in its frame is not what it takes it for."""


@dataclass(eq=False)
class ContinuesTooMany(DiffvizError):
    """A request at the end of a line of more than `most` runs, which is neither planned nor written to files."""

    most: int


@dataclass(eq=False)
class ClassesUnknown(DiffvizError):
    """A request that tells a model each picture's own class, where `count` of the pictures have none."""

    count: int


@dataclass(eq=False)
class DataUnsuitable(DiffvizError):
    """A data folder or file that cannot be trained on."""

    path: Path
    reason: str


@dataclass(eq=False)
class NoSuchStep(DiffvizError):
    """A run that starts at a position that its parent does not visit."""

    position: float


@dataclass(eq=False)
class CannotContinue(DiffvizError):
    """A training that is to go on with another value of a setting that only a fresh one can have."""

    setting: str


@dataclass(eq=False)
class Diverged(DiffvizError):
    """A training whose loss is no longer a number, at `position`."""

    position: float


@dataclass(eq=False)
class NotFinite(DiffvizError):
    """A computation whose values at `position` are not numbers, or infinite; on the axis t, or a path's share."""

    position: float
    axis: str = "t"


@dataclass(eq=False)
class SignalLost(DiffvizError):
    """A run that starts where √ᾱ_t, `alpha`, is under `least`: too little to find x̂0 from ε̂ without clipping it."""

    position: float
    alpha: float
    least: float


@dataclass(eq=False)
class OutOfMemory(DiffvizError):
    """The device cannot hold this many samples at once."""

    samples: int


@dataclass(eq=False)
class DeviceLost(DiffvizError):
    """The accelerator stopped answering."""

    device: str
    reason: str


@dataclass(eq=False)
class DeviceUnavailable(DiffvizError):
    """A device that was asked for and that this machine does not have."""

    device: str
    available: tuple[str, ...]


@dataclass(eq=False)
class ProcessLost(DiffvizError):
    """The process that computed a run ended by itself: by `signal` of the system, 0 where by none, or with `code`.

    Where the program ended it, `ended` says why: "stuck" (it did not answer), "garbled" (what it sent was no message).
    """

    signal: int
    code: int
    ended: str = ""


@dataclass(eq=False)
class ExportFailed(DiffvizError):
    """A file that could not be written.

    `kind` is "permission", "full", "no-room" (the disk will be too small for the `reason`, a size), "missing-folder",
    "below-a-file" (a part of the path is a file), "no-new-files" (its folder exists but takes none) or "other".
    """

    path: Path
    kind: str
    reason: str


@dataclass(eq=False)
class NothingToExport(DiffvizError):
    """An export of a run that has no frame in the range asked for."""


@dataclass(eq=False)
class NotAScale(DiffvizError):
    """A picture that would be larger than a file of its kind can be; `pixels` is its longer side."""

    pixels: int
    limit: int


@dataclass(eq=False)
class FormatUnavailable(DiffvizError):
    """A format that cannot be written here; `reason` says what it lacks, translated."""

    format: str
    reason: str


@dataclass(eq=False)
class NoRunInside(DiffvizError):
    """A file from which no run can be opened: it carries no settings, or what it carries does not check."""

    path: Path
    reason: str = ""


@dataclass(eq=False)
class FileTooNew(DiffvizError):
    """A file in format `found` of a newer version of the program, which reads up to `known`; None is a text of one."""

    path: Path | None
    found: int
    known: int


class Interrupted(DiffvizError):
    """Raised inside a long step when its run was cancelled; never shown."""
