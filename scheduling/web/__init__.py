"""Pages for patients and the desk."""
