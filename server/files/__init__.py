"""Photos and documents: checked by content, cleaned for the public, kept by their digest."""
