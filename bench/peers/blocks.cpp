// A blur, a product of matrices by tiles and softmax of rows with OpenMP.
#include "timing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

constexpr size_t tile = 64, deep = 32;

static void blur(const float *x, float *y, size_t n) {
#pragma omp parallel for
  for (size_t begin = 0; begin < n; begin += 1024)
    for (size_t i = begin; i < std::min(begin + 1024, n); ++i) {
      float left = i > 0 ? x[i - 1] : 0, right = i + 1 < n ? x[i + 1] : 0;
      y[i] = (left + x[i] + right) * 0.333f;
    }
}

static void matmul(const float *a, const float *b, float *c, size_t m) {
#pragma omp parallel for collapse(2)
  for (size_t r = 0; r < m; r += tile)
    for (size_t q = 0; q < m; q += tile) {
      float acc[tile][tile] = {}, ta[tile][deep], tb[deep][tile];
      for (size_t step = 0; step < m; step += deep) {
        for (size_t i = 0; i < tile; ++i)
          for (size_t j = 0; j < deep; ++j)
            ta[i][j] = a[(r + i) * m + step + j];
        for (size_t i = 0; i < deep; ++i)
          for (size_t j = 0; j < tile; ++j)
            tb[i][j] = b[(step + i) * m + q + j];
        for (size_t i = 0; i < tile; ++i)
          for (size_t p = 0; p < deep; ++p)
            for (size_t j = 0; j < tile; ++j)
              acc[i][j] = std::fma(ta[i][p], tb[p][j], acc[i][j]);
      }
      for (size_t i = 0; i < tile; ++i)
        for (size_t j = 0; j < tile; ++j)
          c[(r + i) * m + q + j] = acc[i][j];
    }
}

static void softmax(const float *x, float *y, size_t h, size_t w) {
#pragma omp parallel for
  for (size_t r = 0; r < h; ++r) {
    const float *row = x + r * w;
    float top = row[0], total = 0;
    for (size_t c = 1; c < w; ++c)
      top = std::max(top, row[c]);
    for (size_t c = 0; c < w; ++c)
      total += y[r * w + c] = std::exp(row[c] - top);
    for (size_t c = 0; c < w; ++c)
      y[r * w + c] /= total;
  }
}

int main() {
  size_t n = size_t(1) << 24, m = 1024;
  std::vector<float> x(n), y(n), a(m * m), b(m * m), c(m * m), s(m * m);
  for (size_t i = 0; i < n; ++i)
    x[i] = float(i % 1000) * 0.001f;
  for (size_t r = 0; r < m; ++r)
    for (size_t q = 0; q < m; ++q) {
      a[r * m + q] = float((r * 7 + q) % 13) * 0.1f;
      b[r * m + q] = float((r + q * 5) % 11) * 0.2f;
    }
  report("blur", 10, [&] { blur(x.data(), y.data(), n); });
  report("matmul", 10, [&] { matmul(a.data(), b.data(), c.data(), m); });
  report("softmax", 10, [&] { softmax(a.data(), s.data(), m, m); });
  std::fprintf(stderr, "%g %g %g\n", y[5], c[3 * m + 4], s[5 * m + 6]);
}
