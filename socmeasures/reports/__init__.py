"""Results in, a page for people out."""
