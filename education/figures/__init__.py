"""Drawings made from the data that they speak of, each with the same in words."""
