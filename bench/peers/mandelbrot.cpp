// Escape times of 2048 x 1365 points in f64 with OpenMP.
#include "timing.h"

#include <vector>

int main() {
  constexpr int h = 1365, w = 2048, limit = 256;
  std::vector<int> steps(size_t(h) * w);
  report("mandelbrot", 5, [&] {
#pragma omp parallel for schedule(dynamic)
    for (int r = 0; r < h; ++r)
      for (int c = 0; c < w; ++c) {
        double cx = -2.25 + 3.0 * c / w, cy = -1.0 + 2.0 * r / h;
        double x = 0, y = 0;
        int k = 0;
        while (k < limit && x * x + y * y <= 4.0) {
          double t = x * x - y * y + cx;
          y = 2.0 * x * y + cy;
          x = t;
          ++k;
        }
        steps[size_t(r) * w + c] = k;
      }
  });
  long total = 0;
  for (int k : steps)
    total += k;
  std::fprintf(stderr, "steps %ld\n", total);
}
