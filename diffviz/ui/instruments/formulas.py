"""The equations of diffusion as typeset pieces, each with its colour, the term it stands for and its number.

The pieces were rendered once, by `packaging/make_equations.py`, and lie in `resources/equations.json`: nothing is
typeset while the program runs. `t − 1` stands for the next smaller visited timestep.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from diffviz import paths
from diffviz.domain.serialization import decode, read_bytes
from diffviz.domain.text import mark as _
from diffviz.ui.widgets.view import ALPHA, ALPHA_BAR, BETA, BETA_TILDE, EPS, SIGMA, STD, X0, X

FILE = "equations.json"
SIZE = 18


@dataclass(frozen=True, slots=True)
class Piece:
    """`latex` in the colour `hue` of the palette. `value` names its number: a field of `theory.equations.Equations`."""

    latex: str
    hue: str = "text"
    term: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """One equation: what it is (English, translated when shown), where it is from, and its pieces."""

    title: str
    source: str
    pieces: tuple[Piece, ...]


X_T, X_BEFORE = Piece("x_t", "noisy", X), Piece("x_{t-1}", "noisy", X)
EPS_HAT, X0_HAT = Piece(r"\hat{\varepsilon}", "noise", EPS), Piece(r"\hat{x}_0", "data", X0)
PLUS, IS, Z = Piece("+"), Piece("="), Piece("z")

SIMPLE = Formula(
    _("Simple objective: every weight is 1"),
    "Ho et al. 2020, eq. 14",
    (
        Piece(r"L_{\mathrm{simple}}", "loss", "", "loss"),
        IS,
        Piece(r"\mathbb{E}"),
        Piece(r"\|\varepsilon-\hat{\varepsilon}\|^2", "noise", EPS),
    ),
)
FORMULAS: tuple[Formula, ...] = (
    Formula(
        _("Markov step of q"),
        "Ho et al. 2020, eq. 2",
        (
            X_T,
            IS,
            Piece(r"\sqrt{1-\beta_t}", "beta", BETA, "sqrt_one_minus_beta"),
            X_BEFORE,
            PLUS,
            Piece(r"\sqrt{\beta_t}", "beta", BETA, "sqrt_beta"),
            Piece(r"\varepsilon_t", "noise", EPS),
        ),
    ),
    Formula(
        _("Closed form of q"),
        "Ho et al. 2020, eq. 4",
        (
            X_T,
            IS,
            Piece(r"\sqrt{\bar{\alpha}_t}", "data", ALPHA, "alpha"),
            Piece("x_0", "data", X0),
            PLUS,
            Piece(r"\sqrt{1-\bar{\alpha}_t}", "noise", SIGMA, "sigma"),
            Piece(r"\varepsilon", "noise", EPS),
        ),
    ),
    Formula(
        _("Mean of the posterior"),
        "Ho et al. 2020, eq. 7",
        (
            Piece(r"\tilde{\mu}_t"),
            IS,
            Piece(r"\frac{\sqrt{\bar{\alpha}_{t-1}}\,\beta_t}{1-\bar{\alpha}_t}", "data", X0, "mu_x0"),
            Piece("x_0", "data", X0),
            PLUS,
            Piece(r"\frac{\sqrt{1-\beta_t}\,(1-\bar{\alpha}_{t-1})}{1-\bar{\alpha}_t}", "noisy", X, "mu_xt"),
            X_T,
        ),
    ),
    Formula(
        _("Variance of the posterior"),
        "Ho et al. 2020, eq. 7",
        (
            Piece(r"\tilde{\beta}_t", "text", BETA_TILDE, "beta_tilde"),
            IS,
            Piece(r"\frac{1-\bar{\alpha}_{t-1}}{1-\bar{\alpha}_t}", "alpha_bar", ALPHA_BAR, "ratio"),
            Piece(r"\beta_t", "beta", BETA, "beta"),
        ),
    ),
    Formula(
        _("The model: a chain as well"),
        "Ho et al. 2020, eq. 1",
        (
            Piece(r"p_\theta(x_{0:T})"),
            IS,
            Piece("p(x_T)", "noisy", X),
            Piece(r"\prod_{t=1}^{T}"),
            Piece(r"p_\theta(x_{t-1}\mid x_t)", "data", X0),
            Piece(r",\;\;p(x_T)=\mathcal{N}(0,\mathbf{I})"),
        ),
    ),
    Formula(
        _("DDPM step"),
        "Ho et al. 2020, algorithm 2",
        (
            X_BEFORE,
            IS,
            Piece(r"\frac{1}{\sqrt{1-\beta_t}}", "beta", BETA, "inverse"),
            Piece(r"\Big("),
            X_T,
            Piece("-"),
            Piece(r"\frac{\beta_t}{\sqrt{1-\bar{\alpha}_t}}", "noise", EPS, "removed"),
            EPS_HAT,
            Piece(r"\Big)"),
            PLUS,
            Piece(r"\sigma_t", "text", STD, "ddpm_std"),
            Z,
        ),
    ),
    Formula(
        _("DDIM step"),
        "Song et al. 2021, eq. 12",
        (
            X_BEFORE,
            IS,
            Piece(r"\sqrt{\bar{\alpha}_{t-1}}", "data", X0, "ddim_x0"),
            X0_HAT,
            PLUS,
            Piece(r"\sqrt{1-\bar{\alpha}_{t-1}-\sigma_t^2}", "noise", EPS, "ddim_eps"),
            EPS_HAT,
            PLUS,
            Piece(r"\sigma_t", "text", STD, "ddim_std"),
            Z,
        ),
    ),
    Formula(
        _("Objective, up to a constant"),
        "Ho et al. 2020, eq. 12",
        (
            Piece("L_{t-1}", "loss"),
            IS,
            Piece(r"\mathbb{E}"),
            Piece(r"\frac{\beta_t^2}{2\sigma_t^2(1-\beta_t)(1-\bar{\alpha}_t)}", "loss", "", "weight"),
            Piece(r"\|\varepsilon-\hat{\varepsilon}\|^2", "noise", EPS),
        ),
    ),
    SIMPLE,
)

ADDED = r"\sigma_{t\mid t-1}"
WITHOUT_BETA: tuple[Formula, ...] = (
    Formula(
        _("Markov step of q"),
        "Kingma et al. 2021, appendix A",
        (
            X_T,
            IS,
            Piece(r"\frac{\alpha_t}{\alpha_{t-1}}", "data", ALPHA, "sqrt_one_minus_beta"),
            X_BEFORE,
            PLUS,
            Piece(ADDED, "noise", SIGMA, "sqrt_beta"),
            Piece(r"\varepsilon_t", "noise", EPS),
        ),
    ),
    Formula(
        _("Variance that the step adds"),
        "Kingma et al. 2021, appendix A",
        (
            Piece(ADDED + "^2", "noise", SIGMA, "beta"),
            IS,
            Piece(r"\sigma_t^2"),
            Piece("-"),
            Piece(r"\frac{\alpha_t^2}{\alpha_{t-1}^2}\,\sigma_{t-1}^2"),
        ),
    ),
    Formula(
        _("Closed form of q"),
        "Kingma et al. 2021, eq. 1",
        (
            X_T,
            IS,
            Piece(r"\alpha_t", "data", ALPHA, "alpha"),
            Piece("x_0", "data", X0),
            PLUS,
            Piece(r"\sigma_t", "noise", SIGMA, "sigma"),
            Piece(r"\varepsilon", "noise", EPS),
        ),
    ),
    Formula(
        _("Mean of the posterior"),
        "Kingma et al. 2021, appendix A",
        (
            Piece(r"\tilde{\mu}_t"),
            IS,
            Piece(r"\frac{\alpha_{t-1}\,\sigma_{t\mid t-1}^2}{\sigma_t^2}", "data", X0, "mu_x0"),
            Piece("x_0", "data", X0),
            PLUS,
            Piece(r"\frac{\alpha_t\,\sigma_{t-1}^2}{\alpha_{t-1}\,\sigma_t^2}", "noisy", X, "mu_xt"),
            X_T,
        ),
    ),
    Formula(
        _("Variance of the posterior"),
        "Kingma et al. 2021, appendix A",
        (
            Piece(r"\tilde{\sigma}_t^2", "text", BETA_TILDE, "beta_tilde"),
            IS,
            Piece(r"\frac{\sigma_{t-1}^2}{\sigma_t^2}", "text", "", "ratio"),
            Piece(ADDED + "^2", "noise", SIGMA, "beta"),
        ),
    ),
    Formula(
        _("Ancestral step"),
        "Kingma et al. 2021, appendix A",
        (
            X_BEFORE,
            IS,
            Piece(r"\tilde{\mu}_t(x_t, \hat{x}_0)", "data", X0),
            PLUS,
            Piece(r"\sigma", "text", STD, "ddpm_std"),
            Z,
        ),
    ),
    Formula(
        _("DDIM step; Euler's for flow without z"),
        "Song et al. 2021, eq. 12",
        (
            X_BEFORE,
            IS,
            Piece(r"\alpha_{t-1}", "data", X0, "ddim_x0"),
            X0_HAT,
            PLUS,
            Piece(r"\sqrt{\sigma_{t-1}^2-\sigma^2}", "noise", EPS, "ddim_eps"),
            EPS_HAT,
            PLUS,
            Piece(r"\sigma", "text", STD, "ddim_std"),
            Z,
        ),
    ),
    SIMPLE,
)
"""Those of a process that has α_t and σ_t but no β, for a pair of visited times; t − 1 is the one before."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A piece as SVG, black; `width` pixels wide, `above` and `below` its baseline, at `SIZE` pixels to the em."""

    svg: str
    width: float
    above: float
    below: float


def latex_of(formulas: tuple[Formula, ...] = FORMULAS + WITHOUT_BETA) -> tuple[str, ...]:
    """All pieces to be rendered, each once."""
    return tuple(dict.fromkeys(piece.latex for formula in formulas for piece in formula.pieces))


@lru_cache(maxsize=1)
def rendered() -> dict[str, Glyphs]:
    """Every piece by its LaTeX. Raises OSError or ValueError where the resource is missing or damaged."""
    raw: dict[str, dict[str, Any]] = decode(read_bytes(paths.resources() / FILE))
    return {latex: Glyphs(**fields) for latex, fields in raw.items()}
