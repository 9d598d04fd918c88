"""What a run's files say about its way: the table of checkpoints, the cost surface, when it was done."""
