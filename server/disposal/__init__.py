"""五未 disposal: cases, their states and clocks, the legal track, documents and evidence."""
