"""The demo books: a Mexican food distributor with a company in Colombia.

``build.build(env)`` fills a database that has the suite (or only Odoo's accounting and
sales); ``summary.summary(env)`` tells what is in it; ``main`` runs both. Everything
follows from a seed and from today.
"""
