"""Answers of a provider that is out of order; the same for every API."""

from aiohttp import web

HTML_500 = (
    "<!DOCTYPE html><html><head><title>500 Internal Server Error</title></head>"
    "<body><h1>Internal Server Error</h1></body></html>"
)
BEFORE = {"rate_limit", "unauthorized", "html_500", "hang", "drop", "refuse"}
AFTER = {"html_500_after_accept", "hang_after_accept", "drop_after_accept"}


def html_500():
    """Answer with the page of a web server that fell over."""
    return web.Response(status=500, text=HTML_500, content_type="text/html")


def drop(request):
    """Close the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
