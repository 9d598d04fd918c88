"""A sweep: one grid of real runs, each with its own checkpoints, that differ in one or two settings."""
