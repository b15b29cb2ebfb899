"""What it is played on, and what becomes of the sound."""
