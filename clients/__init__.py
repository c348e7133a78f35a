"""The 360° client: profile, identity, consent, tier and event."""
