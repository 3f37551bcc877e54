"""Shapes of ``d``, one module per family of events; field names are the platform's."""
