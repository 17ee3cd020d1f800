"""The text format of Prometheus, version 0.0.4: families of samples as lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: ``samples`` are (labels, value); without value there is no line."""

    name: str
    kind: str  # counter, gauge
    help: str
    samples: tuple[tuple[Mapping[str, str], float | int | None], ...]


def family(name: str, kind: str, text: str, samples: Iterable) -> Family:
    """Return a family; a single number is a sample without labels."""
    if isinstance(samples, int | float | None):
        samples = [({}, samples)]
    return Family(name, kind, text, tuple(samples))


def render(families: Iterable[Family]) -> str:
    """Return the whole page."""
    lines = []
    for entry in families:
        lines.append(f"# HELP {entry.name} {_escape(entry.help)}")
        lines.append(f"# TYPE {entry.name} {entry.kind}")
        lines += [
            f"{entry.name}{_labels(labels)} {_number(value)}"
            for labels, value in entry.samples
            if value is not None
        ]
    return "\n".join(lines) + "\n"


def _labels(labels):
    if not labels:
        return ""
    pairs = (
        '{}="{}"'.format(name, _escape(str(value)).replace('"', '\\"'))
        for name, value in labels.items()
    )
    return "{" + ",".join(pairs) + "}"


def _escape(text):
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value):
    return str(value) if isinstance(value, int) else repr(round(float(value), 6))
