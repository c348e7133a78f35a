"""A fake mail provider: an SMTP server whose mailboxes a person can read and answer from."""
