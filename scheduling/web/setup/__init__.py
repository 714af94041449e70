"""Setting up the clinic. Every change shows first what it meets."""
