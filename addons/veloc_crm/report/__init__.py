"""Papers about the traders' data, drawn with reportlab: no browser is needed."""
