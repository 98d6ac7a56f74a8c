"""The only way out: HTTP requests to hosts that people or providers name, kept away from what is ours (SSRF)."""
