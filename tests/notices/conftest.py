"""A department that tells of its lamp, and its people."""

from tests.web.conftest import clock_file, issuer, lamp, store, toy, verifier

__all__ = ["clock_file", "issuer", "lamp", "store", "toy", "verifier"]
