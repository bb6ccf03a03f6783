// Programs of the driver API, from saxpy on.
#include "Emulator.h"

#include <numeric>

using namespace emutest;

namespace {
const char *const saxpy = R"(
.visible .entry saxpy(.param .f32 a, .param .u64 x, .param .u64 y, .param .u32 n)
{
  .reg .pred %p<2>;
  .reg .f32 %f<5>;
  .reg .b32 %r<6>;
  .reg .b64 %rd<8>;
  ld.param.f32 %f1, [a];
  ld.param.u64 %rd1, [x];
  ld.param.u64 %rd2, [y];
  ld.param.u32 %r1, [n];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  setp.ge.u32 %p1, %r5, %r1;
  @%p1 bra DONE;
  cvta.to.global.u64 %rd3, %rd1;
  cvta.to.global.u64 %rd4, %rd2;
  mul.wide.u32 %rd5, %r5, 4;
  add.s64 %rd6, %rd3, %rd5;
  add.s64 %rd7, %rd4, %rd5;
  ld.global.nc.f32 %f2, [%rd6];
  ld.global.f32 %f3, [%rd7];
  fma.rn.f32 %f4, %f1, %f2, %f3;
  st.global.f32 [%rd7], %f4;
DONE:
  ret;
}
)";

TEST(Driver, Saxpy) {
  Program program(module(saxpy));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  std::vector<float> x(1000), y(1000);
  std::iota(x.begin(), x.end(), 0.0f);
  std::iota(y.begin(), y.end(), 0.5f);
  Buffer<float> onX(x), onY(y);
  ASSERT_EQ(launch(program.function("saxpy"), 8, 128, 0, 2.0f, onX.address, onY.address, 1000u), Result::Success)
      << awgemu_last_report();
  std::vector<float> result = onY.read();
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(result[i], 2.0f * x[i] + y[i]);
}

/// As a program for CUDA 13 does it: a library, a launch with attributes.
TEST(Driver, LibrariesAndLaunchesWithAttributes) {
  using namespace awg::cuda;
  device();
  Module library = nullptr, sameModule = nullptr;
  Function kernel = nullptr, function = nullptr;
  std::string text = module(saxpy);
  ASSERT_EQ(cuLibraryLoadData(&library, text.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0), Result::Success);
  ASSERT_EQ(cuLibraryGetKernel(&kernel, library, "saxpy"), Result::Success);
  EXPECT_EQ(cuLibraryGetKernel(&function, library, "daxpy"), Result::NotFound);
  ASSERT_EQ(cuKernelGetFunction(&function, kernel), Result::Success);
  EXPECT_EQ(cuFuncGetModule(&sameModule, function), Result::Success);
  EXPECT_EQ(sameModule, library);
  size_t offset = 0, bytes = 0;
  EXPECT_EQ(cuFuncGetParamInfo(function, 3, &offset, &bytes), Result::Success);
  EXPECT_EQ(offset, 24u);
  EXPECT_EQ(bytes, 4u);
  EXPECT_EQ(cuFuncGetParamInfo(function, 4, &offset, &bytes), Result::InvalidValue);

  float a = 3;
  unsigned n = 100;
  std::vector<float> x(n, 2), y(n, 1);
  Buffer<float> onX(x), onY(y);
  void *parameters[] = {&a, &onX.address, &onY.address, &n};
  LaunchAttribute attributes[] = {{LaunchAttribute::ClusterDimension, {0, 1, 1, 1}}};
  LaunchConfig config = {{1, 1, 1}, {128, 1, 1}, 0, nullptr, attributes, 1};
  ASSERT_EQ(cuLaunchKernelEx(&config, kernel, parameters, nullptr), Result::Success);
  EXPECT_EQ(onY.read(), std::vector<float>(n, 7));
  attributes[0].value[1] = 2;
  EXPECT_EQ(cuLaunchKernelEx(&config, kernel, parameters, nullptr), Result::NotSupported);
  EXPECT_STREQ(awgemu_last_report(), "clusters of several blocks are not supported by the emulator");
  EXPECT_EQ(cuLibraryUnload(library), Result::Success);
}

TEST(Driver, Rectangles) {
  using namespace awg::cuda;
  device();
  Address rows = 0;
  size_t pitch = 0;
  ASSERT_EQ(cuMemAllocPitch_v2(&rows, &pitch, 20, 4, 4), Result::Success);
  EXPECT_EQ(pitch, 512u);
  ASSERT_EQ(cuMemsetD2D32_v2(rows, pitch, 7, 5, 4), Result::Success);
  std::vector<uint32_t> from = {1, 2, 3, 4, 5, 6}, to(20);
  Copy2D in = {{0, 0, Copy2D::Host, from.data(), 0, nullptr, 12}, {8, 1, Copy2D::Device, nullptr, rows, nullptr, pitch}, 12, 2};
  ASSERT_EQ(cuMemcpy2D_v2(&in), Result::Success);
  Copy2D out = {{0, 0, Copy2D::Device, nullptr, rows, nullptr, pitch}, {0, 0, Copy2D::Host, to.data(), 0, nullptr, 20}, 20, 4};
  ASSERT_EQ(cuMemcpy2DAsync_v2(&out, nullptr), Result::Success);
  ASSERT_EQ(cuCtxSynchronize(), Result::Success);
  EXPECT_EQ(to, (std::vector<uint32_t>{7, 7, 7, 7, 7, 7, 7, 1, 2, 3, 7, 7, 4, 5, 6, 7, 7, 7, 7, 7}));
  out.from.pitch = 16; // rows would overlap
  EXPECT_EQ(cuMemcpy2D_v2(&out), Result::InvalidValue);
  out.from.pitch = pitch, out.height = 5;
  EXPECT_EQ(cuMemcpy2D_v2(&out), Result::InvalidValue);
  EXPECT_EQ(cuMemFree_v2(rows), Result::Success);
}

/// Where an inlined function was called is said too; what the compiler made without a line belongs to the line before.
TEST(Driver, PlacesOfWhatWasInlined) {
  auto reportOf = [](const char *locations) {
    Program program(module(std::string(".file 1 \"user.cu\"\n.file 2 \"lib.h\"\n.visible .entry k() { .reg .b64 %a;\n") + locations +
                           " mov.u64 %a, 0; st.global.u64 [%a], %a; ret; }\n"));
    EXPECT_EQ(program.result, Result::Success) << program.log;
    EXPECT_EQ(launch(program.function("k"), 1, 1, 0), Result::IllegalAddress);
    program.handle = nullptr;
    EXPECT_EQ(awg::cuda::cuDevicePrimaryCtxReset_v2(0), Result::Success);
    return std::string(awgemu_last_report());
  };
  const std::string text = "mov.u64 %a, 0; st.global.u64 [%a], %a; ret; }";
  auto expectPlace = [&](const char *locations, const char *place, const char *callers) {
    std::string report = reportOf(locations);
    EXPECT_NE(report.find(std::string("at ") + place + " (PTX line "), std::string::npos) << report;
    EXPECT_TRUE(report.ends_with(text + ")" + callers)) << report;
  };
  expectPlace(".loc 1 10 3\n.loc 2 5 1, function_name $L, inlined_at 1 10 3\n.loc 2 9 1, function_name $L, inlined_at 2 5 1\n",
              "lib.h:9", ", inlined at lib.h:5, inlined at user.cu:10");
  expectPlace(".loc 1 12 3\n.loc 1 0 3\n", "user.cu:12", "");
  expectPlace(".loc 2 5 1, function_name $L, inlined_at 1 10 3\n.loc 1 14 3\n", "user.cu:14", "");
}

TEST(Driver, FreesInTheMiddle) {
  Buffer<uint32_t> buffer(64);
  EXPECT_EQ(awg::cuda::cuMemFree_v2(buffer.address + 4), Result::InvalidValue);
  EXPECT_NE(std::string(awgemu_last_report()).find(": 4 bytes into allocation"), std::string::npos) << awgemu_last_report();
}
} // namespace
