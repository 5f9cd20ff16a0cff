"""Slipway's shared library by ctypes: structures and numbers are written down anew from slipway.h, as a binding for
another language would."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int32, c_int64, c_size_t, c_void_p

INVALID_ARGUMENT = 1


class Options(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("backend", c_char_p), ("library", c_char_p), ("threads", c_int32),
                ("disable_optimization", c_int32)]


class TensorInfo(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("dims", POINTER(c_int64)), ("size", c_size_t), ("element_count", c_size_t),
                ("element_type", c_int32), ("rank", c_int32)]


class Binding(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("tensor", c_void_p)]


class ApiError(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Library:
    def __init__(self, path):
        self._library = ctypes.CDLL(str(path))
        self._library.slipway_last_error.restype = c_char_p
        for free in ("slipway_model_free", "slipway_tensor_free"):
            getattr(self._library, free).argtypes = [c_void_p]

    def call(self, name, *arguments):
        status = getattr(self._library, name)(*arguments)
        if status != 0:
            raise ApiError(status, self._library.slipway_last_error().decode())

    def load(self, path, **options):
        raw = Options(struct_size=ctypes.sizeof(Options), **options)
        model = c_void_p()
        self.call("slipway_model_load", str(path).encode(), byref(raw), byref(model))
        return model

    def free_model(self, model):
        self._library.slipway_model_free(model)

    def run(self, model, inputs, outputs):
        """Inputs: {name: (element type, dims, bytes)}; returns the outputs that are named in the same form."""
        given = (Binding * len(inputs))()
        memory = []
        wanted = (Binding * len(outputs))(*[Binding(name.encode(), None) for name in outputs])
        try:
            for place, (name, (element_type, dims, data)) in enumerate(inputs.items()):
                memory.append(ctypes.create_string_buffer(data, len(data)))
                tensor = c_void_p()
                self.call("slipway_tensor_borrow", c_int32(element_type), (c_int64 * len(dims))(*dims),
                          c_size_t(len(dims)), memory[-1], c_size_t(len(data)), None, None, byref(tensor))
                given[place] = Binding(name.encode(), tensor)
            self.call("slipway_run", model, given, c_size_t(len(given)), wanted, c_size_t(len(wanted)), None)
            return {name: self._content(binding.tensor) for name, binding in zip(outputs, wanted, strict=True)}
        finally:
            for binding in (*given, *wanted):
                self._library.slipway_tensor_free(binding.tensor)

    def _content(self, tensor):
        info = POINTER(TensorInfo)()
        self.call("slipway_tensor_describe", c_void_p(tensor), byref(info))
        found = info.contents
        return found.element_type, found.dims[:found.rank], ctypes.string_at(found.data, found.size)
