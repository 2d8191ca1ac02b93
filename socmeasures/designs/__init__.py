"""A study in, an answer with its caveats out."""
