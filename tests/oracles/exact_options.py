"""Options of ONNX Runtime for an oracle."""

import onnxruntime


def exact_options():
    """Quiet, and exact: on processors without VNNI, products of u8 and s8 saturate at 16 bits unless told otherwise."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")
    return options
