"""Import data from outside: deliveries, corrections, the external catalogue."""
