"""Errors as one plain sentence each: what is wrong and what to do, in the language in force."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Sequence

from diffviz.domain import errors
from diffviz.domain.text import tr

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
MISSING = frozenset({errno.ENOENT, errno.ENOTDIR})
KILLED = 9
LONGEST, LONGEST_REASON, NAMED = 1500, 300, 12
# Control characters, marks that turn the direction of writing, and bytes of a file name that were no text.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def sentence(error: BaseException) -> str:
    """One translated sentence on `error`, ending with a full stop, of printable characters and not overly long.

    Errors that nobody foresaw are named by their type and text.
    """
    for about in (_setting, _model, _picture, _computation, _export, _system):
        text = about(error)
        if text:
            return _shortened(_printable(text), LONGEST)
    return _shortened(_printable(_unexpected(error)), LONGEST)


def _setting(error: BaseException) -> str:
    match error:
        case errors.OutOfRange(why=str(why)) if why:
            return tr("{name} cannot be {value}: choose from {low} to {high} ({why}).").format(
                name=error.name,
                value=_number(error.value),
                low=_number(error.low),
                high=_number(error.high),
                why=_reason(why),
            )
        case errors.OutOfRange():
            return tr("{name} cannot be {value}: choose from {low} to {high}.").format(
                name=error.name, value=_number(error.value), low=_number(error.low), high=_number(error.high)
            )
        case errors.NoPictures(least=1):
            return tr("No picture is chosen: choose at least one to start from.")
        case errors.NoPictures():
            return tr("Too few pictures are chosen: choose at least {n} to go between.").format(n=error.least)
        case errors.NotAChoice():
            return tr("{name} cannot be “{value}”: choose one of {choices}.").format(
                name=error.name, value=error.value, choices=", ".join(error.choices)
            )
        case errors.CannotContinue():
            return tr("{name} cannot be changed while a training goes on: train anew with it.").format(
                name=tr(error.setting)
            )
        case errors.NoSuchStep():
            return tr("The run to continue has no frame at t = {t}: choose one of its own timesteps.").format(
                t=_number(error.position)
            )
        case _:
            return ""


def _model(error: BaseException) -> str:
    match error:
        case errors.ModelNotFound(places=(_, *_)):
            return tr(
                "There is no model “{model}” in {places}: choose one of {known}, or name a model's folder."
            ).format(model=error.model, places=", ".join(map(str, error.places)), known=_some(error.known) or "–")
        case errors.ModelNotFound(known=()):
            return tr("There is no model “{model}”: install it into the models folder.").format(model=error.model)
        case errors.ModelNotFound():
            return tr("There is no model “{model}”: choose one of {known}.").format(
                model=error.model, known=_some(error.known)
            )
        case errors.ModelDamaged():
            return tr(
                "The model file {path} is damaged or missing ({reason}): copy or install the model again."
            ).format(path=error.path, reason=_reason(error.reason))
        case errors.ModelChanged():
            return tr("The model in {path} was written anew while it was measured: its card was left as it is.").format(
                path=error.path
            )
        case errors.CardMismatch():
            return tr("The card and the weights in {path} do not belong together ({reason}): copy both again.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case errors.ModelRefused():
            return tr("{path} is not opened as a model: {reason}.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case errors.PackageMissing() if getattr(sys, "frozen", False):
            return tr("This standalone program does not have {package}, which models of other programs need.").format(
                package=error.package
            )
        case errors.PackageMissing():
            return tr(
                'Models of other programs need the package {package}: install it with pip install "diffviz[{extra}]".'
            ).format(package=error.package, extra=error.extra)
        case errors.DataUnsuitable():
            return tr("The data in {path} cannot be used: {reason}.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case _:
            return ""


def _picture(error: BaseException) -> str:
    match error:
        case errors.ImageUnreadable(reason=""):
            return tr("{path} is not a picture that can be read: choose a PNG, JPEG, WebP, GIF, BMP or TIFF.").format(
                path=error.path
            )
        case errors.ImageUnreadable():
            return tr("The picture {path} cannot be read ({reason}): choose another one or save it anew.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case errors.ImageTooLarge():
            return tr(
                "{path} has {found} megapixels, more than the {limit} that are read: scale it down first."
            ).format(path=error.path, found=_number(round(error.megapixels, 1)), limit=_number(error.limit))
        case errors.ImageWrongSize():
            return tr("The pictures are {found} but the model needs {expected}: crop them to that size.").format(
                found=_size(error.found), expected=_size(error.expected)
            )
        case errors.ImagesMissing():
            return tr("{n} of the pictures to start from are missing: choose them again.").format(n=error.count)
        case errors.ContinuesTooMany():
            return tr(
                "It would be more than {n} runs that continue one another: start from noise or a picture."
            ).format(n=error.most)
        case errors.OtherSchedule():
            return tr("The run that it goes on from has another noise schedule: choose the same, or start from noise.")
        case errors.ClassesUnknown():
            return tr("The class of {n} of the pictures is not known: choose one class for all, or none.").format(
                n=error.count
            )
        case _:
            return ""


def _computation(error: BaseException) -> str:
    match error:
        case errors.OutOfMemory(samples=n) if n > 1:
            return tr("The device cannot hold {n} samples at once: choose {fewer} or fewer.").format(n=n, fewer=n // 2)
        case errors.OutOfMemory():
            return tr(
                "The device cannot hold even {n} sample of this model: close other programs or compute on the CPU."
            ).format(n=error.samples)
        case errors.DeviceLost():
            return tr("The device {device} stopped answering ({reason}): run again on the CPU.").format(
                device=error.device, reason=_reason(error.reason)
            )
        case errors.ProcessLost(ended="stuck"):
            return tr("The process that computed this did not answer and was ended; what came of it is kept.")
        case errors.ProcessLost(ended="garbled"):
            return tr(
                "The process that computed this sent what cannot be read and was ended; what came of it is kept: "
                "start it again."
            )
        case errors.ProcessLost(signal=signal) if signal == KILLED:
            return tr(
                "The process that computed this was killed, as the system does where memory runs out; what came of it "
                "is kept: start it again, with a smaller batch if that repeats itself."
            )
        case errors.ProcessLost():
            how = tr("signal {n}") if error.signal else tr("exit code {n}")
            return tr(
                "The process that computed this ended by itself ({how}); what came of it is kept: start it again."
            ).format(how=how.format(n=error.signal or error.code))
        case errors.DeviceUnavailable():
            return tr("This machine has no device “{device}”: choose {available}.").format(
                device=error.device, available=", ".join(error.available)
            )
        case errors.Diverged():
            return tr(
                "The training diverged at step {step}, its losses are no longer numbers: choose lower learning rates."
            ).format(step=_number(error.position))
        case errors.NotFinite(axis="t"):
            return tr(
                "At t = {t} the values are no longer finite numbers: clip x̂0, lower the guidance or use another model."
            ).format(t=_number(error.position))
        case errors.NotFinite():
            return tr("At {position} of the path the model's values are not finite numbers: use another model.").format(
                position=_number(error.position)
            )
        case errors.SignalLost():
            return tr(
                "At t = {t} √ᾱ_t is {alpha}, less than the {least} that x̂0 needs where the network predicts ε: "
                "clip x̂0, or choose a schedule that leaves more."
            ).format(t=_number(error.position), alpha=_number(error.alpha), least=_number(error.least))
        case errors.Interrupted():
            return tr("The run was cancelled.")
        case _:
            return ""


def _export(error: BaseException) -> str:
    match error:
        case errors.ExportFailed(kind="permission"):
            return tr("{path} may not be written: choose another folder.").format(path=error.path)
        case errors.ExportFailed(kind="full"):
            return tr("The disk is full, {path} was not written: free some space or choose another disk.").format(
                path=error.path
            )
        case errors.ExportFailed(kind="no-room"):
            return tr("The disk of {path} has no room for {size}: free some space or choose another disk.").format(
                path=error.path, size=error.reason
            )
        case errors.ExportFailed(kind="missing-folder"):
            return tr("The folder of {path} does not exist: create it or choose another one.").format(path=error.path)
        case errors.ExportFailed(kind="below-a-file"):
            return tr("A part of the path {path} is a file, not a folder: choose another folder.").format(
                path=error.path
            )
        case errors.ExportFailed(kind="no-new-files"):
            return tr("The folder of {path} takes no new files: choose another one.").format(path=error.path)
        case errors.ExportFailed():
            return tr("{path} could not be written ({reason}): choose another name or folder.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case errors.FormatUnavailable():
            return tr("This kind of file cannot be written here: {reason}.").format(reason=_reason(error.reason))
        case errors.NoRunInside(reason=""):
            return tr("There is no run in {path}: choose a file that diffviz has written with its settings.").format(
                path=error.path
            )
        case errors.NoRunInside():
            return tr("The run in {path} cannot be opened ({reason}): choose another file.").format(
                path=error.path, reason=_reason(error.reason)
            )
        case errors.FileTooNew():
            return tr(
                "{path} was written by a newer diffviz (format {found}; this one reads up to {known}): update diffviz "
                "to open it."
            ).format(path=error.path or tr("This file"), found=error.found, known=error.known)
        case errors.NothingToExport():
            return tr("There is no frame to export in this range: wait for the run or choose a wider range.")
        case errors.NotAScale():
            return tr(
                "The picture would be {pixels} pixels long, a file holds {limit}: choose a smaller scale."
            ).format(pixels=error.pixels, limit=error.limit)
        case _:
            return ""


def _system(error: BaseException) -> str:
    match error:
        case MemoryError():
            return tr("The memory of this machine is used up: choose fewer samples or steps, or delete runs.")
        case OSError(errno=code) if code in FULL:
            return tr("The disk is full{at}: free some space and try again.").format(at=_at(error))
        case OSError(errno=code) if code in FORBIDDEN:
            return tr("Access is not allowed{at}: choose another file or folder.").format(at=_at(error))
        case OSError(errno=code) if code in MISSING:
            return tr("There is no such file or folder{at}: choose another one.").format(at=_at(error))
        case OSError(strerror=str(why)):
            return tr("A file could not be used{at} ({reason}): try again or choose another one.").format(
                at=_at(error), reason=_reason(why)
            )
        case _:
            return ""


def _unexpected(error: BaseException) -> str:
    if isinstance(error, errors.DiffvizError) and len(error.args) == 1 and isinstance(error.args[0], str):
        return _reason(error.args[0], LONGEST) + "."
    what = _reason(str(error)) or tr("no message")
    return tr("Something unexpected went wrong ({kind}: {what}).").format(kind=type(error).__name__, what=what)


def _at(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""


def _reason(text: str, longest: int = LONGEST_REASON) -> str:
    """The first line of `text` without its full stop, to stand inside a sentence; translated where it was marked.

    Libraries quote what they found in a file, however much it is.
    """
    lines = tr(text).strip().splitlines() if text else []
    return _shortened(lines[0].strip().rstrip("."), longest) if lines else ""


def _some(names: Sequence[str]) -> str:
    """The first of `names`, and whether there are more: a long list would hide what is said before it."""
    return ", ".join([*names[:NAMED], *("…" for _ in names[NAMED : NAMED + 1])])


def _shortened(text: str, longest: int) -> str:
    """`text` with its middle left out where it is longer than `longest`."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 3]} … {text[-longest // 4 :]}"


def _printable(text: str) -> str:
    """`text` without what a terminal would obey and no window can draw."""
    return UNPRINTABLE.sub("�", text)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
