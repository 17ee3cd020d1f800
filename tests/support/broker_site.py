"""A broker's own site for tests: an origin of its own, a strict policy, our script."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """Static pages on an origin of their own; nothing but the CRM's script may run."""

    def __init__(self, crm, code, tag=""):
        site = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                policy = (
                    f"default-src 'none'; script-src {crm}; connect-src {crm}; "
                    "style-src 'self'; form-action 'self'; base-uri 'none'; "
                    "require-trusted-types-for 'script'"
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(site.page(self.path).encode())

            def log_message(self, *_arguments):
                """Stay quiet."""

        self.crm, self.code, self.tag = crm, code, tag
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path):
        lang = "en" if "lang=en" in path else "pt-BR"
        script = f"{self.crm}/veloc_crm/static/capture/veloc-capture.js"
        lines = "".join(f"<p>Linha {n} sobre o mercado.</p>" for n in range(150))
        return (
            f"<!doctype html><html lang='{lang}'><head><title>Corretora</title>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'>"
            f"<script src='{script}' data-form='{self.code}' {self.tag} defer></script>"
            "</head><body><h1>Corretora</h1><a href='/outra'>Outra página</a>"
            "<form data-veloc-track='signup' action='/feito'>"
            "<label>E-mail <input type='email' name='mail'></label>"
            "<button>Abrir conta</button></form>"
            f"{lines}</body></html>"
        )

    def close(self):
        self.server.shutdown()
        self.server.server_close()
