"""Import an outside catalogue and match the listening log to it."""
