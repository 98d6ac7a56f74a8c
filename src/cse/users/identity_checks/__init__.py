"""Who people are: levels 0 to 3, checks that raise them, documents, sanctions and jurisdictions."""
