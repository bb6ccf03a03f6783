// Products of matrices by a library for linear algebra, if one is found when it is first asked for.
#include "awg/awgrt.h"

#include <climits>
#include <dlfcn.h>
#include <pthread.h>

namespace awg::rt {

namespace {

/// cblas_sgemm of the C interface to BLAS, with 32-bit extents.
using Sgemm = void (*)(int order, int transposeA, int transposeB, int m, int n, int k, float alpha, const float *a, int lda,
                       const float *b, int ldb, float beta, float *c, int ldc);
constexpr int rowMajor = 101, noTranspose = 111;

constinit pthread_once_t once = PTHREAD_ONCE_INIT;
constinit Sgemm sgemm = nullptr;

void findLibrary() {
  const char *const names[] = {"libopenblas.so.0", "libopenblas.so"};
  for (const char *name : names)
    if (void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
      sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
      return;
    }
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

int32_t awgrt_matmul_f32(const float *a, int64_t m, int64_t k, const float *b, int64_t, int64_t n, float *c, int64_t,
                         int64_t) {
  if (m == 0 || n == 0 || k == 0 || m > INT_MAX || n > INT_MAX || k > INT_MAX)
    return 0;
  pthread_once(&once, findLibrary);
  if (!sgemm)
    return 0;
  sgemm(rowMajor, noTranspose, noTranspose, int(m), int(n), int(k), 1, a, int(k), b, int(n), 0, c, int(n));
  return 1;
}
