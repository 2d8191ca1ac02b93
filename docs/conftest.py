"""Generated pages are run from the definitions by tests/test_docs.py, never from an old build."""

collect_ignore = ["_build", "conf.py", "reference.md", "scales"]
