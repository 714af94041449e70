"""Pages of education: the public library, a patient's reading, and the desk."""
