"""Import an external catalogue and match the listening log to it."""
