"""HTTP, WebSocket, sign-in and access; no business rule."""
