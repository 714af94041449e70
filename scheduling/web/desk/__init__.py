"""Pages of the people who work at the clinic."""
