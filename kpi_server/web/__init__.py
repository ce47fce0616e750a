"""What Starlette serves beside the GraphQL endpoint: pages, health, metrics and authentication."""
