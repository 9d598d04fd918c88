"""The code that loads a file, for each format: with its own path, classes and names."""
