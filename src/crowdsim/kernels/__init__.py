"""The compiled hot loops: plain functions on arrays that import NumPy and Numba only."""
