"""Import data from outside: deliveries, corrections, the outside catalogue."""
