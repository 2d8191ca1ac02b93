"""Named contacts in, network indices out."""
