"""Portfolios as the API shows them: folded from history as far as it goes, valued by what markets say."""
