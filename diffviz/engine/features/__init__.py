"""Pictures in a classifier's features: a cache, the nearest ones, and what is recognised."""
