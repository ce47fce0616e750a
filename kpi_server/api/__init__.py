"""The GraphQL API: types, queries, execution."""
