"""A second, naive opinion on the planner: raw units and bookings, and no code shared with it."""
