// Kernels as one writes them in CUDA; kernels.ptx is what nvcc makes of them:
//   nvcc -arch=sm_80 -ptx -lineinfo -o kernels.ptx kernels.cu
//   nvcc -arch=sm_80 -ptx -G -o kernels-debug.ptx kernels.cu
#include <cuda_fp16.h>

extern "C" __global__ void saxpy(float a, const float *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = a * x[i] + y[i];
}

extern "C" __global__ void reduce(const int *x, int *sum, int n) {
  __shared__ int partial[32];
  int value = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    value += x[i];
  for (int offset = 16; offset; offset /= 2)
    value += __shfl_down_sync(~0u, value, offset);
  if (threadIdx.x % 32 == 0)
    partial[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x >= 32)
    return;
  value = threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0;
  for (int offset = 16; offset; offset /= 2)
    value += __shfl_xor_sync(~0u, value, offset);
  if (threadIdx.x == 0)
    atomicAdd(sum, value);
}

extern "C" __global__ void matmul(const float *a, const float *b, float *c, int n) {
  __shared__ float ta[16][16], tb[16][17];
  int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    ta[threadIdx.y][threadIdx.x] = a[row * n + k + threadIdx.x];
    tb[threadIdx.y][threadIdx.x] = b[(k + threadIdx.y) * n + column];
    __syncthreads();
    for (int i = 0; i < 16; ++i)
      sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}

extern "C" __global__ void scan(const int *x, int *y, int n) {
  extern __shared__ int t[];
  int i = threadIdx.x;
  t[i] = i < n ? x[i] : 0;
  __syncthreads();
  for (int step = 1; step < blockDim.x; step *= 2) {
    int value = i >= step ? t[i - step] : 0;
    __syncthreads();
    t[i] += value;
    __syncthreads();
  }
  if (i < n)
    y[i] = t[i];
}

extern "C" __global__ void histogram(const unsigned char *x, unsigned *counts, int n) {
  __shared__ unsigned local[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    local[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    atomicAdd(&local[x[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x)
    atomicAdd(&counts[i], local[i]);
}

extern "C" __global__ void transpose(const double *x, double *y, int w, int h) {
  __shared__ double tile[32][33];
  int c = blockIdx.x * 32 + threadIdx.x, r = blockIdx.y * 32 + threadIdx.y;
  for (int k = 0; k < 32; k += 8)
    if (c < w && r + k < h)
      tile[threadIdx.y + k][threadIdx.x] = x[(r + k) * w + c];
  __syncthreads();
  c = blockIdx.y * 32 + threadIdx.x, r = blockIdx.x * 32 + threadIdx.y;
  for (int k = 0; k < 32; k += 8)
    if (c < h && r + k < w)
      y[(r + k) * h + c] = tile[threadIdx.x][threadIdx.y + k];
}

extern "C" __global__ void stencil(const float *x, float *y, int n) {
  __shared__ float t[130];
  int i = blockIdx.x * 128 + threadIdx.x;
  t[threadIdx.x + 1] = i < n ? x[i] : 0;
  if (threadIdx.x == 0)
    t[0] = i > 0 ? x[i - 1] : 0;
  if (threadIdx.x == 127)
    t[129] = i + 1 < n ? x[i + 1] : 0;
  __syncthreads();
  if (i < n)
    y[i] = (t[threadIdx.x] + t[threadIdx.x + 1] + t[threadIdx.x + 2]) / 3.0f;
}

extern "C" __global__ void sortStep(int *x, int j, int k) {
  int i = blockIdx.x * blockDim.x + threadIdx.x, other = i ^ j;
  if (other <= i)
    return;
  int a = x[i], b = x[other];
  if (((i & k) == 0) == (a > b))
    x[i] = b, x[other] = a;
}

__device__ __noinline__ float best(float a, float b) { return a > b ? a : b; }

extern "C" __global__ void softmax(const float *x, float *y, int w) {
  const float *row = x + blockIdx.x * w;
  float most = -1e30f, sum = 0;
  for (int i = threadIdx.x; i < w; i += 32)
    most = best(most, row[i]);
  for (int offset = 16; offset; offset /= 2)
    most = best(most, __shfl_xor_sync(~0u, most, offset));
  for (int i = threadIdx.x; i < w; i += 32)
    sum += expf(row[i] - most);
  for (int offset = 16; offset; offset /= 2)
    sum += __shfl_xor_sync(~0u, sum, offset);
  for (int i = threadIdx.x; i < w; i += 32)
    y[blockIdx.x * w + i] = expf(row[i] - most) / sum;
}

struct Body {
  float x, y, z, m;
};

extern "C" __global__ void nbody(const Body *bodies, float4 *force, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  Body me = bodies[i];
  float fx = 0, fy = 0, fz = 0;
  for (int k = 0; k < n; ++k) {
    float dx = bodies[k].x - me.x, dy = bodies[k].y - me.y, dz = bodies[k].z - me.z;
    float r = rsqrtf(dx * dx + dy * dy + dz * dz + 0.01f);
    float s = bodies[k].m * r * r * r;
    fx += dx * s, fy += dy * s, fz += dz * s;
  }
  force[i] = make_float4(fx, fy, fz, 0);
}

extern "C" __global__ void halves(const __half *x, float *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = __half2float(__hfma(x[i], x[i], __float2half(0.5f)));
}

extern "C" __global__ void switches(const int *x, double *y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n)
    return;
  double v = x[i];
  switch (x[i] % 8) {
  case 0: v = sin(v); break;
  case 1: v = exp(v / 100); break;
  case 2: v = v / 3; break;
  case 3: v = sqrt(v); break;
  case 4: v = pow(v, 1.5); break;
  case 5: v = fmod(v, 7.0); break;
  case 6: v = log(v + 1); break;
  default: v = -v;
  }
  y[i] = v;
}
