"""Placeholder."""
from socmeasures.scales.named_columns import NamedColumns
def psych_keys(key: NamedColumns) -> str:
    """Placeholder."""
    return ""
