"""Where events, sessions and gaps are kept: each store implements `model.inbox.Store`."""
