"""How we point at a mistake: text with positions, diagnostics, and YAML that keeps every scalar as text."""
