"""Tests of the assistant, run in its own Python."""
