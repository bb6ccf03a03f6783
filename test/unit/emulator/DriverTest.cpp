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
} // namespace
