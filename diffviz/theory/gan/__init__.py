"""The mathematics of GANs: known distributions, the best possible D, verdicts."""
