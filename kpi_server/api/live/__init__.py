"""Subscriptions: a query that is asked again whenever there is something new, a page for all who ask the same.

`pages` waits for each page once for everybody, `reading` is how that is done, `streams` one subscriber's way
along them, `beginning` begins one.
"""
