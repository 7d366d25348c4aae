"""The headers of every reply: what a page may load, who may frame it, what may be kept."""

from __future__ import annotations

from flask import Response, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)


def protect(response: Response) -> Response:
    """Put the panel's headers on a reply."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.endpoint == "static":
        # A versioned address names these very bytes for ever; others are asked for again, by their fingerprint.
        forever = "public, max-age=31536000, immutable"
        response.headers["Cache-Control"] = forever if "v" in request.args else "no-cache"
    elif "Cache-Control" not in response.headers:
        # The back button of a shared computer must not show the panel after a sign-out.
        response.headers["Cache-Control"] = "no-store"
    return response
