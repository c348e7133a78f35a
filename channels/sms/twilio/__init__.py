"""Twilio's Programmable Messaging: overseas numbers, free text, signed callbacks."""
