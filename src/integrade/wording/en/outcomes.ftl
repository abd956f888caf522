cannot-be-told = Inconclusive because of noise
contradicted = Contradicted
not-supported = Not supported
not-tested = Not tested
supported = Supported
