"""Compare methods on data sets, tune their options and report the results."""
