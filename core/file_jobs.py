"""Jobs of the pages Files and Retention, run in a worker, where alone TensorFlow is imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.runs import Run

if TYPE_CHECKING:
    from core.anatomy.protobuf import Decoded
    from core.retention import Fit, Retention, RetentionSettings, Trap


def decode_meta(directory: str, name: str) -> Decoded:
    """What `name.meta` of the run holds, as `core.tf.anatomy` decodes it."""
    from core.tf import anatomy

    return anatomy.decode_meta(Run(Path(directory)), name)


def decode_saved_model(directory: str, name: str) -> Decoded:
    """What `saved_model.pb` of the checkpoint's export holds, as `core.tf.anatomy` decodes it."""
    from core.tf import anatomy

    return anatomy.decode_saved_model(Run(Path(directory)), name)


def simulate(settings: RetentionSettings) -> Retention:
    """What a Saver with these settings keeps, as `core.tf.retention` finds out."""
    from core.tf import retention

    return retention.simulate(settings)


def spring(key: str) -> Trap:
    """What becomes of one trap of `core.retention.TRAPS`."""
    from core.tf import retention

    return retention.spring(key)


def fit_all() -> tuple[Fit, ...]:
    """Every way to save a subset or other names with every way to restore it."""
    from core.tf import options

    return options.fit_all()
