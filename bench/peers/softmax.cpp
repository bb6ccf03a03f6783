// softmax of the rows of a 4096 x 1024 matrix with OpenMP.
#include "timing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

int main() {
  constexpr size_t h = 4096, w = 1024;
  std::vector<float> x(h * w), y(h * w);
  for (size_t r = 0; r < h; ++r)
    for (size_t c = 0; c < w; ++c)
      x[r * w + c] = float((r * 7 + c * 13) % 1009) * 0.01f;
  report("softmax", 12, [&] {
#pragma omp parallel for
    for (size_t r = 0; r < h; ++r) {
      const float *row = &x[r * w];
      float *out = &y[r * w];
      float top = row[0], total = 0;
#pragma omp simd reduction(max : top)
      for (size_t c = 0; c < w; ++c)
        top = row[c] > top ? row[c] : top;
#pragma omp simd reduction(+ : total)
      for (size_t c = 0; c < w; ++c) {
        out[c] = std::exp(row[c] - top);
        total += out[c];
      }
#pragma omp simd
      for (size_t c = 0; c < w; ++c)
        out[c] /= total;
    }
  });
  std::fprintf(stderr, "y %g %g\n", y[3 * w + 4], y[4095 * w + 1000]);
}
