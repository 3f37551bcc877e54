"""Bodies of REST calls, one module per family of calls; messages are in `model.outgoing`.

Field names are the platform's. Fields left `UNSET` do not appear on the wire. What the platform limits is
limited in the type of the field, or refused when the body is built.
"""
