"""Anybody's checkpoints: what lies in a directory, what changed over its steps, what is wrong with it.

Nothing in here executes anything that a file says, and no TensorFlow reader is asked. Files of strangers are
read in a process that may die alone: `core.inspect.confined`.
"""
