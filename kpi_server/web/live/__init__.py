"""Connections that stay open: WebSockets that speak graphql-transport-ws, and server-sent events."""
