"""Placeholder."""
from socmeasures.scales.named_columns import NamedColumns
def data_dictionary(key: NamedColumns) -> str:
    """Placeholder."""
    return ""
