"""Choose and order tracks for a moment."""
