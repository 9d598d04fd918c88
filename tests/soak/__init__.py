"""What takes too long for every day: `make soak` breaks things on purpose and measures how they heal."""
