"""Does a chance mean what it says? Measures on people the model has not seen."""

from __future__ import annotations

import numpy as np

DECILES = 10
# A new model must be this much better to replace one that people know.
MARGIN = 0.002


def measure(outcome, predicted) -> dict:
    """Return the measures of a model card.

    ``auc`` and ``lift`` (of the top tenth) say how well people are ordered, ``brier``
    beside ``brier_base`` (everybody gets the mean) how near the chances are.
    """
    from sklearn.metrics import brier_score_loss, roc_auc_score  # see logistic.fit

    outcome, predicted = np.asarray(outcome, dtype=int), np.asarray(predicted)
    share = float(outcome.mean()) if len(outcome) else 0.0
    told = {
        "people": len(outcome),
        "positives": int(outcome.sum()),
        "share": share,
        "expected": float(predicted.mean()) if len(outcome) else 0.0,
        "brier": None,
        "brier_base": share * (1 - share),
        "auc": None,
        "lift": None,
        "deciles": deciles(outcome, predicted),
    }
    if 0 < share < 1:
        top = told["deciles"][-1]
        told["brier"] = float(brier_score_loss(outcome, predicted))
        told["auc"] = float(roc_auc_score(outcome, predicted))
        told["lift"] = top["observed"] / share
    return told


def deciles(outcome, predicted) -> list[dict]:
    """Return ten groups from the least to the most likely: said and seen."""
    outcome, predicted = np.asarray(outcome), np.asarray(predicted)
    order = np.argsort(predicted, kind="stable")
    return [
        {
            "people": len(part),
            "expected": float(predicted[part].mean()),
            "observed": float(outcome[part].mean()),
        }
        for part in np.array_split(order, DECILES)
        if len(part)
    ]


def is_useful(measures: dict) -> bool:
    """Return whether it says more than the mean does."""
    return measures["brier"] is not None and measures["brier"] < measures["brier_base"]


def is_better(candidate: dict, live: dict) -> bool:
    """Return whether a candidate replaces the live one, measured on the same people."""
    if candidate["brier"] is None or live["brier"] is None:
        return False
    return candidate["brier"] < live["brier"] * (1 - MARGIN)
