"""Placeholder."""
from socmeasures.scales.named_columns import NamedColumns
def table_schema(key: NamedColumns) -> str:
    """Placeholder."""
    return ""
