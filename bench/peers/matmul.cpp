// Products of two 1024 x 1024 matrices with OpenMP: the three loops as one writes them, in the order that vectorizes, and by blocks.
#include "timing.h"

#include <cmath>
#include <cstddef>
#include <vector>

constexpr size_t m = 1024, tile = 64, deep = 32;

static void naive(const float *a, const float *b, float *c) {
#pragma omp parallel for
  for (size_t i = 0; i < m; ++i)
    for (size_t j = 0; j < m; ++j) {
      float s = 0;
      for (size_t k = 0; k < m; ++k)
        s += a[i * m + k] * b[k * m + j];
      c[i * m + j] = s;
    }
}

static void byRows(const float *__restrict a, const float *__restrict b, float *__restrict c) {
#pragma omp parallel for
  for (size_t i = 0; i < m; ++i) {
    float row[m] = {};
    for (size_t k = 0; k < m; ++k)
      for (size_t j = 0; j < m; ++j)
        row[j] += a[i * m + k] * b[k * m + j];
    for (size_t j = 0; j < m; ++j)
      c[i * m + j] = row[j];
  }
}

static void byBlocks(const float *a, const float *b, float *c) {
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

int main() {
  std::vector<float> a(m * m), b(m * m), c(m * m);
  for (size_t r = 0; r < m; ++r)
    for (size_t q = 0; q < m; ++q) {
      a[r * m + q] = float((r * 7 + q) % 13) * 0.1f;
      b[r * m + q] = float((r + q * 5) % 11) * 0.2f;
    }
  report("matmul/naive", 1, [&] { naive(a.data(), b.data(), c.data()); });
  report("matmul/rows", 5, [&] { byRows(a.data(), b.data(), c.data()); });
  report("matmul_blocks", 7, [&] { byBlocks(a.data(), b.data(), c.data()); });
  std::fprintf(stderr, "c %g\n", c[3 * m + 4]);
}
