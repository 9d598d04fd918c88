"""The command `checkpoint-explorer`: what the page Inspect tells, in a terminal, a script or a pull request.

Nothing here needs TensorFlow, Streamlit or pandas. `serve` starts the application, where it is installed.
"""
