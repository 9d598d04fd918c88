"""Serving: the command `checkpoint-explorer`, and what stands around the application on a server."""
