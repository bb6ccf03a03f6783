// The product of two 1024 x 1024 matrices by OpenBLAS.
#include "timing.h"

#include <cblas.h>
#include <cstddef>
#include <vector>

int main() {
  constexpr int m = 1024;
  std::vector<float> a(m * m), b(m * m), c(m * m);
  for (int r = 0; r < m; ++r)
    for (int q = 0; q < m; ++q) {
      a[r * m + q] = float((r * 7 + q) % 13) * 0.1f;
      b[r * m + q] = float((r + q * 5) % 11) * 0.2f;
    }
  report("matmul/blas", 9, [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, m, m, 1, a.data(), m, b.data(), m, 0, c.data(), m);
  });
  std::fprintf(stderr, "c %g\n", c[3 * m + 4]);
}
