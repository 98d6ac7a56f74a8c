"""Whose an e-mail address is: registration by a link, the proof of addresses that came before, and their change."""
