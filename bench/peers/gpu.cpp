// What the CUDA driver takes for the same, called directly: PROGRAM LIBRARY ELEMENTS ROUNDS. Needs no toolkit.
//
//   copy    a copy of as many f32 from device memory to device memory
//   launch  a kernel of 1,024 elements, and cuStreamSynchronize
//   chain   1,000 of them as a CUDA graph; `chain/stream`: one after the other in a stream
#include "device/cuda/DriverAPI.h"
#include "timing.h"

#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

using namespace awg::cuda;

namespace {

const char *ptx = R"(.version 7.0
.target sm_70
.address_size 64
.visible .entry step(.param .u64 y, .param .u32 n) {
  .reg .pred %p; .reg .b32 %i, %b, %t, %n; .reg .f32 %a; .reg .b64 %d;
  ld.param.u64 %d, [y]; ld.param.u32 %n, [n];
  mov.u32 %i, %ctaid.x; mov.u32 %b, %ntid.x; mov.u32 %t, %tid.x; mad.lo.s32 %i, %i, %b, %t;
  setp.ge.u32 %p, %i, %n; @%p bra END;
  mad.wide.u32 %d, %i, 4, %d;
  ld.global.f32 %a, [%d]; fma.rn.f32 %a, %a, 0f3F000000, 0f3F800000; st.global.f32 [%d], %a;
END: ret;
}
)";

DriverFunctions driver;

void require(Result result, const char *call) {
  if (result == Result::Success)
    return;
  std::fprintf(stderr, "%s: error %d\n", call, int(result));
  std::exit(1);
}
#define CALL(FUNCTION, ...) require(driver.FUNCTION(__VA_ARGS__), #FUNCTION)

void openDriver(const char *library) {
  void *handle = dlopen(library, RTLD_NOW);
  if (!handle) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(1);
  }
#define AWG_CUDA(SYMBOL, PARAMETERS) driver.SYMBOL = reinterpret_cast<decltype(driver.SYMBOL)>(dlsym(handle, #SYMBOL));
#include "device/cuda/DriverFunctions.def"
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 4)
    return 2;
  openDriver(argv[1]);
  size_t bytes = std::strtoull(argv[2], nullptr, 10) * 4;
  int rounds = std::atoi(argv[3]);
  Context context;
  Device device;
  Stream stream;
  Address from, to;
  CALL(cuInit, 0);
  CALL(cuDeviceGet, &device, 0);
  CALL(cuDevicePrimaryCtxRetain, &context, device);
  CALL(cuCtxSetCurrent, context);
  CALL(cuStreamCreate, &stream, streamNonBlocking);
  CALL(cuMemAlloc_v2, &from, bytes);
  CALL(cuMemAlloc_v2, &to, bytes);
  CALL(cuMemsetD8Async, from, 0, bytes, stream);

  Module module;
  Function step;
  CALL(cuModuleLoadDataEx, &module, ptx, 0, nullptr, nullptr);
  CALL(cuModuleGetFunction, &step, module, "step");
  unsigned n = 1024;
  void *parameters[] = {&from, &n};
  auto launch = [&] { CALL(cuLaunchKernel, step, 4, 1, 1, 256, 1, 1, 0, stream, parameters, nullptr); };
  auto wait = [&] { CALL(cuStreamSynchronize, stream); };
  auto chain = [&] {
    for (int k = 0; k < 1000; ++k)
      launch();
  };
  Graph graph;
  GraphExec exec;
  CALL(cuStreamBeginCapture_v2, stream, CaptureMode::Relaxed);
  chain();
  CALL(cuStreamEndCapture, stream, &graph);
  CALL(cuGraphInstantiateWithFlags, &exec, graph, 0);
  CALL(cuGraphLaunch, exec, stream); // brings it to the device
  wait();

  report("copy", rounds, [&] { CALL(cuMemcpyDtoDAsync_v2, to, from, bytes, stream); wait(); });
  report("launch", rounds, [&] { for (int k = 0; k < 200; ++k) { launch(); wait(); } }, 200);
  report("chain", rounds, [&] { CALL(cuGraphLaunch, exec, stream); wait(); });
  report("chain/stream", rounds, [&] { chain(); wait(); });
}
