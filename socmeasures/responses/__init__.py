"""What people answered: files, labels, codings, matching of columns to items, checks."""
