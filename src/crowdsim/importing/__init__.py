"""Drawings, maps and other files into venue files: a reader for each format, and one understanding of all."""
