"""Whether a checkpoint would load: `judging` asks, the other modules are the rules of each loader."""
