"""The workshop's HTTP commands and queries beside those of `api.py`, a noun a file. Each file has its table of who may."""
