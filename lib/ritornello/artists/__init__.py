"""Recommend artists in two stages: features of pairs, their split, and the blend."""
