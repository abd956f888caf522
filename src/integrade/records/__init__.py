"""The records that other layers attach to functions: measures, questions, options, columns, plugins."""
