"""The questionnaires as published, one file for each and each language."""
