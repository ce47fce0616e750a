"""Lists as callers ask for them: what each kind of row can be filtered and sorted by, declared once beside the kind.

`columns` is the vocabulary of those declarations, `operators` the typed inputs that compare a column, `filters` and
`orders` what is made of a declaration (GraphQL inputs; conditions and sort keys), `rows` the list itself.
"""
