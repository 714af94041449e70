"""What can be done with pages and their reading: one file for each verb."""
