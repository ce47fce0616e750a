"""The types of the graph; each wraps rows and derives nothing that a rule of the domain does not say."""
