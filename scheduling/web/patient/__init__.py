"""Pages on which a patient books and keeps a course."""
