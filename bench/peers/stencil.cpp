// Ten steps of heat on a 4096 x 4096 plate with OpenMP.
#include "timing.h"

#include <cstddef>
#include <vector>

static void step(const float *__restrict u, float *__restrict v, size_t n, float rate) {
#pragma omp parallel for
  for (size_t r = 0; r < n; ++r) {
    const float *row = u + r * n, *up = row - n, *down = row + n;
    float *out = v + r * n;
    if (r == 0 || r == n - 1) {
      for (size_t c = 0; c < n; ++c)
        out[c] = row[c];
      continue;
    }
    out[0] = row[0];
#pragma omp simd
    for (size_t c = 1; c < n - 1; ++c)
      out[c] = row[c] + rate * (up[c] + down[c] + row[c - 1] + row[c + 1] - 4.0f * row[c]);
    out[n - 1] = row[n - 1];
  }
}

int main() {
  constexpr size_t n = 4096;
  std::vector<float> u(n * n), v(n * n);
  for (size_t r = 0; r < n; ++r)
    for (size_t c = 0; c < n; ++c)
      u[r * n + c] = float((r * 7 + c * 3) % 101) * 0.01f;
  report("stencil", 7, [&] {
    for (int half = 0; half < 5; ++half) {
      step(u.data(), v.data(), n, 0.2f);
      step(v.data(), u.data(), n, 0.2f);
    }
  });
  std::fprintf(stderr, "u %g %g\n", u[17 * n + 33], u[5]);
}
