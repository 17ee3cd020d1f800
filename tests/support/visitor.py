"""A person in the web client, at a desk or on a phone."""

from playwright.sync_api import TimeoutError

from .house import PASSWORD

SIZES = {"desk": (1400, 900), "phone": (390, 844)}
SHEETS = 10  # how often the sheet of a form's buttons is opened
SHEET_TIMEOUT = 10_000  # milliseconds
RECORDS = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"


def visit(browser, size, url, login, folder):
    """Return somebody who is logged in on a screen of that size."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=size == "phone",
        is_mobile=size == "phone",
        locale="en-US",
        # Odoo's sheets slide in and out; nothing here is about that.
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    visitor = Visitor(context.new_page(), url, size, folder)
    visitor.log_in(login)
    return visitor


class Visitor:
    """A person in the web client who notices every error in the console."""

    def __init__(self, page, url, name, folder):
        self.page, self.url, self.name, self.folder = page, url, name, folder
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message):
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def log_in(self, login):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.click("form.oe_login_form button[type=submit]")
        self.page.wait_for_selector(".o_web_client .o_navbar, .o_main_navbar")

    def open(self, action):
        """Open an action and wait until it shows records."""
        self.page.goto(f"{self.url}/odoo/action-{action}")
        self.page.wait_for_selector(RECORDS)

    def open_first(self):
        """Open the first record of the list and wait for its form."""
        first = self.page.locator(RECORDS).first
        cell = first.locator("td.o_data_cell").first
        (cell if cell.count() else first).click()
        self.page.wait_for_selector(".o_form_view")

    def press_stat_button(self, name):
        """Press a button at the top of a form; phones keep them in a sheet.

        The sheet may close by itself, say when the form behind it is drawn again
        after a save: a person would open it once more.
        """
        button = self.page.locator(f".oe_stat_button[name={name}]").first
        for _attempt in range(SHEETS):
            try:
                if not button.is_visible():
                    self.page.locator(".o-form-buttonbox .dropdown-toggle").click()
                button.click(timeout=SHEET_TIMEOUT)
            except TimeoutError as error:
                trouble = error
            else:
                return
        raise trouble

    def picture(self, what):
        # The bus keeps a socket open, so the network is never idle.
        self.page.wait_for_timeout(500)
        path = self.folder / f"{self.name}-{what}.png"
        self.page.screenshot(path=path)

    def is_as_wide_as_the_screen(self):
        """Tell whether nothing sticks out to the right of the screen."""
        script = "document.documentElement.scrollWidth <= window.innerWidth"
        return self.page.evaluate(script)

    def leave(self):
        """Close the browser window."""
        self.page.context.close()
