"""Trusted documents: GraphQL that the server was given when it started, and that clients name by its hash."""
