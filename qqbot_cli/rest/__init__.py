"""The REST side of the platform: one call path, access tokens, and a method for each endpoint."""
