"""Meanings as words: one module a language, with its templates in captioners/templates/<code>/."""
