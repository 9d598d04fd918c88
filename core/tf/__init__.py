"""The modules that import TensorFlow: graphs, sessions, Saver and SavedModel, on real files."""
