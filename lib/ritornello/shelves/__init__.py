"""Hold all that is known of some listeners as flat arrays, in one batch."""
