"""Statistics for diagnostic studies: pure functions on arrays."""
