"""The classifier for other programs: REST beside the page or alone, and on Modal."""
