"""What every answer of the server tells the browser about safety."""

from collections.abc import Iterable

# Odoo's web client compiles its templates in the browser and styles inline: that is
# why eval and inline stay. What this does stop: scripts, frames and connections of
# other hosts, plug-ins, a changed <base>, and forms that post elsewhere.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; "
    "font-src 'self' data:; media-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: data: blob:; frame-src 'self' data: blob: https:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
ALWAYS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(), payment=(), usb=(), serial=(), "
    "camera=(self), microphone=(self)",
}
YEAR = 365 * 24 * 3600


def missing_headers(present: Iterable[str], is_page: bool, is_https: bool) -> dict:
    """Return what to add to an answer; what it says itself is left alone."""
    wanted = dict(ALWAYS)
    if is_page:
        wanted["X-Frame-Options"] = "SAMEORIGIN"
        wanted["Content-Security-Policy"] = PAGE_POLICY
    if is_https:
        wanted["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    said = {name.lower() for name in present}
    return {name: value for name, value in wanted.items() if name.lower() not in said}


def stricter_policy(policy: str) -> str:
    """Return the policy for a page whose own one says only who may frame it."""
    directives = [part.strip() for part in policy.split(";") if part.strip()]
    if all(part.startswith("frame-ancestors") for part in directives):
        others = PAGE_POLICY.rpartition("; frame-ancestors")[0]
        return "; ".join([others, *directives])
    return policy


def safe_cookie(cookie: str, is_https: bool) -> str:
    """Return a Set-Cookie line that other sites cannot ride on or listen to."""
    attributes = {part.strip().partition("=")[0].lower() for part in cookie.split(";")}
    if "samesite" not in attributes:
        cookie += "; SameSite=Lax"
    if is_https and "secure" not in attributes:
        cookie += "; Secure"
    return cookie
