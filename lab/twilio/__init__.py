"""A fake api.twilio.com: messages here, calls beside them."""
