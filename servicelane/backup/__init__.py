"""Copies of a site's databases, made while it runs, and a department brought back from one (docs/operations.md)."""
