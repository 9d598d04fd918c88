"""Figures: records in, Plotly out. A figure draws; it computes nothing that a caller could ask for."""
