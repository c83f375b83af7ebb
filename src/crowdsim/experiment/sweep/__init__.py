"""A sweep: what is varied, its runs on one machine or many, and the table of their figures."""
