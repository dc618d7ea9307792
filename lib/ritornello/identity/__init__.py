"""Decide what external entries are about: keys made of names, listeners by their folders."""
