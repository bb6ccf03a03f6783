// saxpy, sum and STREAM's triad over 2^26 f32 elements with OpenMP.
#include "timing.h"

#include <cstddef>
#include <memory>

int main() {
  constexpr size_t n = size_t(1) << 26;
  // Uninitialised on purpose: the threads that use a page touch it first.
  std::unique_ptr<float[]> x(new float[n]), y(new float[n]), z(new float[n]);
#pragma omp parallel for
  for (size_t i = 0; i < n; ++i) {
    x[i] = float(i % 1000) * 0.001f;
    y[i] = float(i % 777) * 0.002f;
    z[i] = 0;
  }

  report("saxpy", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = 2.0f * x[i] + y[i];
  });

  float total = 0;
  report("sum", 12, [&] {
    float sum = 0;
#pragma omp parallel for simd reduction(+ : sum)
    for (size_t i = 0; i < n; ++i)
      sum += x[i];
    total = sum;
  });

  report("triad", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      z[i] = x[i] + 3.0f * y[i];
  });
  std::fprintf(stderr, "total %g, y[1] %g, z[1] %g\n", total, y[1], z[1]);
}
