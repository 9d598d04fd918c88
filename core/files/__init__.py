"""What a run's files hold, read without TensorFlow: files, bytes, protocol buffers."""
