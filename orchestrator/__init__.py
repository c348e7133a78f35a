"""Who gets what, when, and on which channel."""
