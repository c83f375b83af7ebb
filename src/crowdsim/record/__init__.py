"""The run folder: trajectories and events streamed to disk, and read back."""
