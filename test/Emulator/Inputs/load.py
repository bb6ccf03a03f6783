"""Loads PTX files into the emulator: load.py LIBRARY FILE..."""

import ctypes
import sys

ERROR_LOG, ERROR_LOG_SIZE = 5, 6  # of CUjit_option


def main(library, *paths):
    cuda = ctypes.CDLL(library)
    context = ctypes.c_void_p()
    assert cuda.cuInit(0) == 0
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert cuda.cuCtxSetCurrent(context) == 0
    log = ctypes.create_string_buffer(4096)
    options = (ctypes.c_int * 2)(ERROR_LOG, ERROR_LOG_SIZE)
    values = (ctypes.c_void_p * 2)(ctypes.addressof(log), len(log))
    refused = 0
    for path in paths:
        with open(path, "rb") as file:
            text = file.read()
        if cuda.cuModuleLoadDataEx(ctypes.byref(ctypes.c_void_p()), text, 2, options, values):
            print(f"{path}: {log.value.decode()}")
            refused += 1
    print(f"{len(paths) - refused} loaded, {refused} refused")


main(*sys.argv[1:])
