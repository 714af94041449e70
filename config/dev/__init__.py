"""Pages for trying the product out: its mail, its second factors. Never served in production.

They show everybody's mail and secrets, so `settings.DEV_PAGES` may be on only where the database is
this machine's own.
"""
