"""The running bot: shards, plugins, events, and what is known about them."""
