"""What a network looked at, and how far that can be believed."""
