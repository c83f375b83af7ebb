"""Pictures of a venue and of a run."""
