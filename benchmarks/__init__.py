"""Measurements of this server against hand-written routes and other GraphQL servers: `python3 run bench`."""
