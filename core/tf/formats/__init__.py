"""Five ways to keep the model, each written as its users write it: offer, read, and read without the code.

Every way is offered everything: h and v, the optimizer's slots, a graph or a function to call, a
signature, an asset. What it takes of that is its own affair; `core.tf.formats.trying` looks at what comes
back. The functions are shown on the page as they stand here.
"""

from core.tf.formats import builder, checkpoint, keras, saved_model, saver
from core.tf.formats.material import Calls

WAYS: tuple[Calls, ...] = (saver.WAY, builder.WAY, checkpoint.WAY, saved_model.WAY, keras.WAY)
