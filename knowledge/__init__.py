"""What the house knows, how it is found, and what is missing."""
