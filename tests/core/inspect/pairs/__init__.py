"""Pairs of a file and a model that it is loaded into: what really happens, against what the verdict says.

A pair is plain data. `process` builds both sides with TensorFlow or Keras, writes their files, really loads
one into the other and records what every weight became. `held` compares a verdict with that record.
"""
