"""Measurements of the product against floors and references taken in the same run."""
