"""What the page Retention shows, one module a subject: the experiment, and the traps."""
