// A histogram of 64 bins over 2^26 bytes with OpenMP, counted in each thread's own bins.
#include "timing.h"

#include <cstddef>
#include <cstdint>
#include <memory>

int main() {
  constexpr size_t n = size_t(1) << 26;
  std::unique_ptr<uint8_t[]> x(new uint8_t[n]);
#pragma omp parallel for
  for (size_t i = 0; i < n; ++i)
    x[i] = uint8_t((i * 2654435761u) >> 13);
  long h[64] = {};
  report("histogram", 12, [&] {
#pragma omp parallel for reduction(+ : h)
    for (size_t i = 0; i < n; ++i)
      ++h[x[i] >> 2];
  });
  // Four sets of bins a thread, so that equal neighbours do not wait for each other.
  report("histogram", 12, [&] {
#pragma omp parallel
    {
      long own[4][64] = {};
#pragma omp for nowait
      for (size_t i = 0; i < n; i += 4)
        for (size_t k = 0; k < 4; ++k)
          ++own[k][x[i + k] >> 2];
#pragma omp critical
      for (size_t k = 0; k < 4; ++k)
        for (size_t bin = 0; bin < 64; ++bin)
          h[bin] += own[k][bin];
    }
  });
  std::fprintf(stderr, "h %ld %ld\n", h[0], h[63]);
}
