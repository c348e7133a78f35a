"""Telephone calls that read a notice in Mandarin and take a pressed key as the receipt."""
