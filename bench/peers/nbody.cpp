// Forces between 8192 bodies, all pairs, with OpenMP.
#include "timing.h"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

int main() {
  constexpr size_t n = 8192;
  std::vector<float> x(n), y(n), z(n), m(n), fx(n), fy(n), fz(n);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> unit(0, 1);
  for (size_t i = 0; i < n; ++i)
    x[i] = unit(random), y[i] = unit(random), z[i] = unit(random), m[i] = unit(random);
  // The best of two ways to write it: lanes over the bodies that are pulled, and over those that pull.
  report("nbody", 7, [&] {
#pragma omp parallel for
    for (size_t begin = 0; begin < n; begin += 64) {
      float ax[64] = {}, ay[64] = {}, az[64] = {};
      for (size_t j = 0; j < n; ++j)
#pragma omp simd
        for (size_t k = 0; k < 64; ++k) {
          float dx = x[j] - x[begin + k], dy = y[j] - y[begin + k], dz = z[j] - z[begin + k];
          float near = 1.0f / std::sqrt(dx * dx + dy * dy + dz * dz + 0.0001f);
          float w = m[j] * (near * near * near);
          ax[k] += w * dx, ay[k] += w * dy, az[k] += w * dz;
        }
      for (size_t k = 0; k < 64; ++k)
        fx[begin + k] = ax[k], fy[begin + k] = ay[k], fz[begin + k] = az[k];
    }
  });
  report("nbody", 7, [&] {
#pragma omp parallel for
    for (size_t i = 0; i < n; ++i) {
      float ax = 0, ay = 0, az = 0;
#pragma omp simd reduction(+ : ax, ay, az)
      for (size_t j = 0; j < n; ++j) {
        float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
        float near = 1.0f / std::sqrt(dx * dx + dy * dy + dz * dz + 0.0001f);
        float w = m[j] * (near * near * near);
        ax += w * dx, ay += w * dy, az += w * dz;
      }
      fx[i] = ax, fy[i] = ay, fz[i] = az;
    }
  });
  std::fprintf(stderr, "force %g %g %g\n", fx[7], fy[7], fz[7]);
}
