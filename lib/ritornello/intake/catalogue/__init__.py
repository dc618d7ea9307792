"""Take in an outside catalogue and match the listening to it."""
