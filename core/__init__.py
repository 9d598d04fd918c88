"""What Checkpoint Explorer knows, without Streamlit: data, runs, histories, figures; `core.tf` trains.

Only the modules of `core.tf` import TensorFlow, so that a server can read a run's checkpoints without
loading it.
"""
