"""Pictures and tables: arrays in, a matplotlib Figure or an HTML string out."""
