"""From pictures to numbers."""
