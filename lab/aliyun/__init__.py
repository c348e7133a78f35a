"""A fake dysmsapi.aliyuncs.com: signed calls, approved templates, pushed reports."""
