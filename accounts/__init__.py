"""Who people are: users with roles, patients, API keys."""
