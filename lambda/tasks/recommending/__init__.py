"""Recommendations out of a model in memory: answers to questions, and everyone's lists in files."""
