"""Measuring the quality of models: samples beside real data."""
