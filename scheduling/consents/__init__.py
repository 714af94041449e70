"""The consent documents a patient reads and signs, one file for each and each language."""
