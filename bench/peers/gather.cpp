// Gathers 2^24 f32 by a permutation, and adds them up backwards, with OpenMP.
#include "timing.h"

#include <cstddef>
#include <cstdint>
#include <vector>

int main() {
  constexpr size_t n = size_t(1) << 24;
  std::vector<float> x(n), y(n);
  std::vector<int32_t> at(n);
  for (size_t i = 0; i < n; ++i) {
    x[i] = float(i);
    at[i] = int32_t((i * 2654435761u + 12345) & (n - 1));
  }
  report("gather", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[i] = x[at[i]];
  });
  report("reverse", 12, [&] {
#pragma omp parallel for simd
    for (size_t i = 0; i < n; ++i)
      y[n - 1 - i] = x[i] + y[n - 1 - i];
  });
  std::fprintf(stderr, "y %g %g\n", y[5], y[77]);
}
