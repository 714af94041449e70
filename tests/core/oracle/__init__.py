"""A second, naive opinion on the planner: it reads raw units and bookings and shares no code with it."""
