"""微信客服: callbacks that carry nothing, messages pulled with a cursor, sends under our key."""
