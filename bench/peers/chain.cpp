// Three loops one after the other over 2^26 f32 with OpenMP, as they are written, and as one loop.
#include "timing.h"

#include <algorithm>
#include <cstddef>
#include <memory>

int main() {
  constexpr size_t n = size_t(1) << 26;
  std::unique_ptr<float[]> x(new float[n]), y(new float[n]);
#pragma omp parallel for
  for (size_t i = 0; i < n; ++i) {
    x[i] = float(i % 1000) * 0.001f;
    y[i] = float(i % 777) * 0.002f;
  }
  report("chain", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = 2.0f * x[i] + y[i];
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = std::clamp(y[i], 0.0f, 1.0f);
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = 0.5f * y[i];
  });
  report("chain/by_hand", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = 0.5f * std::clamp(2.0f * x[i] + y[i], 0.0f, 1.0f);
  });
  std::fprintf(stderr, "y %g %g\n", y[1], y[77]);
}
