// 242_785 tasks that do next to nothing, with OpenMP's tasks.
#include "timing.h"

#include <cstdlib>

long fib(long n) {
  if (n < 2)
    return n;
  long a, b;
#pragma omp task shared(a)
  a = fib(n - 1);
  b = fib(n - 2);
#pragma omp taskwait
  return a + b;
}

int main() {
  report("fib", 7, [] {
    long result = 0;
#pragma omp parallel
#pragma omp single
    result = fib(25);
    if (result != 75025)
      std::abort();
  });
}
