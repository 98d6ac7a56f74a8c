"""Where the key ring of access tokens lies (cse.users.ports.KeyStore)."""
