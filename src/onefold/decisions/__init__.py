"""Decisions: from catalogue and customer to what is worth saying, with the reason for everything else."""
