"""report.html: an evaluation as one self-contained page."""
