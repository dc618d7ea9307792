"""Turn nested lists into plays: explode, check, assign dense ids."""
