"""What a developer runs around the product; nothing of it ships."""
