cannot-be-told = Cannot be told with this index
contradicted = Contradicted
not-supported = Not supported
not-tested = Not tested
supported = Supported
