// Escape times of 2048 x 2048 points in f32 and f64 with OpenMP: point by point, and in lanes that all go on until none is left.
#include "timing.h"

#include <cstddef>
#include <vector>

constexpr int size = 2048, limit = 256;

template <typename T> static void byPoints(int *steps) {
#pragma omp parallel for schedule(dynamic)
  for (int r = 0; r < size; ++r)
    for (int c = 0; c < size; ++c) {
      T cx = T(-2.25) + T(3) * T(c) / size, cy = T(-1.5) + T(3) * T(r) / size;
      T x = 0, y = 0;
      int k = 0;
      while (k < limit && x * x + y * y <= T(4)) {
        T t = x * x - y * y + cx;
        y = T(2) * x * y + cy;
        x = t;
        ++k;
      }
      steps[size_t(r) * size + c] = k;
    }
}

template <typename T> static void byLanes(int *steps) {
  constexpr int lanes = 128 / sizeof(T);
#pragma omp parallel for schedule(dynamic)
  for (int r = 0; r < size; ++r)
    for (int c = 0; c < size; c += lanes) {
      T cy = T(-1.5) + T(3) * T(r) / size, cx[lanes], x[lanes] = {}, y[lanes] = {};
      int count[lanes] = {};
      for (int l = 0; l < lanes; ++l)
        cx[l] = T(-2.25) + T(3) * T(c + l) / size;
      for (int k = 0; k < limit; ++k) {
        int any = 0;
#pragma omp simd reduction(| : any)
        for (int l = 0; l < lanes; ++l) {
          int on = x[l] * x[l] + y[l] * y[l] <= T(4);
          T t = x[l] * x[l] - y[l] * y[l] + cx[l], u = T(2) * x[l] * y[l] + cy;
          x[l] = on ? t : x[l], y[l] = on ? u : y[l];
          count[l] += on;
          any |= on;
        }
        if (!any)
          break;
      }
      for (int l = 0; l < lanes; ++l)
        steps[size_t(r) * size + c + l] = count[l];
    }
}

static void show(const std::vector<int> &steps) {
  long total = 0;
  for (int k : steps)
    total += k;
  std::fprintf(stderr, "steps %ld\n", total);
}

int main() {
  std::vector<int> steps(size_t(size) * size);
  report("mandelbrot", 5, [&] { byPoints<float>(steps.data()); });
  report("mandelbrot/lanes", 5, [&] { byLanes<float>(steps.data()); });
  show(steps);
  report("mandelbrot64", 5, [&] { byPoints<double>(steps.data()); });
  report("mandelbrot64/lanes", 5, [&] { byLanes<double>(steps.data()); });
  show(steps);
}
