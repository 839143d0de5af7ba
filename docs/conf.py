"""How Sphinx builds the documentation: Markdown in, one site with a search out."""

from eni_lint import __version__

project = "eni-lint"
release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 3
# Examples are abridged and hold placeholders, which no highlighter can read.
suppress_warnings = ["misc.highlighting_failure"]
html_title = "eni-lint"
html_theme = "alabaster"
html_theme_options = {
    "description": "What will go wrong with Lambda functions in VPCs, said before the deployment",
    "fixed_sidebar": True,
    "page_width": "1080px",
}
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
