"""Lessons: their format, their shelf, what a step does, a class."""
