"""The worker processes: where TensorFlow runs, who may train next, and how what dies is started again."""
