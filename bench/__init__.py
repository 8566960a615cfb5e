"""How fast, as ratios to bare programs that do the minimum by the same servers: `make bench`, `python -m bench --only intake --short`."""
