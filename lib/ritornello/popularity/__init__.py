"""Score items by personal popularity (formulas A2)."""
