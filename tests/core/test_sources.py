"""What a page shows as the code that runs is the code that runs."""

import pytest

from core.sources import source_of, sources
from core.tf import restoring, training


def test_it_is_what_python_itself_takes_for_the_source() -> None:
    assert source_of("core.tf.training", "sample_order", "iterate") == sources(
        training.sample_order, training.iterate
    )
    assert source_of("core.tf.restoring", "restore_values") == sources(restoring.restore_values)
    method = source_of("core.tf.saving", "CheckpointWriter.save")
    assert method.startswith("def save(self,")
    assert "self.saver.save(" in method


def test_a_name_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match=r"core.tf.saving has no CheckpointWriter.keep"):
        source_of("core.tf.saving", "CheckpointWriter.keep")
