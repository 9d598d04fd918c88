"""`python -m bench`: what the application costs, beside the ways that people use without it."""
