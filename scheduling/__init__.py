"""Booking of whole treatment courses: the domain core, its storage, operations, pages and API."""
