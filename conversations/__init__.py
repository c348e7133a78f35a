"""The turn, the floor, the transcript and the way to the assistant."""
