"""How dates are written in other languages than English."""
