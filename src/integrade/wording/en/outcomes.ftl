contradicted = Contradicted
not-supported = Not supported
not-tested = Not tested
supported = Supported
