"""What one page alone uses, in a package by that page's name."""
