"""Messages of compiled code: of TensorFlow's readers and writers, of HDF5, and of what they stand on.

In a shared library the pieces of a message are single strings in no order, so the templates are written here, and a
long piece of each is looked up in the library of each version. What Python, the system and other programs say is here too, unchecked.
"""

import re
from collections.abc import Iterator

BUNDLE = "tensorflow/core/util/tensor_bundle/tensor_bundle.cc"
SLICES = "tensorflow/core/util/tensor_slice_reader.cc"
TABLE = "tensorflow/core/lib/io (tables of a checkpoint)"
RESTORE = "tensorflow/core/kernels/save_restore_tensor.cc"
LOADER = "tensorflow/cc/saved_model"
GRAPH = "tensorflow/core/graph and common_runtime"
KERNELS = "tensorflow/core/kernels"

# Library, where, exception, template. In a template `…` and `{name}` are holes.
COMPILED = (
    ("tensorflow", BUNDLE, "NotFoundError", "Key {key} not found in checkpoint"),
    ("tensorflow", BUNDLE, "DataLossError", "Checksum does not match: stored {number} vs. calculated on the restored bytes {number}"),
    ("tensorflow", BUNDLE, "DataLossError", "TensorBundle at {path} shard {number} ({number} bytes): Checksum does not match: stored {number}"),
    ("tensorflow", BUNDLE, "OutOfRangeError", "Read less bytes than requested"),
    ("tensorflow", BUNDLE, "InvalidArgumentError", "Duplicate tensor keyed by {key} encountered, when merging prefix: {path}"),
    ("tensorflow", BUNDLE, "InvalidArgumentError", "At least one prefix checkpoint file must exist, but none existed."),
    ("tensorflow", BUNDLE, "NotFoundError", "Could not find slice {value} of tensor {key}"),
    ("tensorflow", BUNDLE, "DataLossError", "Invalid size in bundle entry: key {key}"),
    ("tensorflow", BUNDLE, "UnimplementedError", "TensorBundle at {path} is of endianness {value}"),
    ("tensorflow", BUNDLE, "DataLossError", "Unable to parse bundle header"),
    ("tensorflow", SLICES, "NotFoundError", "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {path}"),
    ("tensorflow", SLICES, "InvalidArgumentError", "Unsuccessful TensorSliceReader constructor: Failed to get matching files on {path}: {error}"),
    ("tensorflow", SLICES, "DataLossError", "Unable to open table file {path}: {error}"),
    ("tensorflow", SLICES, "DataLossError", ": perhaps your file is in a different file format and you need to use a different restore operator?"),
    ("tensorflow", SLICES, "DataLossError", "Failed to find the saved tensor slices at the beginning of the checkpoint file: {path}"),
    ("tensorflow", SLICES, "InternalError", "Failed to read checkpoint file: {error}"),
    ("tensorflow", TABLE, "DataLossError", "not an sstable (bad magic number)"),
    ("tensorflow", TABLE, "DataLossError", "file is too short to be an sstable"),
    ("tensorflow", TABLE, "DataLossError", "block checksum mismatch"),
    ("tensorflow", TABLE, "DataLossError", "corrupted compressed block contents"),
    ("tensorflow", TABLE, "DataLossError", "truncated block read"),
    ("tensorflow", RESTORE, "NotFoundError", "Tensor name \"{key}\" not found in checkpoint files {path}"),
    ("tensorflow", RESTORE, "InvalidArgumentError", "tensor_name = {key}; shape in shape_and_slice spec {shape} does not match the shape stored in checkpoint: {shape}"),
    ("tensorflow", RESTORE, "InvalidArgumentError", "tensor_name = {key}; expected dtype {type} does not equal original dtype {type}"),
    ("tensorflow", RESTORE, "InternalError", "Error writing (tmp) checkpoint file: {error}"),
    ("tensorflow", RESTORE, "InvalidArgumentError", "Expected to restore a tensor of type {type}, got a tensor of type {type} instead: tensor_name = {key}"),
    ("tensorflow", LOADER, "NotFoundError", "Could not find meta graph def matching supplied tags: {tags}. To inspect available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`"),
    ("tensorflow", LOADER, "NotFoundError", "Could not find SavedModel .pb or .pbtxt at supplied export directory path: {path}"),
    ("tensorflow", LOADER, "FailedPreconditionError", "SavedModel checkpoint does not contain object graph."),
    ("tensorflow", LOADER, "FailedPreconditionError", "SavedModel checkpoint object graph could not be deserialized."),
    ("tensorflow", LOADER, "InvalidArgumentError", "SavedModelV2 should have exactly one MetaGraphDef but actually contains {number}"),
    ("tensorflow", LOADER, "FailedPreconditionError", "Could not read checkpoint key from variables bundle: {key}"),
    ("tensorflow", GRAPH, "NotFoundError", "Op type not registered '{operation}' in binary running on {value}. Make sure the Op and Kernel are registered in the binary running in this process."),
    ("tensorflow", GRAPH, "InvalidArgumentError", "GraphDef min consumer version {number} above current version {number} for TensorFlow {version}. Please upgrade TensorFlow."),
    ("tensorflow", GRAPH, "InvalidArgumentError", "GraphDef producer version {number} below min producer {number} supported by TensorFlow {version}. Please regenerate your graph."),
    ("tensorflow", GRAPH, "InvalidArgumentError", "NodeDef mentions attr '{attribute}' not in {operation}"),
    ("tensorflow", GRAPH, "InvalidArgumentError", "Check whether your GraphDef-interpreting binary is up to date with your GraphDef-generating binary."),
    ("tensorflow", GRAPH, "InvalidArgumentError", "Cannot assign a device for operation {operation}: {error}"),
    ("tensorflow", GRAPH, "InvalidArgumentError", "Could not satisfy explicit device specification '{device}' because no devices matching that specification are registered in this process"),
    ("tensorflow", GRAPH, "InvalidArgumentError", "Cannot serialize protocol buffer of type {type} as the serialized size ({number}bytes) would be larger than the limit ({number} bytes)"),
    ("tensorflow", KERNELS, "FailedPreconditionError", "Attempting to use uninitialized value {key}"),
    ("tensorflow", KERNELS, "FailedPreconditionError", "Error while reading resource variable {key} from Container: {value}. This could mean that the variable was uninitialized."),
    ("tensorflow", KERNELS, "FailedPreconditionError", "Could not find variable {key}. This could mean that the variable has been deleted. In TF1, it can also mean the variable is uninitialized."),
    ("tensorflow", KERNELS, "InvalidArgumentError", "Assign requires shapes of both tensors to match. lhs shape= {shape} rhs shape= {shape}"),
    ("tensorflow", KERNELS, "FailedPreconditionError", "Table not initialized."),
    ("tensorflow", KERNELS, "FailedPreconditionError", "Table already initialized."),
    ("tensorflow", "tensorflow/c/checkpoint_reader", "RuntimeError", "Error checking name {key}"),
    ("h5py", "HDF5", "OSError", "file signature not found"),
    ("h5py", "HDF5", "OSError", "truncated file: eof = {number}, sblock->base_addr = {number}, stored_eo"),
    ("h5py", "HDF5", "OSError", "unable to open file: name = '{path}', errno = {number}, error message = '{error}', flags = {number}, o_flags = {number}"),
    ("h5py", "HDF5", "OSError", "unable to lock file, errno = {number}, error message = '{error}'"),
    ("h5py", "HDF5", "OSError", "unable to truncate a file which is already open"),
    ("h5py", "HDF5", "OSError", "file is already open for read-only"),
    ("h5py", "HDF5", "OSError", "file is already open for write"),
    ("h5py", "HDF5", "OSError", "file read failed: time = {value}, filename = '{path}', file descriptor = {number}, errno = {number}, error message = '{error}'"),
    ("h5py", "HDF5", "OSError", "file write failed: time = {value}, filename = '{path}', file descriptor = {number}, errno = {number}, error message = '{error}'"),
    ("h5py", "HDF5", "ValueError", "name already exists"),
    ("h5py", "HDF5", "RuntimeError", "object header message is too large"),
    ("h5py", "HDF5", "KeyError", "unable to open object"),
    ("h5py", "HDF5", "KeyError", "object '{name}' doesn't exist"),
    ("h5py", "HDF5", "OSError", "wrong B-tree signature"),
    ("h5py", "HDF5", "OSError", "bad object header version number"),
    ("h5py", "HDF5", "OSError", "wrong object header chunk signature"),
    ("h5py", "HDF5", "OSError", "addr overflow"),
)  # fmt: skip
# Program, exception, template: quoted as their documentation and public threads have them.
OTHERS = (
    ("Python", "ValueError", "bad marshal data (unknown type code)"),
    ("Python", "TypeError", "code() argument {number} must be str, not int"),
    ("Python", "SystemError", "unknown opcode"),
    ("Python", "AttributeError", "'str' object has no attribute 'decode'"),
    ("Python", "TypeError", "cannot pickle '{class}' object"),
    ("Python", "TypeError", "can't pickle {class} objects"),
    ("Python", "TypeError", "Object of type {class} is not JSON serializable"),
    ("Python", "TypeError", "this __dict__ descriptor does not support '_DictWrapper' objects"),
    ("the operating system", "OSError", "No space left on device"),
    ("the operating system", "OSError", "Disk quota exceeded"),
    ("the operating system", "OSError", "Read-only file system"),
    ("the operating system", "PermissionError", "Permission denied"),
    ("the operating system", "OSError", "Operation not permitted"),
    ("the operating system", "IsADirectoryError", "Is a directory"),
    ("the operating system", "FileNotFoundError", "No such file or directory"),
    ("TensorFlow on Windows", "UnknownError", "Failed to rename: {path} to: {path} : {error}"),
    ("TensorFlow's session", "TypeError", "Cannot interpret feed_dict key as Tensor: {error}"),
    ("TensorFlow's session", "RuntimeError", "The Session graph is empty. Add operations to the graph before calling run()."),
    ("TensorFlow's session", "ValueError", "Fetch argument {value} cannot be interpreted as a Tensor. {error}"),
    ("TensorFlow", "RuntimeError", "tf.placeholder() is not compatible with eager execution."),
    ("TensorFlow", "AttributeError", "module 'tensorflow' has no attribute '{name}'"),
    ("TensorFlow", "RuntimeError", "`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled."),
    ("TensorFlow 1.4", "AssertionError", "Export directory already exists. Please specify a different export directory: {path}"),
    ("TensorFlow", "ResourceExhaustedError", "{path}.tempstate{number}"),
    ("TensorFlow", "ValueError", "Shapes {shape} and {shape} are incompatible"),
    ("TensorFlow", "ValueError", "{value} must be from the same graph as {value}"),
    ("TensorFlow", "KeyError", "KeyError: '{name}'"),
    ("TensorFlow", "ValueError", "No op named {operation} in defined operations."),
    ("TensorFlow", "InvalidArgumentError", "Cannot assign a device to node '{operation}': {error}"),
    ("TensorFlow", "InvalidArgumentError", "{operation} was explicitly assigned to {device} but available devices are {list}"),
    ("TensorFlow", "NotFoundError", "Could not find SavedModel .pb or .cpb at supplied export directory path with prefix: {path}"),
    ("TensorFlow", "AttributeError", "'_UserObject' object has no attribute '{name}'"),
    ("TensorFlow", "TypeError", "'_UserObject' object is not callable"),
    ("TensorFlow", "AttributeError", "'AutoTrackable' object has no attribute '{name}'"),
    ("TensorFlow", "TypeError", "'AutoTrackable' object is not callable"),
    ("TensorFlow", "ValueError", "Python inputs incompatible with input_signature"),
    ("TensorFlow", "TypeError", "Binding inputs to tf.function failed due to `{error}`."),
    ("TensorFlow", "TypeError", "signature_wrapper({arguments}) missing required arguments: {arguments}"),
    ("TensorFlow", "TypeError", "signature_wrapper({arguments}) got unexpected keyword arguments: {arguments}"),
    ("TensorFlow", "KeyError", "_SignatureMap({})"),
    ("saved_model_cli", "stdout", "MetaGraphDef with tag-set: '{tags}' contains the following SignatureDefs:"),
    ("Keras 2.15 and before", "ValueError", "Unrecognized keyword arguments: ['batch_shape', 'optional']"),
    ("Keras 2.7 and before", "ValueError", "('Unrecognized keyword arguments:', dict_keys(['batch_shape', 'optional']))"),
    ("Keras", "ValueError", "Unrecognized keyword arguments passed to {class}: {arguments}"),
    ("Keras", "ValueError", "Argument(s) not recognized: {arguments}"),
    ("Keras", "NotImplementedError", "We could not automatically infer the shape of the Lambda's output. Please specify the `output_shape` argument"),
    ("Keras", "ValueError", "Unknown activation function: {name}"),
    ("Keras", "ValueError", "Could not interpret optimizer identifier: {name}"),
    ("Keras", "ValueError", "Could not interpret loss function identifier: {name}"),
    ("Keras", "ValueError", "Unknown dtype policy: {name}"),
    ("Keras", "ValueError", "Cannot assign value to variable '{name}': Shape mismatch.The variable shape {shape}, and the assigned value shape {shape} are incompatible."),
    ("Keras", "ValueError", "Weights for model {name} have not yet been created."),
    ("Keras 3.0", "ValueError", "File format not supported: filepath={path} Keras Core only supports V3 `.keras` and `.weights.h5` files."),
    ("Keras", "ValueError", "The shape of the target variable and the shape of the target value in `variable.assign(value)` must match. variable.shape={shape}, Received: value.shape={shape}."),
    ("Python", "TypeError", "string indices must be integers, not '{type}'"),
    ("NumPy", "ValueError", "axes don't match array"),
    ("h5py", "ValueError", "Cannot create group in read-only mode."),
    ("h5py", "OSError", "Unable to create file (unable to open file: name = '{path}', errno = {number}, error message = '{error}')"),
    ("h5py", "OSError", "Unable to synchronously create file (unable to open file: name = '{path}', errno = {number}, error message = '{error}')"),
    ("Keras 2", "source", "f.attrs['{name}'].decode('utf8')"),
    ("TensorFlow Serving", "log", "Serving signature name: \"{name}\" not found in signature def"),
    ("Python", "ModuleNotFoundError", "No module named 'keras.src.{module}'"),
    ("Python", "AttributeError", "'NoneType' object has no attribute '{name}'"),
    ("Python", "TypeError", "code expected at least {number} arguments, got {number}"),
    ("Python", "TypeError", "code() takes at least {number} arguments ({number} given)"),
    ("protobuf", "DecodeError", "Error parsing message"),
    ("protobuf", "DecodeError", "Truncated message."),
    ("protobuf", "ParseError", "ParseError: {place} : 'model_checkpoint_path: {value}"),
    ("protobuf", "DecodeError", "A protocol message was rejected because it was too big (more than {number} bytes)."),
    ("protobuf", "DecodeError", "Wire format was corrupt"),
    ("protobuf", "DecodeError", "Wrong wire type in tag."),
    ("protobuf", "ValueError", "Message {type} exceeds maximum protobuf size of 2GB: {number}"),
    ("protobuf", "ValueError", "GraphDef cannot be larger than 2GB."),
    ("TensorFlow Serving", "log", "No versions of servable {name} found under base path {path}"),
    ("Transformers", "OSError", "Error no file named {name} found in directory {path}"),
    ("TensorFlow.js", "ValueError", "An InputLayer should be passed either a `batchInputShape` or an `inputShape`."),
    ("Python", "TypeError", "{function} got an unexpected keyword argument '{name}'"),
    ("Python", "TypeError", "{function} missing {number} required positional argument: '{name}'"),
    ("Python", "AttributeError", "Can't pickle local object '{name}'"),
    ("TensorFlow Lite", "AttributeError", "'{class}' object has no attribute '_get_save_spec'"),
    ("Keras 2", "TypeError", "('Not JSON Serializable:', {value})"),
    ("Python", "ModuleNotFoundError", "No module named '{name}'"),
    ("Python", "UnicodeDecodeError", "'utf-8' codec can't decode byte {value} in position {number}: invalid {value}"),
    ("TensorFlow", "UnimplementedError", "File system scheme '{scheme}' not implemented (file: '{path}')"),
    ("Keras 2.3 and before", "ImportError", "`{function}` requires h5py."),
    ("Keras", "ValueError", "{class} callback received monitor={metric}, but Keras isn't able to automatically determine whether that metric should be maximized or minimized."),
    ("HDF5 of a cluster", "OSError", "file locking disabled on this file system (use HDF5_USE_FILE_LOCKING environment variable to override)"),
    ("Python", "TypeError", "unsupported operand type(s) for /: '{class}' and '{class}'"),
    ("TensorFlow", "TypeError", "{function} missing 1 required argument: {argument}"),
    ("TensorFlow", "AssertionError", "Called a function referencing variables which have been deleted. This likely means that function-local variables were created and not referenced elsewhere in the program."),
    ("TensorFlow", "ValueError", "`colocate_vars_with` must only be passed a variable created in this tf.distribute.Strategy.scope(), not: {value}"),
    ("TensorFlow", "RuntimeError", "Mixing different tf.distribute.Strategy objects: {value} is not {value}"),
    ("TensorFlow", "RuntimeError", "{name}: Attempting to capture an EagerTensor without building a function."),
    ("TensorFlow", "NotImplementedError", "numpy() is only available when eager execution is enabled."),
    ("Keras", "ValueError", "Sequential model '{name}' has already been configured to use input shape {shape}. You cannot add a different Input layer to it."),
    ("Keras", "ValueError", "Sequential model '{name}' has already been configured to use input shape {shape}. You cannot build it with input_shape {shape}"),
    ("Keras", "ImportError", "`keras.optimizers.legacy` is not supported in Keras 3."),
    ("Keras 2.11 and later", "KeyError", "The optimizer cannot recognize variable {name}. This usually means you are trying to call the optimizer to update different parts of the model separately."),
)  # fmt: skip

HOLE = re.compile(r"\{([a-z_]*)\}|…")
PROOF = 16


def parts_and_holes(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pieces = HOLE.split(template)
    return tuple(pieces[::2]), tuple(name or "value" for name in pieces[1::2])


def found_in(library: str, code: list[bytes]) -> Iterator[tuple[str, str, str]]:
    """Where, exception and template of each message of which a long piece is in the compiled code of a library.

    A compiler makes numbers of short pieces, and joins or splits others, so one of PROOF characters has to do.
    """
    for of, where, raises, template in COMPILED:
        # HDF5 writes its messages with printf: `%d`, `%s` and `%llu` are where the holes are.
        pieces = [piece.strip(" .'") for piece in HOLE.split(template)[::2]]
        proof = [piece.encode() for piece in pieces if len(piece) >= PROOF] or [max(pieces, key=len).encode()]
        if of == library and any(piece in part for piece in proof for part in code):
            yield where, raises, template
