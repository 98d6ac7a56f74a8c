"""A web app as a build leaves it, small and always the same."""

import gzip
from pathlib import Path

PAGE = """<!doctype html>
<html lang="en"><head><title>CS Exchange</title><meta property="csp-nonce" nonce="__CSP_NONCE__">
<script type="module" src="/assets/index-AbC123.js" nonce="__CSP_NONCE__"></script></head><body></body></html>
"""
SCRIPT = b"export const words = 'one two three four';\n" * 60
BROTLI = b"\x0b\x02\x80hello\x03"
"""Not the script's, but brotli: nothing here unpacks it."""


def build(folder: Path) -> Path:
    """Writes the app below a folder; a file beside it is none of the app's."""
    app = folder / "web_app"
    (app / "assets").mkdir(parents=True)
    (folder / "secret.txt").write_text("not for you", encoding="utf-8")
    (app / "index.html").write_text(PAGE, encoding="utf-8")
    (app / "sw.js").write_bytes(b"self.addEventListener('fetch', () => {})\n")
    (app / "manifest.webmanifest").write_bytes(b"{}")
    for name, body in {"index-AbC123.js": SCRIPT, "geist-AbC123.woff2": b"wOF2"}.items():
        (app / "assets" / name).write_bytes(body)
    (app / "docs/guides").mkdir(parents=True)
    for name in ("index", "guides/begin"):
        (app / f"docs/{name}.html").write_text(f"<title>{name}</title>", encoding="utf-8")
    (app / "assets/index-AbC123.js.gz").write_bytes(gzip.compress(SCRIPT))
    (app / "assets/index-AbC123.js.br").write_bytes(BROTLI)
    return app
