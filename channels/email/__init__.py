"""E-mail: SMTP out, replies and bounces in through addresses that only we can have made."""
