"""Make a night: from stored plays to published, judged lists, step by step."""
