// A blur of 2^24 f32 with OpenMP.
#include "timing.h"

#include <cstddef>
#include <vector>

int main() {
  constexpr size_t n = size_t(1) << 24;
  std::vector<float> x(n), y(n);
  for (size_t i = 0; i < n; ++i)
    x[i] = float(i % 1000) * 0.001f;
  report("blur", 12, [&] {
    y[0] = (0 + x[0] + x[1]) * 0.333f;
#pragma omp parallel for simd
    for (size_t i = 1; i < n - 1; ++i)
      y[i] = (x[i - 1] + x[i] + x[i + 1]) * 0.333f;
    y[n - 1] = (x[n - 2] + x[n - 1]) * 0.333f;
  });
  std::fprintf(stderr, "y %g %g\n", y[5], y[n - 1]);
}
