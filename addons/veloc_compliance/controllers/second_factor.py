"""The page where somebody whose role needs a second factor sets one up."""

import base64
import io
import os
import re
from urllib.parse import quote, urlencode

import qrcode

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.auth_totp.controllers.home import Home
from odoo.addons.auth_totp.models.totp import (
    ALGORITHM,
    DIGITS,
    TIMESTEP,
    TOTP_SECRET_SIZE,
)

KEPT_AS = "veloc_totp_secret"


class SecondFactorController(Home):
    """Between the password and the session: no session without a second factor."""

    @route(
        "/veloc/second-factor",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        sitemap=False,
        max_content_length=4096,
    )
    def second_factor(self, redirect=None, code=None, **_fields):
        """Show the picture to scan; with a right code sign in."""
        if request.session.uid:
            url = self._login_redirect(request.session.uid, redirect=redirect)
            return request.redirect(url)
        if not request.session.get("pre_uid"):
            return request.redirect("/web/login")
        user = request.env["res.users"].browse(request.session["pre_uid"])
        user = user.with_user(user)
        # sudo: nobody is signed in yet; what the account has decides what is shown.
        if user.sudo().totp_enabled:
            return request.redirect("/web/login/totp")
        if user.sudo().auth_passkey_key_ids:
            # A password must not be enough to add a factor beside the passkey.
            return self._factor_page(user, redirect, uses_passkey=True)
        error = None
        if request.httprequest.method == "POST":
            error = self._set_up(user, code or "")
            if not error:
                url = self._login_redirect(request.session.uid, redirect=redirect)
                return request.redirect(url)
        return self._factor_page(user, redirect, error=error)

    def _set_up(self, user, code):
        """Try the code; return what was wrong, or sign in and return None."""
        secret = request.session.get(KEPT_AS)
        digits = re.sub(r"\s", "", code)
        if not secret or not digits.isdecimal():
            return request.env._("The code has six digits.")
        limits = request.env["veloc.access.limit"]
        if wait := limits._hit("second_factor", str(user.id)):
            request.veloc_wait = wait
            return limits._words(wait)
        try:
            if not user._totp_try_setting(secret, int(digits)):
                return request.env._("This code is not right; wait for the next one.")
        except UserError as error:
            return str(error)
        # sudo: the counter belongs to nobody; the code was right.
        request.env["veloc.rate.limit"]._forget("second_factor", str(user.id))
        request.session.pop(KEPT_AS, None)
        request.session.finalize(request.env)
        request.update_env(user=request.session.uid)
        request.update_context(**request.session.context)
        return None

    def _factor_page(self, user, redirect, error=None, uses_passkey=False):
        values = {
            "error": error,
            "redirect": redirect,
            "uses_passkey": uses_passkey,
            "disable_footer": True,
        }
        if not uses_passkey:
            secret = request.session.get(KEPT_AS) or _new_secret()
            request.session[KEPT_AS] = secret
            # sudo: the name under which the app lists the account.
            url = _otp_url(request.httprequest.host, user.sudo().login, secret)
            values |= {"secret": _in_groups(secret), "picture": _picture(url)}
        response = request.render("veloc_compliance.second_factor_page", values)
        response.headers["Cache-Control"] = "no-store"
        return response


def _new_secret():
    return base64.b32encode(os.urandom(TOTP_SECRET_SIZE // 8)).decode()


def _in_groups(secret):
    return " ".join(re.findall(".{1,4}", secret))


def _otp_url(host, login, secret):
    issuer = host.partition(":")[0]
    query = {
        "secret": secret,
        "issuer": issuer,
        "algorithm": ALGORITHM.upper(),
        "digits": DIGITS,
        "period": TIMESTEP,
    }
    label = quote(f"{issuer}:{login}", safe=":")
    return f"otpauth://totp/{label}?{urlencode(query)}"


def _picture(url):
    data = io.BytesIO()
    qrcode.make(url.encode(), box_size=4).save(data, optimise=True, format="PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
