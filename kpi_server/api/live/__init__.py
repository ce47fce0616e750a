"""Subscriptions: a query that is asked again whenever there is something new, a page for all who ask the same.

`pages` reads each page once for everybody, `streams` is one subscriber's way along them, `opening` begins one.
"""
