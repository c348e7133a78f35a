"""A fake api.jpush.cn, and the apps on which its pushes are opened."""
