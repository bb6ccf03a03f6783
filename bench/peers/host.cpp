// A sieve, a product of matrices and an insertion sort in one thread, with indices that are checked as Awg's are.
#include "timing.h"

#include <cmath>
#include <cstdint>
#include <vector>

static int64_t sieve(std::vector<uint8_t> &composite) {
  int64_t n = int64_t(composite.size()), count = 0;
  for (int64_t i = 2; i < n; ++i)
    if (!composite.at(i)) {
      ++count;
      for (int64_t j = i * i; j < n; j += i)
        composite.at(j) = 1;
    }
  return count;
}

static void product(const std::vector<double> &a, std::vector<double> &c, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    for (int64_t p = 0; p < n; ++p)
      for (int64_t j = 0; j < n; ++j)
        c[i * n + j] = std::fma(a[i * n + p], a[p * n + j], c[i * n + j]);
}

static void sort(std::vector<int64_t> &x) {
  int64_t n = int64_t(x.size());
  for (int64_t i = 1; i < n; ++i) {
    int64_t v = x.at(i), j = i;
    for (; j > 0 && x.at(j - 1) > v; --j)
      x.at(j) = x.at(j - 1);
    x.at(j) = v;
  }
}

int main() {
  int64_t count = 0;
  std::vector<std::vector<uint8_t>> fields(8, std::vector<uint8_t>(4'000'000));
  report("sieve", 8, [&, run = 0]() mutable { count = sieve(fields[run++]); });
  constexpr int64_t n = 256;
  std::vector<double> a(n * n, 1.5);
  std::vector<std::vector<double>> products(8, std::vector<double>(n * n));
  report("product", 8, [&, run = 0]() mutable { product(a, products[run++], n); });
  std::vector<std::vector<int64_t>> lists(8, std::vector<int64_t>(4000));
  for (auto &list : lists)
    for (int64_t i = 0; i < 4000; ++i)
      list[i] = i * 7919 % 4001;
  report("sort", 8, [&, run = 0]() mutable { sort(lists[run++]); });
  std::fprintf(stderr, "primes %ld c %g x %ld %ld\n", long(count), products[0][3 * n + 7], long(lists[0][0]), long(lists[0][3999]));
}
