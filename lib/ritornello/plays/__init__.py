"""Turn nested lists into plays: explode, check, give dense ids."""
