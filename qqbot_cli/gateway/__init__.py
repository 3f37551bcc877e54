"""The WebSocket side of the platform."""
