"""Placeholder."""
from socmeasures.scales.named_columns import NamedColumns
def codebook_page(key: NamedColumns) -> str:
    """Placeholder."""
    return ""
