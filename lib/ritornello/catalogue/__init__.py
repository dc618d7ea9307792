"""Match names of artists and tracks, and know them by sound."""
