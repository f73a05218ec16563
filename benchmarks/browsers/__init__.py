"""Other browsers than Chromium, driven by their own protocols."""
