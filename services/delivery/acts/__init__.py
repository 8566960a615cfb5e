"""What one act of a person, or one timer, writes in more than one place; each all at once or not at all."""
