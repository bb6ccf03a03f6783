// saxpy and sum of 2^26 f32 in Halide, scheduled by hand: vectors, and a task a processor's share.
#include "timing.h"

#include <halide14/Halide.h>

using namespace Halide;

int main() {
  constexpr int n = 1 << 26, part = 1 << 16;
  Buffer<float> x(n), y(n), total = Buffer<float>::make_scalar();
  for (int i = 0; i < n; ++i) {
    x(i) = float(i % 1000) * 0.001f;
    y(i) = float(i % 777) * 0.002f;
  }
  Var i, o, v;
  ImageParam in(Float(32), 1), before(Float(32), 1);
  Func saxpy;
  saxpy(i) = 2.0f * in(i) + before(i);
  saxpy.split(i, o, i, part).vectorize(i, 16).parallel(o);
  in.set(x);
  before.set(y);
  saxpy.compile_jit();
  report("saxpy", 12, [&] { saxpy.realize(y); });

  RDom parts(0, n / part), inside(0, part / 64);
  Func lanes, whole;
  lanes(v, o) = 0.0f;
  lanes(v, o) += in(o * part + inside * 64 + v);
  whole() = 0.0f;
  RDom both(0, 64, 0, n / part);
  whole() += lanes(both.x, both.y);
  lanes.compute_root().vectorize(v, 16).bound(v, 0, 64).parallel(o);
  lanes.update().reorder(v, inside, o).vectorize(v, 16).unroll(v).parallel(o);
  whole.compile_jit();
  report("sum", 12, [&] { whole.realize(total); });
  std::fprintf(stderr, "total %g, y[1] %g\n", double(total()), double(y(1)));
}
