"""Crop margins and input sizes with Inception-v3, and features that go with errors (Guan et al. 2019)."""
