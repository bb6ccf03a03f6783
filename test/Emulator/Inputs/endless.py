"""Launches a kernel on the emulator: endless.py LIBRARY KERNEL BLOCKS THREADS. Prints the driver's error."""

import ctypes
import sys

PTX = b"""
.version 8.0
.target sm_80
.address_size 64
.file 1 "endless.cu"
.visible .entry counts(.param .u64 a) { .reg .pred %p; .reg .b32 %x; mov.u32 %x, 0;
L:
 .loc 1 3 1
 add.u32 %x, %x, 2; setp.ne.u32 %p, %x, 1; @%p bra L; ret; }
.visible .entry one_lane_counts(.param .u64 a) { .reg .pred %p; .reg .b32 %x; mov.u32 %x, %tid.x;
 .loc 1 6 1
L: setp.eq.u32 %p, %x, 37; @%p bra L; ret; }
.visible .entry waits(.param .u64 a) { .reg .pred %p; .reg .b32 %x; .reg .b64 %a; ld.param.u64 %a, [a];
L:
 .loc 1 9 1
 ld.volatile.global.u32 %x, [%a]; setp.eq.u32 %p, %x, 0;
 .loc 1 10 1
 @%p bra L; ret; }
.visible .entry sleeps(.param .u64 a) { .reg .pred %p; .reg .b32 %x; .reg .b64 %a; ld.param.u64 %a, [a];
L: ld.acquire.gpu.global.u32 %x, [%a]; setp.ne.u32 %p, %x, 0; @%p ret;
 .loc 1 13 1
 nanosleep.u32 100;
 .loc 1 14 1
 bra L; }
.visible .entry locks(.param .u64 a) { .reg .pred %p; .reg .b32 %x; .reg .b64 %a; ld.param.u64 %a, [a];
L:
 .loc 1 16 1
 atom.global.cas.b32 %x, [%a], 0, 1; setp.ne.u32 %p, %x, 0; @%p bra L; ret; }
.visible .entry jumps(.param .u64 a) { .reg .b32 %x;
 .loc 1 19 1
A: mov.u32 %x, 1;
T: .branchtargets A, B;
B: brx.idx %x, T; }
.visible .entry jumps_apart(.param .u64 a) { .reg .b32 %x; .reg .pred %p;
A: and.b32 %x, %x, 1;
T: .branchtargets A, B;
 .loc 1 23 1
 mov.u32 %x, %tid.x; and.b32 %x, %x, 1; brx.idx %x, T;
B: mov.u32 %x, 0; brx.idx %x, T; }
.func spin() { L:
 .loc 1 26 1
 bra L; }
.visible .entry calls(.param .u64 a) {
 .loc 1 28 1
 call spin; ret; }
.visible .entry ends(.param .u64 a) { .reg .pred %p; .reg .b32 %x; mov.u32 %x, 0;
L: add.u32 %x, %x, 1; setp.ne.u32 %p, %x, 60000; @%p bra L; ret; }
"""


def main(library, kernel, blocks, threads):
    cuda = ctypes.CDLL(library)
    context, module, function = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    assert cuda.cuInit(0) == 0
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert cuda.cuCtxSetCurrent(context) == 0
    assert cuda.cuModuleLoadData(ctypes.byref(module), PTX) == 0
    assert cuda.cuModuleGetFunction(ctypes.byref(function), module, kernel.encode()) == 0
    address = ctypes.c_uint64()
    assert cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(64)) == 0
    assert cuda.cuMemsetD8_v2(address, 0, ctypes.c_size_t(64)) == 0
    arguments = (ctypes.c_void_p * 1)(ctypes.addressof(address))
    assert cuda.cuLaunchKernel(function, int(blocks), 1, 1, int(threads), 1, 1, 0, None, arguments, None) == 0
    name = ctypes.c_char_p()
    cuda.cuGetErrorName(cuda.cuCtxSynchronize(), ctypes.byref(name))
    print(kernel + ":", name.value.decode())


main(*sys.argv[1:])
