"""Keep a warehouse in shape: old slices, small files, older versions."""
