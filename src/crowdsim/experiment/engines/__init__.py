"""Where runs are made: processes of this machine, a Ray cluster, or jobs of a Slurm cluster."""
