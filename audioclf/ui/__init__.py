"""The page: one module per screen, what they share, and their assets. Knows Gradio and no tensor code."""
