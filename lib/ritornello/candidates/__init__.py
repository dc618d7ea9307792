"""Propose items to every listener, source by source."""
