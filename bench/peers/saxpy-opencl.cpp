// saxpy over 2^26 f32 in OpenCL, on the processor.
#define CL_TARGET_OPENCL_VERSION 120
#include "timing.h"

#include <CL/cl.h>
#include <cstdlib>
#include <vector>

static void check(cl_int result, const char *what) {
  if (result == CL_SUCCESS)
    return;
  std::fprintf(stderr, "%s: %d\n", what, result);
  std::exit(1);
}

int main() {
  constexpr size_t n = size_t(1) << 26;
  cl_platform_id platform;
  cl_device_id device;
  if (clGetPlatformIDs(1, &platform, nullptr) != CL_SUCCESS ||
      clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device, nullptr) != CL_SUCCESS) {
    std::fprintf(stderr, "no OpenCL for the processor\n");
    return 0;
  }
  cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, nullptr);
  cl_command_queue queue = clCreateCommandQueue(context, device, 0, nullptr);
  const char *text = "kernel void saxpy(float a, global const float *x, global float *y) {"
                     "  size_t i = get_global_id(0); y[i] = fma(a, x[i], y[i]); }";
  cl_program program = clCreateProgramWithSource(context, 1, &text, nullptr, nullptr);
  check(clBuildProgram(program, 1, &device, "", nullptr, nullptr), "clBuildProgram");
  cl_kernel kernel = clCreateKernel(program, "saxpy", nullptr);
  std::vector<float> x(n), y(n);
  for (size_t i = 0; i < n; ++i) {
    x[i] = float(i % 1000) * 0.001f;
    y[i] = float(i % 777) * 0.002f;
  }
  cl_mem xs = clCreateBuffer(context, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, n * sizeof(float), x.data(), nullptr);
  cl_mem ys = clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_USE_HOST_PTR, n * sizeof(float), y.data(), nullptr);
  float a = 2;
  check(clSetKernelArg(kernel, 0, sizeof a, &a), "clSetKernelArg");
  check(clSetKernelArg(kernel, 1, sizeof xs, &xs), "clSetKernelArg");
  check(clSetKernelArg(kernel, 2, sizeof ys, &ys), "clSetKernelArg");
  size_t global = n, local = 4096;
  report("saxpy", 12, [&] {
    check(clEnqueueNDRangeKernel(queue, kernel, 1, nullptr, &global, &local, 0, nullptr, nullptr), "launch");
    clFinish(queue);
  });
  std::fprintf(stderr, "y[1] %g\n", double(y[1]));
}
