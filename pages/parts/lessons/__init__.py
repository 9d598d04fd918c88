"""What the page Lessons shows, one module a subject: a step, its question, what is done, the class."""
