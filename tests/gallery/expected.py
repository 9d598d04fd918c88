"""What the cards must show: whole values, by label."""

TRAINED = "1.01, -1.96"  # in every checkpoint of the scene

# What must be seen after the fix of each card.
FIXED: dict[str, dict[str, str]] = {
    "only_the_last_five": {
        "number of checkpoints on disk": "101",
        "the first three": "model_iter-0, model_iter-1, model_iter-2",
        "the last three": "model_iter-98, model_iter-99, model_final",
    },
    "all_kept_but_one_listed": {
        "checkpoints found in the folder": (
            "model_iter-0, model_iter-1, model_iter-2, model_iter-3, model_iter-4, model_iter-5"
        ),
        "hor_estimate restored from model_iter-2": "0.75",
    },
    "restart_forgets": {
        "saver.last_checkpoints after restore": "model_iter-2, model_iter-3, model_iter-4",
        "checkpoints on disk with max_to_keep=3": "3 (model_iter-5, model_iter-6, model_iter-7)",
    },
    "no_file_of_that_name": {
        "files": ("checkpoint, model_final.data-00000-of-00001, model_final.index, model_final.meta"),
        "restored h, v": TRAINED,
    },
    "directory_moved": {
        "latest_checkpoint in archive": "model_final",
        "listed in archive": "model_iter-99, model_final",
        "h, v from archive": TRAINED,
        "latest_checkpoint in relative_archive": "model_final",
        "listed in relative_archive": "model_iter-99, model_final",
        "h, v from relative_archive": TRAINED,
    },
    "stale_checkpoint_file": {
        "newest by the names of the files": "model_iter-7",
        "hor_estimate restored from it": "0.7",
        "listed now": "model_iter-3, model_iter-7",
        "latest_checkpoint now": "model_iter-7",
    },
    "graph_built_twice": {
        "h, v in a fresh graph": TRAINED,
        "h, v in hor_estimate_1 and ver_estimate_1, through the dict": TRAINED,
    },
    "imported_twice": {
        "variables in the graph": "hor_estimate:0, ver_estimate:0",
        "saved": "model_iter-100",
        "h, v in it": TRAINED,
    },
    "optimizer_changed": {
        "restored h, v": TRAINED,
    },
    "restored_without_slots": {
        "GradientDescent, resumed equals uninterrupted": "True",
        "Momentum, resumed equals uninterrupted": "True",
        "Adam, resumed equals uninterrupted": "True",
    },
    "initializer_after_restore": {
        "h, v after initializer and restore": TRAINED,
    },
    "handle_bytes": {
        "resource variable, sess.run(h_est)": "1.01",
        "resource variable, sess.run('hor_estimate/Read/ReadVariableOp:0')": "1.01",
        "reference variable, sess.run('hor_estimate:0')": "1.01",
    },
    "wrong_tag": {
        "tags in saved_model.pb": "['train']",
        "prediction at x = 3": "2.0001",
    },
    "export_directory_exists": {
        "exports": "1, 2",
        "files in the new one": "saved_model.pb, variables",
    },
    "missing_signature": {
        "'predict' in signature_def": "False",
        "signatures": "['serving_default']",
        "prediction:0 for X:0 = 3": "2.0001",
    },
    "keras_refuses": {
        "y at x = 3, tf.saved_model.load": "2.0001",
        "y at x = 3, TFSMLayer": "2.0001",
        "gradient of y, in its trainable weights": "[-3.9800000190734863, 1.0]",
    },
    "other_shape": {
        "shape in the checkpoint": "[]",
        "agrees with the variable": "False",
        "hor_estimate, converted on purpose": "[1.01 1.01 1.01]",
    },
    "torn_data": {
        "refused": "model_iter-2",
        "restored from": "model_iter-1",
        "restored h, v": "0.25, -0.5",
    },
    "not_an_element": {
        "prediction at x = 3": "2.0001",
    },
    "object_based": {
        "h, v by name": TRAINED,
        "h, v by object": TRAINED,
    },
    "one_of_the_files": {
        "h, v from model_final.meta without its ending": TRAINED,
        "h, v from model_final.index without its ending": TRAINED,
        "h, v from model_final.data-00000-of-00001 without its ending": TRAINED,
    },
    "tag_as_string": {
        "tags in saved_model.pb": "['train']",
        "variables loaded": "hor_estimate, ver_estimate",
    },
    "edited_meta": {
        "model_final.meta is as it was written": "False",
        "h after one step, graph from code": "0.002",
    },
    "other_thread": {
        "eager in the thread by itself": "True",
        "hor_estimate restored in the thread": "1.01",
    },
    "minus_one_deletes": {
        "checkpoints on disk with max_to_keep=None": "model_iter-0, model_iter-1, model_iter-2",
    },
    "uninitialized": {
        "variables without a value": "[]",
        "h (restored), v (initial value)": "1.01, 0.0",
    },
    "no_variables_to_save": {
        "in the checkpoint": "[('hor_estimate', []), ('ver_estimate', [])]",
    },
    "eager_habits": {
        "eager outside the block, inside it": "True, False",
        "prediction at x = 3": "2.0001",
    },
    "other_scope": {
        "names in the checkpoint": "hor_estimate, ver_estimate",
        "names in the graph": "parabola/hor_estimate, parabola/ver_estimate",
        "h, v through the dict": TRAINED,
    },
    "other_graph": {
        "hor_estimate": "1.01",
        "ver_estimate": "-1.96",
    },
    "classes_changed": {
        "hor_estimate, restored": "1.01",
        "left out": "out/biases",
        "shape of out/biases, new": "(13,)",
    },
    "automatic_names": {
        "Variable": "[1.]",
        "Variable_2, here called Variable_1": "[3. 3. 3.]",
    },
    "op_not_registered": {
        "h, v from code and checkpoint": TRAINED,
    },
    "newer_graph": {
        "h, v from code and checkpoint": TRAINED,
    },
    "device_not_found": {
        "devices in the graph": "{''}",
        "h restored, clear_devices": "1.01",
        "h restored, soft placement": "1.01",
    },
    "brackets_in_path": {
        "files in run_[1]": (
            "checkpoint, model_final.data-00000-of-00001, model_final.index, model_final.meta"
        ),
        "latest_checkpoint in run_[1]": "None",
        "h, v from run_1": TRAINED,
    },
    "no_path_given": {
        "prefixes in the folder": "model_final",
        "exists, without a path": "False",
        "exists, with it": "True",
        "read h": "1.01",
    },
    "step_left_out": {
        "files": ("checkpoint, prezi.ckpt-0.data-00000-of-00001, prezi.ckpt-0.index, prezi.ckpt-0.meta"),
        "prefix": "prezi.ckpt-0",
        "restored h": "1.01",
    },
    "data_missing": {
        "files before": "model_final.index, model_final.meta",
        "files now": ("model_final.data-00000-of-00001, model_final.index, model_final.meta"),
        "restored h, v": TRAINED,
    },
    "mixed_pair": {
        "prefixes": "model_iter-100, model_iter-220",
        "model_iter-100.index belongs to model_iter-220.data-00000-of-00001, h": "1.01",
        "model_iter-220.index belongs to model_iter-100.data-00000-of-00001, h": "0.5",
    },
    "lfs_pointer": {
        "it began with": "b'version https://git-'",
        "it begins with": "b'\\x89HDF\\r\\n\\x1a\\n'",
        "weights": TRAINED,
    },
    "h5_truncated": {
        "whole before": "False",
        "whole now": "True",
        "weights": TRAINED,
    },
    "directory_as_h5": {
        "in the folder model.h5": "assets, fingerprint.pb, saved_model.pb, variables",
        "prediction of the SavedModel": "-1.96",
        "weights from the file model.keras": TRAINED,
    },
    "index_pointer": {
        "it ended with": "697a65203136300a",
        "it ends with": "57fb808b247547db",
        "restored h, v": TRAINED,
    },
    "unknown_layer": {
        "class of the layer": "Parabola",
        "h": "1.01",
    },
    "unknown_optimizer": {
        "weights, compile=False": TRAINED,
        "weights, custom_objects": TRAINED,
        "its optimizer": "AdamLR",
    },
    "not_built_yet": {
        "variables before the first call": "0",
        "variables after it": "2",
        "weights": TRAINED,
    },
    "needs_get_config": {
        "curve in the configuration": "square",
        "y at x = 3": "9.0",
    },
    "layer_count": {
        "layers in the file": "2",
        "layers in the model": "1",
        "weights of the one that both have": TRAINED,
    },
    "no_model_config": {
        "weights into a model from code": TRAINED,
        "weights of the whole model": TRAINED,
    },
    "weights_ending": {
        "weights loaded": TRAINED,
        "by tf.train.Checkpoint": "cp.ckpt.data-00000-of-00001, cp.ckpt.index",
    },
    "keras_ending": {
        "weights in model.keras": TRAINED,
        "files in Model": "assets, fingerprint.pb, saved_model.pb, variables",
        "y at x = 0, served": "-1.96",
    },
    "keras_two_file": {
        "written by Keras": "2.10.0",
        "loaded with Keras": "3",
        "shape of its kernel": "(3, 3, 1, 1)",
        "first value": "1.01",
    },
    "keras_three_file": {
        "written by Keras": "3",
        "y at x = 0, from the SavedModel": "-1.96",
    },
    "lambda_refused": {
        "y at x = 3, function with a name": "9.0",
        "y at x = 3, a file of our own, safe_mode=False": "9.0",
    },
    "lambda_bytecode": {
        "weight from the file": "1.01",
        "y at x = 2": "4.0804",
    },
    "h5py_strings": {
        "type of the attribute": "str",
        "weights": TRAINED,
    },
    "saved_model_missing": {
        "a SavedModel at exports": "False",
        "found": "exports/1, exports/2",
        "y at x = 3": "2.0001",
    },
    "frozen_as_saved_model": {
        "y at x = 3, as a frozen graph": "2.0001",
        "y at x = 3, as a SavedModel": "2.0001",
    },
    "saved_model_as_graph": {
        "y at x = 3, SavedModel": "2.0001",
        "y at x = 3, frozen graph": "2.0001",
    },
    "disk_full": {
        "room for one more": "True",
        "checkpoints": "model_iter-3, model_iter-4",
    },
    "no_permission": {
        "writable": "True",
        "files": ("checkpoint, model_final.data-00000-of-00001, model_final.index, model_final.meta"),
    },
    "parent_missing": {
        "files": "model.keras",
        "weights": TRAINED,
    },
    "rename_refused": {
        "latest_checkpoint": "model_final",
        "h, v from model_quiet, by its prefix": TRAINED,
    },
    "state_file_unreadable": {
        "the file now": 'model_checkpoint_path: "model_final"',
        "restored h, v": TRAINED,
    },
    "tensor_name": {
        "additions in the scope fc1": "fc1/BiasAdd",
        "y at x = 0": "-1.96",
    },
    "other_session": {
        "one graph": "True",
        "restored h, v": TRAINED,
    },
    "save_before_initializer": {
        "without a value": "Variable",
        "in the checkpoint": "[('spikes', [8])]",
    },
    "values_not_used": {
        "of the optimizer, in the checkpoint": "4",
        "restored h": "1.01",
    },
    "restoration_deferred": {
        "h, v right after restore": TRAINED,
        "values in the copy": "2",
    },
    "object_other_shape": {
        "shape of out in the checkpoint": "[3]",
        "restored": "body",
        "body": "1.01",
    },
    "slots_in_another_order": {
        "trainable now": "4",
        "weights of the first layer": "1.01, 1.01, 1.01, -1.96, -1.96, -1.96",
    },
    "keras_slots_lost": {
        "iterations, load_model": "3",
        "iterations, optimizer built before load_weights": "3",
        "its variables": "6",
    },
    "epoch_restarts": {
        "latest after two starts": "model_iter-5",
        "h in it": "0.75",
    },
    "manager_and_saver": {
        "latest, a folder each": "ckpt-2, model_iter-100",
        "latest, a state file each": "ckpt-2, model_iter-100",
    },
    "user_object": {
        "signatures": "serve, serving_default",
        "y, the function serve": "-1.96",
        "y, a signature": "-1.96",
        "y, predict of model.keras": "-1.96",
    },
    "no_matching_function": {
        "y for two": "1.0, 4.0",
        "y for three": "0.0, 1.0, 4.0",
    },
    "no_signatures": {
        "signatures": "serving_default",
        "y at x = 3": "4.0",
    },
    "untracked": {
        "variables of the module": "1",
        "y at x = 3, loaded": "4.0",
    },
    "data_in_graph": {
        "bytes of model_final.meta": "less than 10,000",
    },
    "harmless_warnings": {
        "lines of the log, compile=False": "0",
        "weights": TRAINED,
        "optimizer, after compile": "Adam",
    },
    "not_serializable": {
        "factor": "2.0",
        "y at x = 3": "6.0",
    },
    "other_predictions": {
        "prediction before saving": "0.059999943",
        "prediction after loading": "0.059999943",
        "mean in the file": "3.0",
    },
    "keras_file_missing": {
        "there from here": "False",
        "there from the script's folder": "True",
        "weights": TRAINED,
    },
    "name_already_exists": {
        "names in model.h5": "slope, offset",
        "weights in model.keras, equal names": "2",
    },
    "pickled": {
        "weights of the model": TRAINED,
        "calls counted before": "3",
        "pickle of the Keras model alone": TRAINED,
    },
    "class_refuses_arguments": {
        "class of the layer": "Fixed",
        "factor": "2.0",
    },
    "get_save_spec": {
        "kind of file": "TFL3",
    },
    "h5py_missing": {
        "h5py is here": "True",
        "weights from model.h5": TRAINED,
        "weights from a checkpoint, without h5py": TRAINED,
    },
    "best_never_saved": {
        "loss of the saved model, with validation data": "17.6",
        "loss of the saved model, monitor='loss'": "17.6",
    },
    "no_forward_pass": {
        "built before the call, after it": "False, True",
        "y at x = 0, whole model": "1.0",
        "y at x = 0, encoder alone": "1.0",
    },
    "serving_versions": {
        "versions under exports/line": "2",
        "y at x = 3, from the newest": "1.0699999",
    },
    "layer_of_another_keras": {
        "layer, read by Keras 3": "RMSNormalization",
        "layers that Keras 2 does not have": "RMSNormalization",
    },
    "h5_locked": {
        "in the file, opened without a lock": "model_weights",
        "weights of a copy, while it is locked": TRAINED,
        "weights, after the other has closed it": TRAINED,
    },
    "no_tf_model": {
        "pooler, restored": "[ 1.01 -1.96]",
    },
    "file_system_scheme": {
        "files in the bucket": "ckpt.data-00000-of-00001, ckpt.index",
        "value from the copy": "1.01",
    },
    "file_name_not_utf8": {
        "from the folder ete": "1.01",
        "from the folder été, in UTF-8": "1.01",
    },
    "untraced_function": {
        "y at x = 3, called before saving": "6.0",
        "y at x = 3, with an input_signature": "6.0",
    },
    "input_shape_fixed": {
        "shape in the file": "(None, 1)",
        "shape of the new model": "(None, 5, 1)",
        "y at x = 3, in a row of 5": "1.0699999",
    },
    "javascript_shape": {
        "the shape's name in model.json": "batch_input_shape",
        "input shape, read again": "(None, 1)",
    },
    "legacy_optimizer": {
        "h, restored": "1.01",
        "its slots in the checkpoint": "m, v",
        "momentum in the new optimizer": "0.050",
    },
    "dictionary_wrapper": {
        "type of the attribute": "_DictWrapper",
        "variables in the checkpoint": "h, v",
    },
    "outside_the_strategy": {
        "kind of the variables": "MirroredVariable",
        "variables of the optimizer": "6",
        "weights": TRAINED,
    },
    "saved_twice": {
        "variables in the second SavedModel": "1",
        "y at x = 3, from the second": "6.0",
    },
    "not_trackable": {
        "mean, restored": "2.0",
        "step, restored": "7",
        "an optimizer is taken": "True",
    },
    "export_in_a_session": {
        "eager outside the block": "True",
        "y at x = 3, exported": "1.0699999",
        "weights in the graph": TRAINED,
    },
}

# What a silent failure shows, besides the words of its MESSAGE.
WRONG: dict[str, dict[str, str]] = {
    "all_kept_but_one_listed": {
        "max_to_keep=0, on disk": (
            "model_iter-0, model_iter-1, model_iter-2, model_iter-3, model_iter-4, model_iter-5"
        ),
        "max_to_keep=0, listed in the checkpoint file": "model_iter-5",
        "max_to_keep=None, on disk": (
            "model_iter-0, model_iter-1, model_iter-2, model_iter-3, model_iter-4, model_iter-5"
        ),
        "max_to_keep=None, listed in the checkpoint file": "model_iter-5",
    },
    "restart_forgets": {
        "saver.last_checkpoints after restore": "none",
    },
    "stale_checkpoint_file": {
        "hor_estimate restored from it": "0.3",
        "latest_checkpoint with the checkpoint file missing": "None",
    },
    "restored_without_slots": {
        "GradientDescent, resumed equals uninterrupted": "True",
        "Momentum, resumed equals uninterrupted": "False",
        "Adam, resumed equals uninterrupted": "False",
    },
    "initializer_after_restore": {
        "h, v after restore": TRAINED,
    },
    "handle_bytes": {
        "type of the tensor hor_estimate:0": "resource",
    },
    "missing_signature": {
        "signatures before the look-up": "['serving_default']",
        "signatures after the look-up": "['predict', 'serving_default']",
    },
    "other_shape": {
        "reference variable, shape in the graph (3,), InvalidArgumentError": (
            "Assign requires shapes of both tensors to match. lhs shape= [3] rhs shape= []"
        ),
    },
    "edited_meta": {
        "h after one step, where 0.002 is right": "0.2",
    },
    "object_based": {
        "names in the checkpoint": "hor_estimate, ver_estimate",
        "names of the variables": "Variable:0, Variable:0",
    },
    "minus_one_deletes": {
        "save returned": "model_iter-2",
        "files": ("checkpoint, model_iter-0.meta, model_iter-1.meta, model_iter-2.meta"),
    },
    "only_the_last_five": {
        "checkpoints on disk": ("model_iter-96, model_iter-97, model_iter-98, model_iter-99, model_final"),
    },
    "restoration_deferred": {
        "variables right after restore": "0",
        "values in the copy": "0",
    },
    "keras_slots_lost": {
        "iterations of the optimizer after load_weights": "0",
        "its variables": "2",
    },
    "epoch_restarts": {
        "checkpoints after two starts, each counting from 0": "model_iter-0, model_iter-1, model_iter-2",
        "h in model_iter-0": "0.5",
    },
    "manager_and_saver": {
        "on disk": "ckpt-1.index, ckpt-2.index, model_iter-100.index",
        "listed": "ckpt-1, ckpt-2",
        "latest_checkpoint after the manager's last save": "ckpt-2",
    },
    "data_in_graph": {
        "bytes of model_final.meta": "more than 1,000,000",
        "bytes of the values": "4",
    },
    "harmless_warnings": {
        "weights": TRAINED,
        "has an optimizer": "False",
    },
    "other_predictions": {
        "weights are equal": "True",
        "prediction before saving": "0.059999943",
    },
    "best_never_saved": {
        "loss of the saved model": "67.8",
    },
    "serving_versions": {
        "files under exports/line": "assets, fingerprint.pb, saved_model.pb, variables",
    },
    "no_tf_model": {
        "files": "bert_model.ckpt.data-00000-of-00001, bert_model.ckpt.index, config.json",
    },
    "javascript_shape": {
        "batch_input_shape is there": "False",
    },
}
