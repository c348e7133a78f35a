"""Pushes to phones and browsers: a sentence that says nothing, and a link into the app."""
