// What a parallel loop of OpenMP costs.
#include "timing.h"

#include <cstddef>
#include <vector>

int main() {
  std::vector<float> y(1024, 1), z(1 << 17, 1);
  volatile float one = 1;
  auto scale = [&](std::vector<float> &of) {
    float a = one, *data = of.data();
#pragma omp parallel for simd
    for (size_t i = 0; i < of.size(); ++i)
      data[i] = a * data[i];
  };
  auto inlined = [&](std::vector<float> &of) {
    float a = one, *data = of.data();
#pragma omp simd
    for (size_t i = 0; i < of.size(); ++i)
      data[i] = a * data[i];
  };
  report("launch", 12, [&] { for (int k = 0; k < 10000; ++k) scale(y); }, 10000);
  report("launch/loop", 12, [&] { for (int k = 0; k < 10000; ++k) inlined(y); }, 10000);
  report("launch_both", 12, [&] { for (int k = 0; k < 200; ++k) scale(z); }, 200);
  std::fprintf(stderr, "y %g %g\n", y[5], z[77]);
}
