"""Sequential models of the next plays, each with and without personalised popularity."""
