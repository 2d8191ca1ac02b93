"""What an instrument is: its items, codes, key, missing rule, bands, norms and evidence."""
