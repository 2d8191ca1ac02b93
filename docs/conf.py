"""How Sphinx builds the documentation; `make docs` generates the scale pages first."""

import re
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

project = "socmeasures"
author = "The socmeasures developers"
try:
    release = version = installed("socmeasures")
except PackageNotFoundError:  # built from a checkout that was never installed
    release = version = ""

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
language = "en_GB"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"

html_theme = "alabaster"
html_title = "socmeasures"
html_static_path = ["_static"]
html_css_files = ["socmeasures.css"]
html_show_sourcelink = False
html_sidebars = {"**": ["about.html", "searchfield.html", "navigation.html"]}
html_theme_options = {
    "description": "From a questionnaire export to an effect that can be published",
    "page_width": "1080px",
    "sidebar_width": "240px",
    "fixed_sidebar": False,
    "show_powered_by": False,
    "globaltoc_maxdepth": 1,
}


def plain_references(*event):
    """Numbered notes of many docstrings would clash on one page: make them a plain list."""
    lines = event[-1]
    lines[:] = [
        re.sub(r"\[(\d+)\]_", r"[\1]", re.sub(r"^\.\. \[(\d+)\] ", r"* [\1] ", line))
        for line in lines
    ]


def setup(app):
    """Napoleon runs at 500; the notes are rewritten before it."""
    app.connect("autodoc-process-docstring", plain_references, priority=400)
