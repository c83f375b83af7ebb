"""Many runs of one way: replications until a verdict is settled, and what differs between runs."""
