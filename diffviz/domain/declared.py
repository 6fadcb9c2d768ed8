"""What a scheduler of diffusers declares, read into this program's words: process, prediction, how t is told.

A scheduler's configuration mixes two things. What a network was *trained* with (β, σ, the prediction) becomes its
process; how its own pipeline *samples* is for the form to choose here, and is told in `notes` where it differs.
Nothing is believed beyond its bounds, and what is not understood is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from diffviz.domain import sampling, serialization
from diffviz.domain.errors import ModelRefused
from diffviz.domain.text import tr
from diffviz.domain.weights_file import name_words

PREDICTED: Mapping[str, str] = MappingProxyType({"epsilon": "eps", "v_prediction": "v", "sample": "x0"})
INDEX, SCORE, EDM, CONSISTENCY, FLOW = "index", "score", "edm", "consistency", "flow"
"""What a network is told and says: the number of the timestep, 0 … T − 1; σ, for the score of pictures in [0, 1]; what
EDM and consistency models make of σ; the share of noise in thousandths, for the velocity."""
MOST_TIMESTEPS, LARGEST_SIGMA = 10_000, 100_000
LONGEST_CONFIG = 1 << 20
VARIANCE_PRESERVING = frozenset(
    f"{name}Scheduler"
    for name in (
        *("DDPM", "DDPMParallel", "DDIM", "DDIMParallel", "DDIMInverse", "PNDM", "LMSDiscrete", "EulerDiscrete"),
        *("EulerAncestralDiscrete", "HeunDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete", "DEISMultistep"),
        *("DPMSolverMultistep", "DPMSolverSinglestep", "DPMSolverMultistepInverse", "DPMSolverSDE", "UniPCMultistep"),
        *("SASolver", "LCM", "TCD", "RePaint"),
    )
)
"""Schedulers that sample networks trained on x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε, told t."""
SPACINGS: Mapping[str, str] = MappingProxyType({"leading": "leading", "linspace": "linspace", "trailing": "trailing"})
OF_TRAINING = frozenset(
    ("num_train_timesteps", "beta_start", "beta_end", "beta_schedule", "trained_betas", "prediction_type")
)
OF_SAMPLING = frozenset(
    (
        *("timestep_spacing", "steps_offset", "clip_sample", "clip_sample_range", "set_alpha_to_one", "variance_type"),
        *("skip_prk_steps", "solver_order", "solver_type", "algorithm_type", "lower_order_final", "euler_at_final"),
        *("use_karras_sigmas", "final_sigmas_type", "rescale_betas_zero_snr", "eta", "original_inference_steps"),
        *("dynamic_thresholding_ratio", "sample_max_value", "lambda_min_clipped", "thresholding", "use_flow_sigmas"),
        *("flow_shift", "interpolation_type", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas"),
        *("sigma_min", "sigma_max", "timestep_type", "predict_x0", "solver_p", "disable_corrector", "tau_func"),
        *("predictor_order", "corrector_order", "timestep_scaling", "use_dynamic_shifting", "time_shift_type"),
        *("noise_sampler_seed", "shift_terminal", "sigma_data", "sigma_schedule", "rho", "s_noise", "clip_denoised"),
        *("snr", "sampling_eps", "correct_steps", "s_churn", "s_min", "s_max", "shift", "base_shift", "max_shift"),
        *("base_image_seq_len", "max_image_seq_len", "stochastic_sampling", "invert_sigmas"),
    )
)
"""Keys of configurations that are known, beside what is only there for the library (`_class_name` and the like)."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a scheduler's configuration says.

    `told` says what the network is told of t, "index" or another key of the adapters, which know `sigmas`: σ_min, σ_max
    and σ_data. `spacing` and `offset` are those
    of its own pipeline; `own` is the class of the scheduler, empty where there is none and the process is a guess.
    """

    process: sampling.ProcessSettings
    prediction: str
    told: str = INDEX
    own: str = ""
    spacing: str = ""
    offset: int = 0
    notes: tuple[str, ...] = ()
    sigmas: tuple[float, float, float] = (0.0, 0.0, 0.0)


class SchedulerWire(serialization.Wire):
    """A scheduler's configuration, as far as it is read; without a value the library's own default holds."""

    _class_name: serialization.Line = ""
    num_train_timesteps: serialization.Size = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    beta_schedule: serialization.Line = "linear"
    trained_betas: tuple[float, ...] | None = None
    rescale_betas_zero_snr: bool = False
    prediction_type: serialization.Line = "epsilon"
    variance_type: serialization.Line | None = None
    timestep_spacing: serialization.Line = "linspace"
    steps_offset: serialization.Size = 0
    use_karras_sigmas: bool | None = False
    use_flow_sigmas: bool | None = False
    thresholding: bool = False
    clip_sample: bool | None = None
    clip_sample_range: float = 1.0
    set_alpha_to_one: bool | None = None
    final_sigmas_type: serialization.Line | None = None
    sigma_min: float | None = None
    sigma_max: float | None = None
    sigma_data: float | None = None
    shift: float = 1.0
    use_dynamic_shifting: bool = False
    invert_sigmas: bool = False


LEAST_BETA = 1e-9
"""A smaller β adds no noise that numbers here could hold."""
OF_LATENTS: Mapping[str, Any] = MappingProxyType({"beta_start": 0.00085, "beta_end": 0.012})
LEADING: Mapping[str, Any] = MappingProxyType({"timestep_spacing": "leading"})
SCALED: Mapping[str, Any] = MappingProxyType({**OF_LATENTS, **LEADING, "beta_schedule": "scaled_linear"})
OF_EDM: Mapping[str, Any] = MappingProxyType({"sigma_min": 0.002, "sigma_max": 80.0, "sigma_data": 0.5})
DEFAULTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        **{f"{name}Scheduler": OF_LATENTS for name in ("HeunDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete")},
        **{f"{name}Scheduler": LEADING for name in ("DDPM", "DDPMParallel", "DDIM", "DDIMParallel", "PNDM", "RePaint")},
        **{f"{name}Scheduler": SCALED for name in ("LCM", "TCD")},
        "DDIMInverseScheduler": LEADING,
        "ScoreSdeVeScheduler": {"sigma_min": 0.01, "sigma_max": 1348.0},
        "KarrasVeScheduler": {"sigma_min": 0.02, "sigma_max": 100.0},
        **{f"{name}Scheduler": OF_EDM for name in ("EDMEuler", "EDMDPMSolverMultistep", "CMStochasticIterative")},
    }
)
"""What holds for a class of scheduler where its configuration does not say, and is not as in `SchedulerWire`."""


def undeclared() -> Declared:
    """What is taken for granted where there is no scheduler's configuration: the process of Ho et al. 2020."""
    text = tr("nothing says what process it was trained on: that of DDPM with ε-prediction is a guess")
    return Declared(sampling.Linear(), "eps", notes=(text,))


def read_scheduler(path: Path) -> Declared:
    """What the configuration `path` declares.

    Raises `ModelDamaged`, and `ModelRefused` where it is of a scheduler or has a value that is not known here.
    """
    raw = read_config(path)
    with serialization.reading(path, ModelRefused):
        name = str(raw.get("_class_name"))
        if name not in READERS:
            raise ValueError(tr("its scheduler {name} is not known here").format(name=name_words(name)))
        wire = serialization.convert({**DEFAULTS.get(name, {}), **raw}, SchedulerWire)
        declared = READERS[name](wire)
    unknown = sorted(key for key in raw if not key.startswith("_") and key not in OF_TRAINING | OF_SAMPLING)
    return _noted(declared, unknown)


def read_config(path: Path) -> dict[str, Any]:
    """The object in the file `path`. Raises `ModelRefused`."""
    with serialization.reading(path, ModelRefused):
        raw = serialization.decode(serialization.read_bytes(path, LONGEST_CONFIG), LONGEST_CONFIG)
        if not isinstance(raw, dict):
            raise ValueError(tr("it is no configuration"))
        return raw


def _noted(declared: Declared, unknown: list[str]) -> Declared:
    if not unknown:
        return declared
    text = tr("its scheduler has settings that are not understood here: {names}")
    note = text.format(names=", ".join(map(name_words, unknown[:8])))
    return replace(declared, notes=(*declared.notes, note))


def _variance_preserving(wire: SchedulerWire) -> Declared:
    if wire.use_flow_sigmas:
        raise ValueError(tr("use_flow_sigmas is not known with this scheduler"))
    process = _rescaled(_schedule(wire), wire)
    prediction = _prediction(wire)
    if isinstance(process, sampling.ZeroTerminal) and prediction == "eps":
        raise ValueError(tr("it predicts ε where nothing of the picture is left (rescale_betas_zero_snr)"))
    spacing = _choice("timestep_spacing", wire.timestep_spacing, SPACINGS)
    spacing = "karras" if wire.use_karras_sigmas else spacing
    return Declared(process, prediction, INDEX, wire._class_name, spacing, wire.steps_offset, tuple(_sampled(wire)))


def _schedule(wire: SchedulerWire) -> sampling.Schedule | sampling.Betas:
    if wire.trained_betas is not None:
        if not 2 <= len(wire.trained_betas) <= MOST_TIMESTEPS or not all(
            LEAST_BETA <= beta < 1 for beta in wire.trained_betas
        ):
            raise ValueError(tr("trained_betas are not numbers between 0 and 1, one for each timestep"))
        return sampling.Betas(wire.trained_betas)
    if not 2 <= wire.num_train_timesteps <= MOST_TIMESTEPS:
        raise ValueError(
            tr("{n} timesteps are not between 2 and {most}").format(n=wire.num_train_timesteps, most=MOST_TIMESTEPS)
        )
    if not (LEAST_BETA <= wire.beta_start < 1 and LEAST_BETA <= wire.beta_end < 1):
        raise ValueError(tr("β is not between 0 and 1"))
    schedule = BETAS[_choice("beta_schedule", wire.beta_schedule, BETAS)]
    return schedule(wire.num_train_timesteps, wire.beta_start, wire.beta_end)


BETAS: Mapping[str, Callable[[int, float, float], sampling.Schedule]] = MappingProxyType(
    {
        "linear": sampling.Linear,
        "scaled_linear": sampling.ScaledLinear,
        "squaredcos_cap_v2": lambda timesteps, _low, _high: sampling.Cosine(timesteps),
        "sigmoid": sampling.Sigmoid,
    }
)


def _rescaled(schedule: sampling.Schedule | sampling.Betas, wire: SchedulerWire) -> sampling.ProcessSettings:
    return sampling.ZeroTerminal(schedule) if wire.rescale_betas_zero_snr else schedule


def _prediction(wire: SchedulerWire) -> str:
    return PREDICTED[_choice("prediction_type", wire.prediction_type, PREDICTED)]


def _choice(name: str, value: str, known: Mapping[str, Any]) -> str:
    if value not in known:
        text = tr("“{value}” is not a {name} that is known here")
        raise ValueError(text.format(value=name_words(value), name=name))
    return value


def _sampled(wire: SchedulerWire) -> Iterator[str]:
    """What its own pipeline does otherwise, whatever is chosen here."""
    if wire.steps_offset:
        yield tr("its own pipeline visits times {n} later (steps_offset), which no spacing here does").format(
            n=wire.steps_offset
        )
    if wire.thresholding:
        yield tr("its own pipeline clips x̂0 by quantiles (thresholding), here it is kept in [−1, 1] or not at all")
    elif wire.clip_sample_range != 1.0:
        text = tr("its own pipeline clips x̂0 at {range}, here it is kept in [−1, 1] or not at all")
        yield text.format(range=f"{wire.clip_sample_range:g}")
    elif wire.clip_sample is False:
        yield tr("its own pipeline does not clip x̂0")
    if wire.set_alpha_to_one is False or wire.final_sigmas_type == "sigma_min":
        yield tr("its own pipeline ends at its first timestep, here a run ends at t = 0")


def _sigmas(wire: SchedulerWire, scale: float = 1.0) -> tuple[float, float, float]:
    """σ_min and σ_max of pictures in [−1, 1], where theirs are `scale` times as small, and σ_data."""
    low, high, data = (value or 0.0 for value in (wire.sigma_min, wire.sigma_max, wire.sigma_data))
    if not 0 < low < high <= LARGEST_SIGMA or not 0 <= data <= LARGEST_SIGMA:
        raise ValueError(tr("its σ are not between 0 and {most}, the smallest first").format(most=LARGEST_SIGMA))
    return scale * low, scale * high, data


def _exploding(told: str, prediction: str, scale: float = 1.0) -> Callable[[SchedulerWire], Declared]:
    def read(wire: SchedulerWire) -> Declared:
        low, high, data = sigmas = _sigmas(wire, scale)
        if told in (EDM, CONSISTENCY) and not data:
            raise ValueError(tr("its σ_data is 0"))
        process = sampling.DeclaredExploding(high, low)
        notes = (tr("a consistency model gives the end of its path, not the mean E[x_0 | x_t]"),)
        said = notes if told == CONSISTENCY else ()
        return Declared(process, prediction, told, wire._class_name, "karras", notes=said, sigmas=sigmas)

    return read


def _edm(wire: SchedulerWire) -> Declared:
    sign = {"epsilon": 1.0, "v_prediction": -1.0}
    _choice("prediction_type", wire.prediction_type, sign)
    found = _exploding(EDM, "x0")(wire)
    low, high, data = found.sigmas  # of v, c_out is that of ε with the other sign: so is σ_data, squared elsewhere
    notes = tuple(_sampled(wire))
    return replace(found, sigmas=(low, high, sign[wire.prediction_type] * data), notes=notes)


def _flow(wire: SchedulerWire) -> Declared:
    if wire.invert_sigmas:
        raise ValueError(tr("“{value}” is not a {name} that is known here").format(value="true", name="invert_sigmas"))
    shifted = wire.shift != 1.0 or wire.use_dynamic_shifting
    notes = (tr("its own pipeline visits more noisy times than others (shift), which no spacing here does"),)
    return Declared(sampling.Flow(), "u", FLOW, wire._class_name, "trailing", notes=notes if shifted else ())


READERS: Mapping[str, Callable[[SchedulerWire], Declared]] = MappingProxyType(
    {
        **dict.fromkeys(VARIANCE_PRESERVING, _variance_preserving),
        "ScoreSdeVeScheduler": _exploding(SCORE, "eps", 2.0),  # of pictures in [0, 1]: half as far apart
        "KarrasVeScheduler": _exploding(SCORE, "eps"),
        "CMStochasticIterativeScheduler": _exploding(CONSISTENCY, "x0"),
        "EDMEulerScheduler": _edm,
        "EDMDPMSolverMultistepScheduler": _edm,
        "FlowMatchEulerDiscreteScheduler": _flow,
    }
)
"""What reads the configuration of each class of scheduler."""
