"""Keeping house from outside, through the public APIs: import from CSV, export and erasure of one customer."""
