"""Writes the beginning of something that fits into the house, working and tested from the start."""
