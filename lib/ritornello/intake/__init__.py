"""Take in what comes from outside: deliveries, corrections, the outside catalogue."""
