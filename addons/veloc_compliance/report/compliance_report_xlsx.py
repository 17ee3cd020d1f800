"""The monthly report and the register as XLSX, for those who go on counting."""

import io

import xlsxwriter


def render(head, sections):
    """Return the workbook of a monthly report: one sheet, a line per figure."""
    rows = [
        [section["title"], line["label"], line["value"], head["look"] * line["look"]]
        for section in sections
        for line in section["lines"]
    ]
    intro = [f"{head['title']} {head['month']}", head["company"], head["officer"]]
    return _book(head["month"].replace("/", "-"), [*intro, head["made"]], None, rows)


def register(title, headings, rows):
    """Return the workbook of a register: a heading, a line per entry."""
    return _book(title, [title], headings, rows)


def _book(name, intro, headings, rows):
    stream = io.BytesIO()
    # Constant memory writes row by row; no formula is ever made of a text.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        bold = book.add_format({"bold": True})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(name[:31])
        sheet.set_column(0, 20, 28)
        for number, text in enumerate(intro):
            sheet.write_string(number, 0, text, bold if number == 0 else None)
        start = len(intro) + 1
        if headings:
            sheet.write_row(start, 0, headings, bold)
            sheet.freeze_panes(start + 1, 1)
            start += 1
        for number, row in enumerate(rows, start):
            sheet.write_row(number, 0, row, wrapped)
    return stream.getvalue()
