"""The mathematics, in float64 numpy: noise schedules, forward process, posteriors, divergences, statistics."""
