"""Drawing text of known place, size and contrast into real frames."""
