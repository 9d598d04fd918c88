"""The server's own middleware and routes, with a real server."""
