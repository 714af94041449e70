"""What changes people's records. One file per verb."""
