"""A Saver beside a SavedModel, and the same checkpoint in five formats."""
