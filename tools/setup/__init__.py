"""Set-up of a fresh checkout, from nothing but a system Python, make and git."""
