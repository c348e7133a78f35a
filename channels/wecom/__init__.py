"""WeCom's API, shared by 微信客服 for clients and by application messages for staff."""
