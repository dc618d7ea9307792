"""Match artists and tracks by name, and describe how they sound."""
