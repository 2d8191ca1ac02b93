"""People entered more than once: the rule lives with the answers, studies use the same one."""

from socmeasures.responses.duplicates import DuplicateRule, resolve_duplicates

__all__ = ["DuplicateRule", "resolve_duplicates"]
