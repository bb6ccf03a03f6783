// The kernels of examples/ in CUDA C++, as one writes them: for bench/ptxas.py. Extents are 64-bit, as in Awg.
// NAME_tree adds in Awg's order.
using i64 = long long;

#define INDEX (i64(blockIdx.x) * blockDim.x + threadIdx.x)

extern "C" __global__ void saxpy(float a, const float *x, float *y, i64 n) {
  i64 i = INDEX;
  if (i < n)
    y[i] = fmaf(a, x[i], y[i]);
}

extern "C" __global__ void step(const float *u, float *v, float rate, i64 h, i64 w) {
  i64 i = INDEX;
  if (i >= h * w)
    return;
  i64 r = i / w, c = i % w;
  if (r == 0 || c == 0 || r == h - 1 || c == w - 1)
    v[r * w + c] = 0;
  else
    v[r * w + c] = fmaf(rate,
                        fmaf(-4.0f, u[r * w + c],
                             u[(r - 1) * w + c] + u[(r + 1) * w + c] + u[r * w + c - 1] + u[r * w + c + 1]),
                        u[r * w + c]);
}

static __device__ double pull(const double *p, const double *m, double soft, i64 i, i64 j, i64 k) {
  double dx = p[3 * j] - p[3 * i], dy = p[3 * j + 1] - p[3 * i + 1], dz = p[3 * j + 2] - p[3 * i + 2];
  double d2 = dx * dx + dy * dy + dz * dz + soft;
  return m[j] * (p[3 * j + k] - p[3 * i + k]) / (d2 * sqrt(d2));
}

extern "C" __global__ void accelerate(const double *p, const double *m, double soft, double *a, i64 n) {
  i64 index = INDEX;
  if (index >= 3 * n)
    return;
  i64 i = index / 3, k = index % 3;
  double sum = 0;
  for (i64 j = 0; j < n; ++j)
    sum += pull(p, m, soft, i, j, k);
  a[3 * i + k] = sum;
}

// Sums in the order of Awg's tree: value i in lane i mod 128 of block i div 4096, lanes halve, blocks likewise; three
// levels of it.
template <int Level, class F> static __device__ double treeSum(F value, i64 begin, i64 count) {
  constexpr int shift = 12 * Level;
  int units = int(min((count - begin + (i64(1) << shift) - 1) >> shift, i64(4096))), top = 0;
  for (int half = 1; half < 128; half *= 2)
    top = units > half ? half : top;
  double counter[8], sum = 0;
  for (int lane = 0, bit = 1; bit != 0; lane |= bit) {
    sum = -0.0;
    for (int unit = lane; unit < units; unit += 128) {
      i64 first = begin + (i64(unit) << shift);
      if constexpr (Level > 0)
        sum += treeSum<Level - 1>(value, first, count);
      else
        sum += value(first);
    }
    int depth = 0;
    for (bit = top; lane & bit; bit >>= 1) {
      sum = counter[depth++] + sum;
      lane ^= bit;
    }
    counter[depth] = sum;
  }
  return sum;
}

extern "C" __global__ void accelerate_tree(const double *p, const double *m, double soft, double *a, i64 n) {
  i64 index = INDEX;
  if (index >= 3 * n)
    return;
  i64 i = index / 3, k = index % 3;
  a[3 * i + k] = treeSum<2>([=](i64 j) { return pull(p, m, soft, i, j, k); }, 0, n);
}

extern "C" __global__ void add(double *x, const double *d, double by, i64 n) {
  i64 index = INDEX;
  if (index >= 3 * n)
    return;
  i64 i = index / 3, k = index % 3;
  x[3 * i + k] = fma(by, d[3 * i + k], x[3 * i + k]);
}

extern "C" __global__ void mandelbrot(unsigned char *image, i64 limit, i64 h, i64 w) {
  i64 i = INDEX;
  if (i >= h * w)
    return;
  i64 r = i / w, c = i % w;
  double cx = -2.25 + 3.0 * double(c) / double(w), cy = -1.0 + 2.0 * double(r) / double(h);
  double x = 0, y = 0;
  i64 steps = 0;
  while (steps < limit && x * x + y * y <= 4.0) {
    double t = x * x - y * y + cx;
    y = 2.0 * x * y + cy;
    x = t;
    ++steps;
  }
  image[r * w + c] = steps == limit ? 0 : (unsigned char)(255 - steps % 256);
}

extern "C" __global__ void price(const float *spot, const float *strike, const float *years, float r, float v,
                                 float *out, i64 n) {
  i64 i = INDEX;
  if (i >= n)
    return;
  float spread = v * sqrtf(years[i]);
  float d1 = (logf(spot[i] / strike[i]) + (r + 0.5f * v * v) * years[i]) / spread, d2 = d1 - spread;
  auto normal = [](float x) { return 0.5f * (1.0f + erff(x * 0.70710678f)); };
  out[i] = spot[i] * normal(d1) - strike[i] * expf(-r * years[i]) * normal(d2);
}

extern "C" __global__ void price64(const float *spot, const float *strike, const float *years, double r, double v,
                                   double *out, i64 n) {
  i64 i = INDEX;
  if (i >= n)
    return;
  double s = spot[i], k = strike[i], t = years[i], spread = v * sqrt(t);
  double d1 = (log(s / k) + (r + 0.5 * v * v) * t) / spread, d2 = d1 - spread;
  auto normal = [](double x) { return 0.5 * (1.0 + erf(x * 0.7071067811865476)); };
  out[i] = s * normal(d1) - k * exp(-r * t) * normal(d2);
}

static __device__ bool isLetter(unsigned char b) { return (b >= 97 && b <= 122) || (b >= 65 && b <= 90); }

extern "C" __global__ void count_letters(const unsigned char *text, unsigned long long *letters, i64 n) {
  i64 i = INDEX;
  if (i < n && isLetter(text[i]))
    atomicAdd(&letters[(text[i] | 32) - 97], 1ull);
}

extern "C" __global__ void count_words(const unsigned char *text, unsigned long long *lengths, i64 n) {
  i64 i = INDEX;
  if (i >= n || !isLetter(text[i]) || (i < n - 1 && isLetter(text[i + 1])))
    return;
  i64 start = i;
  while (start > 0 && isLetter(text[start - 1]))
    --start;
  atomicAdd(&lengths[min(i - start + 1, i64(20))], 1ull);
}
