"""What is said on the wire: facts about the platform, no decisions."""
