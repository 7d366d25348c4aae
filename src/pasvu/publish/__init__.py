"""From the record to the platforms, and their figures back."""
