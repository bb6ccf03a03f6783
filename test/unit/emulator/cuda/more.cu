// Kernels of what larger CUDA programs use; more.ptx and more-debug.ptx are what nvcc makes of them:
//   nvcc -std=c++17 -arch=sm_90 -ptx -o more.ptx more.cu
//   nvcc -std=c++17 -arch=sm_90 -ptx -Xcicc -O0 -o more-debug.ptx more.cu
#include <cooperative_groups.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <mma.h>

namespace cg = cooperative_groups;

struct Shape {
  __device__ virtual ~Shape() {}
  __device__ virtual int area() const = 0;
};
struct Square : Shape {
  int s;
  __device__ Square(int s) : s(s) {}
  __device__ int area() const override { return s * s; }
};
struct Box : Shape {
  int *sides;
  __device__ Box(int w, int h) : sides(new int[2]) { sides[0] = w, sides[1] = h; }
  __device__ ~Box() override { delete[] sides; }
  __device__ int area() const override { return sides[0] * sides[1]; }
};

extern "C" __global__ void shapes(int *areas) {
  int i = threadIdx.x;
  Shape *shape = i % 2 ? static_cast<Shape *>(new Square(i)) : new Box(i, 3);
  areas[i] = shape->area();
  delete shape;
}

extern "C" __global__ void wideDivision(const unsigned long long *x, unsigned long long *y) {
  int i = threadIdx.x;
  auto a = static_cast<unsigned __int128>(x[4 * i]) << 64 | x[4 * i + 1];
  auto b = static_cast<unsigned __int128>(x[4 * i + 2]) << 64 | x[4 * i + 3];
  unsigned __int128 q = a / b, r = a % b;
  y[4 * i] = q >> 64, y[4 * i + 1] = q, y[4 * i + 2] = r >> 64, y[4 * i + 3] = r;
}

/// The loop of the programming guide, which reads the word plainly before it swaps.
extern "C" __global__ void swapLoop(double *sums) {
  auto *at = reinterpret_cast<unsigned long long *>(sums + 3);
  unsigned long long old = *at, assumed;
  do {
    assumed = old;
    old = atomicCAS(at, assumed, __double_as_longlong(threadIdx.x + __longlong_as_double(assumed)));
  } while (assumed != old);
}

extern "C" __global__ void warpMatrices(const half *a, const half *b, float *c) {
  using namespace nvcuda;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 1.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  for (int i = 0; i < fc.num_elements; ++i)
    fc.x[i] *= 2;
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

/// The same by ldmatrix and two mma, without the doubling: c = a * b + 0.
extern "C" __global__ void mmaMatrices(const half *a, const half *b, float *c) {
  __shared__ __align__(16) half ta[16][16], tb[16][16];
  int lane = threadIdx.x;
  for (int i = lane; i < 256; i += 32)
    ta[i / 16][i % 16] = a[i], tb[i / 16][i % 16] = b[i];
  __syncwarp();
  unsigned fa[4], fb[4];
  unsigned atA = __cvta_generic_to_shared(&ta[lane % 16][lane / 16 * 8]);
  unsigned atB = __cvta_generic_to_shared(&tb[lane % 8 + lane / 16 * 8][lane / 8 % 2 * 8]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fa[0]), "=r"(fa[1]), "=r"(fa[2]), "=r"(fa[3]) : "r"(atA) : "memory");
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(fb[0]), "=r"(fb[1]), "=r"(fb[2]), "=r"(fb[3]) : "r"(atB) : "memory");
  for (int half = 0; half < 2; ++half) {
    float d[4] = {0, 0, 0, 0};
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(fa[0]), "r"(fa[1]), "r"(fa[2]), "r"(fa[3]), "r"(fb[2 * half]), "r"(fb[2 * half + 1]));
    for (int i = 0; i < 4; ++i)
      c[(lane / 4 + i / 2 * 8) * 16 + half * 8 + lane % 4 * 2 + i % 2] = d[i];
  }
}

/// Each block reverses a part in a tile of two warps, then all wait for all and read what another block has written.
extern "C" __global__ void gridWide(int *x, int *y) {
  __shared__ cg::block_tile_memory<128> memory;
  __shared__ int part[128];
  auto block = cg::this_thread_block(memory);
  auto tile = cg::tiled_partition<64>(block);
  auto grid = cg::this_grid();
  int t = threadIdx.x, first = t / 64 * 64;
  part[t] = x[grid.thread_rank()];
  tile.sync();
  y[grid.thread_rank()] = part[first + 63 - (t - first)];
  grid.sync();
  x[grid.thread_rank()] = y[grid.size() - 1 - grid.thread_rank()];
}

extern "C" __global__ void packed(const unsigned *x, unsigned *y, int n) {
  int i = threadIdx.x;
  unsigned a = x[i], b = x[(i + 1) % n];
  half2 ha = *reinterpret_cast<half2 *>(&a), hb = *reinterpret_cast<half2 *>(&b);
  y[i] = __vmaxs2(a, b);
  y[n + i] = __vadd2(a, b);
  y[2 * n + i] = __vabsdiffu4(a, b);
  y[3 * n + i] = __hge2_mask(ha, hb);
  __nv_fp8x2_e4m3 tiny(ha);
  half2 back(tiny);
  y[4 * n + i] = *reinterpret_cast<unsigned *>(&back);
  y[5 * n + i] = __half_as_ushort(__float2half_ru(x[i] * 0.1f)) | __half_as_ushort(__float2half_rd(x[i] * 0.1f)) << 16;
  y[6 * n + i] = __fns(a, 3, 2);
}

extern "C" __global__ void wideAtomics(float4 *sums, __uint128_t *words) {
  float4 before = atomicAdd(sums, make_float4(1, 2, 3, 4));
  if (before.x < 0)
    sums->x = 0;
  __uint128_t old = 0, assumed;
  do {
    assumed = old;
    old = atomicCAS(words, assumed, assumed + ((__uint128_t(1) << 64) + 3));
  } while (assumed != old);
  unsigned long long policy;
  asm volatile("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  asm volatile("st.global.L1::evict_last.L2::cache_hint.f32 [%0], %1, %2;"
               ::"l"(sums + 1 + threadIdx.x), "f"(before.x), "l"(policy) : "memory");
}

/// Threads that have no element leave in the middle of a warp; the others meet at barriers without them.
extern "C" __global__ void leavers(const int *x, int *y, int n) {
  __shared__ int part[64];
  int i = threadIdx.x;
  if (i >= n)
    return;
  part[i] = x[i];
  __syncthreads();
  y[i] = part[n - 1 - i];
}

/// A warp's first lane waits for the other warp, and tells the others what it got there.
extern "C" __global__ void waiters(volatile int *flag, int *y) {
  int t = threadIdx.x, value = t;
  if (t == 0) {
    while (*flag == 0)
      ;
    value = *flag;
  } else if (t == 32) {
    for (int i = 0; i < 50; ++i)
      __nanosleep(10);
    *flag = 42;
  }
  y[t] = __shfl_sync(~0u, value, 0);
}
