"""Measures the PTX emulator: million thread instructions a second, for kernels that compute, that load and store (the lanes
of a warp side by side, and from the last to the first), and that diverge. By the clock, and by the processor time that they
take times the processors, which is the same where nothing else runs.

    bench/emulator.py [LIBRARY]     default: build/lib/libawgemu.so
"""

import ctypes
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
THREADS, BLOCKS, TURNS = 256, 512, 64

HEADER = """.version 8.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 data)
{
  .reg .pred %p, %q; .reg .b32 %i, %t, %n, %x; .reg .f32 %a, %b; .reg .b64 %d;
  ld.param.u64 %d, [data]; mov.u32 %i, %ctaid.x; mov.u32 %n, %ntid.x; mov.u32 %t, %tid.x; mad.lo.u32 %i, %i, %n, %t;
  xor.b32 %x, %i, MIRROR; mad.wide.u32 %d, %x, 4, %d; mov.u32 %n, 0; cvt.rn.f32.u32 %a, %i; mov.f32 %b, 0f3F000000;
LOOP:
"""
FOOTER = f"""
  add.u32 %n, %n, 1; setp.lt.u32 %p, %n, {TURNS}; @%p bra LOOP;
  st.global.f32 [%d], %a; ret;
}}
"""
MEMORY = "ld.global.f32 %a, [%d]; add.f32 %a, %a, %b; st.global.f32 [%d], %a;" * 4
KERNELS = {
    "arithmetic": "fma.rn.f32 %a, %a, %b, %b; mul.f32 %b, %a, %b; add.f32 %a, %a, %b; sub.f32 %b, %a, %b;" * 4,
    "memory": MEMORY,
    "backwards": MEMORY,
    "divergence": "and.b32 %x, %i, 1; setp.eq.u32 %q, %x, 0; @%q bra E; add.f32 %a, %a, %b; bra M; E: sub.f32 %a, %a, %b; M:",
}


def main(library):
    cuda = ctypes.CDLL(library)
    cuda.awgemu_instructions.restype = ctypes.c_uint64
    context, address = ctypes.c_void_p(), ctypes.c_uint64()
    assert cuda.cuInit(0) == 0
    assert cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert cuda.cuCtxSetCurrent(context) == 0
    assert cuda.cuMemAlloc_v2(ctypes.byref(address), ctypes.c_size_t(4 * THREADS * BLOCKS)) == 0
    assert cuda.cuMemsetD8_v2(address, 0, ctypes.c_size_t(4 * THREADS * BLOCKS)) == 0
    print(f"{'kernel':12} {'clock':>10} {'processors':>10}")
    for name, body in KERNELS.items():
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        text = HEADER.replace("MIRROR", "31" if name == "backwards" else "0") + body + FOOTER
        assert cuda.cuModuleLoadData(ctypes.byref(module), text.encode()) == 0
        assert cuda.cuModuleGetFunction(ctypes.byref(function), module, b"k") == 0
        parameters = (ctypes.c_void_p * 1)(ctypes.addressof(address))
        clock = processors = 0
        for _ in range(5):
            before, start, spent = cuda.awgemu_instructions(), time.perf_counter(), time.process_time()
            assert cuda.cuLaunchKernel(function, BLOCKS, 1, 1, THREADS, 1, 1, 0, None, parameters, None) == 0
            assert cuda.cuCtxSynchronize() == 0
            millions = (cuda.awgemu_instructions() - before) / 1e6
            clock = max(clock, millions / (time.perf_counter() - start))
            processors = max(processors, millions / (time.process_time() - spent) * os.cpu_count())
        print(f"{name:12} {clock:10.0f} {processors:10.0f}")


main(sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "lib" / "libawgemu.so"))
