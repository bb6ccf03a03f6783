"""Calls the emulator so that faults can be wished for: prints what two allocations, copies and launches give,
and whether a callback of 10 ms takes four times that."""

import ctypes
import sys
import time

PTX = b""".version 8.0
.target sm_80
.address_size 64
.visible .entry nothing() { ret; }
"""


def main(library):
    cuda = ctypes.CDLL(library)
    context, module, function = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    assert cuda.cuInit(0) == 0
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert cuda.cuCtxSetCurrent(context) == 0
    assert cuda.cuModuleLoadData(ctypes.byref(module), PTX) == 0
    assert cuda.cuModuleGetFunction(ctypes.byref(function), module, b"nothing") == 0

    def name(result):
        text = ctypes.c_char_p()
        cuda.cuGetErrorName(result, ctypes.byref(text))
        return text.value.decode()

    nap = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: time.sleep(0.01))
    start = time.monotonic()
    cuda.cuLaunchHostFunc(None, nap, None)
    cuda.cuCtxSynchronize()
    print("callback:", "slow" if time.monotonic() - start >= 0.04 else "fast")

    address = ctypes.c_uint64()
    for _ in range(2):
        print("allocate:", name(cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(64))))
    for _ in range(2):
        print("copy:", name(cuda.cuMemsetD8_v2(address, 0, ctypes.c_size_t(64)) or cuda.cuCtxSynchronize()))
    for _ in range(3):
        result = cuda.cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, None, None, None)
        print("launch:", name(result or cuda.cuCtxSynchronize()))
    print("reset:", name(cuda.cuDevicePrimaryCtxReset_v2(0)))
    print("allocate:", name(cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(64))))
    print("copy:", name(cuda.cuMemsetD8_v2(address, 0, ctypes.c_size_t(64)) or cuda.cuCtxSynchronize()))


main(sys.argv[1])
