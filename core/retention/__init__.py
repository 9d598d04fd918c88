"""Which checkpoints a Saver keeps, and its other options."""
