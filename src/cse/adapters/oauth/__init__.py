"""Identity providers over OAuth 2.0 and OpenID Connect (port: cse.users.linked.ports.IdentityProvider)."""
