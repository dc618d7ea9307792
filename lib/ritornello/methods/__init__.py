"""Score items for a listener by every method of a comparison."""
