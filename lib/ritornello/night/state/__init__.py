"""Bring the state of listening to an instant: months counted once, and the plays since."""
