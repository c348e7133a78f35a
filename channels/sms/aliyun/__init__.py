"""Aliyun's Short Message Service: mainland numbers, approved templates, reports pushed to us."""
