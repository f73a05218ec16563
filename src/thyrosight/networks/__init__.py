"""Networks by name, what they expect as input, and where their weights come from."""
