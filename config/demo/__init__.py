"""A believable clinic to try the product on. Every person in it is invented."""
