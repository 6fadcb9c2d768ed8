"""Glossary: what the short words and symbols of figures, legends and read-outs mean, a sentence or two each.

One table for all that shows them, so that a word means the same wherever it stands. What holds of one figure alone is
said where that is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from diffviz.domain.text import mark as _
from diffviz.domain.text import tr

DIFFUSION: Mapping[str, str] = MappingProxyType(
    {
        "beta": _("Variance of the noise that step t adds (Ho et al. 2020, eq. 2)."),
        "alpha_bar": _("What is left of the signal's variance: the product of 1 − β up to t (Ho et al. 2020, eq. 4)."),
        "alpha": _("Coefficient of x₀ in xₜ (Ho et al. 2020, eq. 4)."),
        "sigma": _("Coefficient of the noise in xₜ (Ho et al. 2020, eq. 4)."),
        "snr": _("Signal-to-noise ratio ᾱₜ / (1 − ᾱₜ) (Kingma et al. 2021, eq. 2)."),
        "pair_beta": _(
            "Variance of the noise that q adds between the two timesteps named beside it, all in between together: "
            "1 − ᾱₜ / ᾱ of the smaller one. β̃ below belongs to it; βₜ above is one timestep's."
        ),
        "beta_tilde": _("Variance of q(x | xₜ, x₀) at the next smaller visited timestep (Ho et al. 2020, eq. 7)."),
        "std": _("Standard deviation of the noise that the sampler adds in this step."),
        "next": _("The timestep that the sampler goes to from here."),
        "previous": _("The next smaller timestep that this run keeps."),
        "mean": _("Mean over all pixels, beside √ᾱₜ times that of x₀, which is what to expect."),
        "variance": _("Variance over all pixels, beside ᾱₜ times that of x₀ plus 1 − ᾱₜ, which is what to expect."),
        "plain_alpha": _("Coefficient of x₀ in xₜ (Kingma et al. 2021, eq. 1)."),
        "plain_sigma": _("Coefficient of the noise in xₜ (Kingma et al. 2021, eq. 1)."),
        "plain_snr": _("Signal-to-noise ratio αₜ² / σₜ² (Kingma et al. 2021, eq. 2)."),
        "plain_beta_tilde": _(
            "Variance of q(x | xₜ, x₀) at the next smaller visited time (Kingma et al. 2021, appendix A)."
        ),
        "plain_mean": _("Mean over all pixels, beside αₜ times that of x₀, which is what to expect."),
        "plain_variance": _("Variance over all pixels, beside αₜ² times that of x₀ plus σₜ², which is what to expect."),
        "z": _("z is noise that this step draws afresh from N(0, I), times σ."),
        "hats": _("x̂₀ and ε̂ are the model's estimates of the clean image and of all the noise in xₜ."),
        "mu_tilde": _("μ̃ is the mean of q(x | xₜ, x₀): a sum of x̂₀ and xₜ, with the weights below."),
        "loss": _(
            "The simple loss of this sample at this t: the mean of (ε − ε̂)² over its pixels (Ho et al. 2020, eq. 14)."
        ),
        "losses": _(
            "Mean squared error of ε̂ against the noise: the simple training objective (Ho et al. 2020, eq. 14)."
        ),
        "seen": _(
            "The class that a classifier, a network of its own, finds likeliest in this picture, and how likely: "
            "p(y | x). It says which class the picture is taken for, not how good it is."
        ),
        "original": _("The picture itself, before any noise. What stands beside it was restored from it."),
        "apart": _("Root mean square of the difference between the pictures of A and of B at the cursor."),
        "spacing.trailing": _("trailing counts back from T in equal strides: T itself is visited (Lin et al. 2024)."),
        "spacing.leading": _("leading counts up from the least t in equal strides: it starts below T, not at noise."),
        "spacing.linspace": _("linspace spreads the times evenly from T to the least one, and visits both."),
        "spacing.karras": _("Karras spreads the 7th root of σ / α evenly: small steps where there is little noise."),
    }
)
GAN: Mapping[str, str] = MappingProxyType(
    {
        "real": _("Share of fresh held-out real data that D takes for real."),
        "fake": _("Share of fresh samples that D takes for generated."),
        "overall": _("D's accuracy on both kinds together, with its 95 % interval."),
        "threshold": _("A critic has no 50 % threshold: this one is fitted on a disjoint half of the samples."),
        "best": _("½ (1 + TV): what a D that knew both densities would reach."),
        "covered": _(
            "Modes with at least {share} of the samples that the data would put there (a lower bar does not count), or "
            "classes that the classifier sees among the samples."
        ),
        "modes": _("Share of the modes, or classes, that are covered."),
        "quality": _("Share of the samples within 3 standard deviations, 3 σ, of a mode of the data."),
        "tv": _(
            "Total variation between the data's density and an estimate of the samples': half the area between the "
            "two, 0 where they agree and 1 where they never overlap."
        ),
        "js": _(
            "Jensen–Shannon divergence between the data's density and an estimate of the samples', in bits: 0 where "
            "they agree and 1 where they never overlap."
        ),
        "gradient": _("Mean norm of ∂L_G/∂x at generated samples: what D tells G."),
        "loss_d": _("What D minimises, at every step."),
        "loss_g": _("What G minimises, at every step."),
    }
)
AUTOENCODERS: Mapping[str, str] = MappingProxyType(
    {
        "z": _("The latent point; its first coordinates where it has more than two."),
        "nearest": _(
            "Distance to the nearest real image in the classifier's features, over the sample pictures: a distance in "
            "pixels would reward blur."
        ),
        "sharpness": _("Root mean square of the discrete Laplacian ∇²; speckle has much of it too."),
        "norm": _("Distance from the origin: N(0, I) in D dimensions has a norm of about √D for large D."),
        "cycle": _("How far the decoded image's own code E(D(z)) is from the z it was decoded from."),
        "elbo": _("Lower bound of log p(x), by draws of z; an AE has none."),
        "kl": _("KL(q(z|x) ‖ p(z)) over all latent dimensions; an AE has no q(z|x)."),
        "error": _("Mean squared error of x′ at this z, in the data range −1 … 1."),
        "mu": _("Mean of q(z|x): where the encoder puts the picture."),
        "deviation": _("Standard deviations of q(z|x), one for each latent dimension."),
        "eps": _("What was drawn from N(0, I): z = μ + σ ε."),
        "log_p": _("Log density of the picture under p(x|z), the decoder's distribution, at this z."),
        "gap": _("How far the ELBO is below log p(x): how far q(z|x) is from the true posterior p(z|x)."),
        "sharpness_share": _("Sharpness of the picture above, as a share of that of real images."),
        "frechet": _(
            "Fréchet distance to real images in the classifier's features, of means and of samples decoded from draws "
            "of the prior: smaller is nearer."
        ),
        "bits": _("−ELBO by the number of values in bits: comparable only between likelihoods of 256 grey levels."),
        "faults": _("Median distance of decoded points to the nearest real image in the classifier's features."),
    }
)
TABLES: Mapping[str, Mapping[str, str]] = MappingProxyType({"diffusion": DIFFUSION, "gan": GAN, "vae": AUTOENCODERS})


def meaning(table: str, key: str, **values: str) -> str:
    """What the word `key` of `table`, a key of `TABLES`, means, in the language in force, with `values` filled in."""
    said = tr(TABLES[table][key])
    return said.format(**values) if values else said


def choice_meaning(setting: str, key: str) -> str:
    """What the choice `key` of the setting called `setting` means; empty where its name says it."""
    found = DIFFUSION.get(f"{setting}.{key}")
    return tr(found) if found else ""
