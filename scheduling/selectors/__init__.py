"""Answers to questions about the clinic. They read, and change nothing."""
