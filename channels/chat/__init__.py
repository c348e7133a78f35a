"""The broker's app and web chat: our own protocol, no provider in between."""
