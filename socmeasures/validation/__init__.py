"""Everything that can be wrong with a data set, in plain words."""
