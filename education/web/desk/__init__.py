"""Where staff write what is read."""
