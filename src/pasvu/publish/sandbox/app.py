"""Puts the stand-in together as one WSGI application."""

from __future__ import annotations

import logging
import socket
from typing import Any
from wsgiref.handlers import format_date_time

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from pasvu.publish.sandbox.admin import admin_pages
from pasvu.publish.sandbox.answers import ApiError
from pasvu.publish.sandbox.api import ConnectionLost, respond
from pasvu.publish.sandbox.backstage import backstage_pages
from pasvu.publish.sandbox.consent import consent_pages
from pasvu.publish.sandbox.viewer import viewer_pages
from pasvu.publish.sandbox.world import World

_LOG = logging.getLogger(__name__)
_VERBS = ["GET", "POST", "PUT", "DELETE"]
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; frame-ancestors 'none';"
    # The consent form answers with a redirect to the asking program, which is on this machine too.
    " form-action 'self' http://127.0.0.1:* http://localhost:*"
)


def make_app(world: World, client_secret: str) -> Flask:
    """The whole stand-in: API, tokens, viewer's pages, admin."""
    app = Flask(__name__, static_url_path="/static")
    app.register_blueprint(viewer_pages(world))
    app.register_blueprint(consent_pages(world, client_secret))
    app.register_blueprint(admin_pages(world))
    app.register_blueprint(backstage_pages(world))

    @app.before_request
    def only_by_our_name() -> None:
        # A page of another site whose name points at this machine must not reach us through the visitor's browser.
        if request.host.rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            raise ApiError(403, "forbidden", "This server answers to 127.0.0.1 only.")

    @app.get("/$discovery/rest")
    def discovery() -> Response:
        api, version = request.args.get("api", "youtube"), request.args.get("version", "v3")
        document = world.description.served(api, version, world.url)
        if document is None:
            raise ApiError(404, "notFound", f"There is no API {api} {version} here.")
        return jsonify(document)

    for rule in ("/youtube/<path:_>", "/upload/<path:_>", "/resumable/upload/<path:_>", "/v2/<path:_>"):
        app.add_url_rule(rule, f"api {rule}", lambda _: respond(world, request), methods=_VERBS)

    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body()), error.status

    @app.errorhandler(ConnectionLost)
    def lost(_error: ConnectionLost) -> Response:
        _hang_up(request.environ)
        return Response(status=500)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return error
        _LOG.exception("The sandbox failed on %s %s", request.method, request.path)
        return jsonify(ApiError(500, "internalError", f"The sandbox itself failed: {error!r}").body()), 500

    @app.after_request
    def dressed(response: Response) -> Response:
        # The platform's clock is the product's: clients compare theirs with this header.
        response.headers["Date"] = format_date_time(world.clock.now().timestamp())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if response.mimetype in ("text/html", "image/svg+xml"):
            response.headers["Content-Security-Policy"] = _POLICY
        if request.path.startswith(("/static/", "/vi/")):
            response.headers["Cache-Control"] = "no-cache"
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


def _hang_up(environ: dict[str, Any]) -> None:
    """Close the connection under the client without a byte of answer.

    Waitress hands out its channel only through this callable; nothing else in WSGI can break a connection.
    """
    channel = environ["waitress.client_disconnected"].__self__
    channel.socket.shutdown(socket.SHUT_RDWR)
