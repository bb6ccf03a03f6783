// Prefix sums of 2^26 u32 with OpenMP: one pass for the threads' totals, one for the sums; memory for the result is new each time.
#include "timing.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <omp.h>
#include <vector>

int main() {
  constexpr size_t n = size_t(1) << 26;
  std::unique_ptr<uint32_t[]> x(new uint32_t[n]), y(new uint32_t[n]);
#pragma omp parallel for
  for (size_t i = 0; i < n; ++i) {
    x[i] = uint32_t(i % 1000);
    y[i] = 0;
  }
  report("scan", 7, [&] {
    std::vector<uint32_t> totals(size_t(omp_get_max_threads()) + 1);
#pragma omp parallel
    {
      size_t thread = size_t(omp_get_thread_num()), threads = size_t(omp_get_num_threads());
      size_t begin = n * thread / threads, end = n * (thread + 1) / threads;
      uint32_t sum = 0;
#pragma omp simd reduction(+ : sum)
      for (size_t i = begin; i < end; ++i)
        sum += x[i];
      totals[thread + 1] = sum;
#pragma omp barrier
      uint32_t before = 0;
      for (size_t k = 0; k <= thread; ++k)
        before += totals[k];
      for (size_t i = begin; i < end; ++i)
        y[i] = before += x[i];
    }
  });
  std::fprintf(stderr, "y %u %u\n", y[n - 1], y[12345]);
}
