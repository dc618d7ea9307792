"""Decide what outside entries are about: keys made of names, listeners by their folders."""
