"""What training yields, the optimizers, resuming, forking, the first pass, the script."""
