"""A run's directory: what it holds, its record, its digests, the index of all runs, their disk."""
