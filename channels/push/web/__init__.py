"""Web push: encrypted for the browser, signed by us (RFC 8030, 8291, 8292)."""
