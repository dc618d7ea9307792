"""Environment variables that tell a studio's kernel its warehouse and settings."""

WAREHOUSE = "RITORNELLO_WAREHOUSE"
CONF = "RITORNELLO_CONF"
