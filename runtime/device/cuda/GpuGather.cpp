// Views with gaps between their elements, packed and put back on a GPU that has the elements.
//
// Kernels take arrays without gaps. What is on the GPU anyway is gathered there into memory of the launch's own, and put back
// after it, all in stream order; what the host has is packed by the host, so that gaps do not travel (Arguments).
#include "device/cuda/GpuLaunch.h"
#include "memory/Elements.h"
#include "memory/View.h"

#include <algorithm>

namespace awg::rt {

using cuda::Result;

namespace {

constexpr uint32_t gatherThreads = 256;

/// The extents and strides of a view, in elements, the last dimension first; what there is not has the extent 1.
struct Shape {
  uint64_t extents[AWGRT_MAX_RANK];
  uint64_t strides[AWGRT_MAX_RANK];
};
static_assert(sizeof(Shape) == 128);

// One thread an element. A dimension takes what is left of its index apart, unless its extent is 1.
#define AWG_DIMENSION(NUMBER, EXTENT, STRIDE)                                                                          \
  "  ld.param.u64 %extent, [shape+" EXTENT "];\n"                                                                      \
  "  setp.eq.u64 %p, %extent, 1;\n"                                                                                    \
  "  @%p bra NEXT" NUMBER ";\n"                                                                                        \
  "  ld.param.u64 %stride, [shape+" STRIDE "];\n"                                                                      \
  "  div.u64 %quotient, %rest, %extent;\n"                                                                             \
  "  mul.lo.u64 %position, %quotient, %extent;\n"                                                                      \
  "  sub.u64 %position, %rest, %position;\n"                                                                           \
  "  mad.lo.u64 %offset, %position, %stride, %offset;\n"                                                               \
  "  mov.u64 %rest, %quotient;\n"                                                                                      \
  "NEXT" NUMBER ":\n"
#define AWG_COPY(BYTES, TYPE, VALUE)                                                                                   \
  "  setp.ne.u32 %p, %bytes, " BYTES ";\n"                                                                             \
  "  @%p bra NOT" BYTES ";\n"                                                                                          \
  "  ld.global." TYPE " " VALUE ", [%from];\n"                                                                         \
  "  st.global." TYPE " [%to], " VALUE ";\n"                                                                           \
  "  ret;\n"                                                                                                           \
  "NOT" BYTES ":\n"

constexpr const char *gatherCode =
    ".version 7.0\n"
    ".target sm_70\n"
    ".address_size 64\n"
    ".visible .entry awg_gather(.param .u64 packed, .param .u64 gapped, .param .u64 count, .param .u32 bytes,\n"
    "    .param .u32 putsBack, .param .align 8 .b8 shape[128]) {\n"
    "  .reg .pred %p;\n"
    "  .reg .b16 %h;\n"
    "  .reg .b32 %group, %threads, %thread, %bytes, %puts, %w;\n"
    "  .reg .b64 %index, %count, %rest, %extent, %stride, %quotient, %position, %offset, %size, %packed, %gapped, %from, %to;\n"
    "  mov.u32 %group, %ctaid.x;\n"
    "  mov.u32 %threads, %ntid.x;\n"
    "  mov.u32 %thread, %tid.x;\n"
    "  mul.wide.u32 %index, %group, %threads;\n"
    "  cvt.u64.u32 %rest, %thread;\n"
    "  add.u64 %index, %index, %rest;\n"
    "  ld.param.u64 %count, [count];\n"
    "  setp.ge.u64 %p, %index, %count;\n"
    "  @%p ret;\n"
    "  mov.u64 %rest, %index;\n"
    "  mov.u64 %offset, 0;\n"
    AWG_DIMENSION("0", "0", "64") AWG_DIMENSION("1", "8", "72") AWG_DIMENSION("2", "16", "80")
    AWG_DIMENSION("3", "24", "88") AWG_DIMENSION("4", "32", "96") AWG_DIMENSION("5", "40", "104")
    AWG_DIMENSION("6", "48", "112") AWG_DIMENSION("7", "56", "120")
    "  ld.param.u32 %bytes, [bytes];\n"
    "  ld.param.u32 %puts, [putsBack];\n"
    "  ld.param.u64 %packed, [packed];\n"
    "  ld.param.u64 %gapped, [gapped];\n"
    "  cvt.u64.u32 %size, %bytes;\n"
    "  mad.lo.u64 %packed, %index, %size, %packed;\n"
    "  mad.lo.u64 %gapped, %offset, %size, %gapped;\n"
    "  setp.ne.u32 %p, %puts, 0;\n"
    "  selp.b64 %from, %packed, %gapped, %p;\n"
    "  selp.b64 %to, %gapped, %packed, %p;\n"
    AWG_COPY("4", "b32", "%w") AWG_COPY("8", "b64", "%size") AWG_COPY("2", "b16", "%h")
    "  ld.global.u8 %h, [%from];\n"
    "  st.global.u8 [%to], %h;\n"
    "  ret;\n"
    "}\n";

#undef AWG_DIMENSION
#undef AWG_COPY

} // namespace

/// Whether fewer bytes travel if the view is gathered on the GPU than if the host packs it, and the GPU has room for both.
bool GpuLaunch::isBetterGathered(const awgrt_array &array, bool isWritten) const {
  int64_t there = missingBytes(gpu.gpus, array, onGpu(gpu.number));
  int64_t packed = bytesOf(array) * (isWritten ? 2 : 1) + missingBytes(gpu.gpus, array, onHost);
  int64_t room = bufferOf(array).bytes + bytesOf(array);
  return there < packed && (there == 0 || room <= int64_t(gpu.memory));
}

Fault GpuLaunch::gather(const GpuArgument &argument, bool putsBack) {
  cuda::Function function = nullptr;
  if (Fault fault = gpu.code.findGather(gatherCode, function))
    return fault;
  const awgrt_array &array = *argument.array;
  Shape shape;
  for (int32_t k = 0; k < AWGRT_MAX_RANK; ++k) {
    int32_t d = array.rank - 1 - k;
    shape.extents[k] = d >= 0 ? uint64_t(array.extents[d]) : 1;
    shape.strides[k] = d >= 0 ? uint64_t(array.strides[d]) : 0;
  }
  uint64_t packed = argument.gathered, gapped = argument.address, count = uint64_t(elementCount(array));
  uint32_t bytes = uint32_t(elementSize(array.kind)), puts = putsBack;
  void *parameters[] = {&packed, &gapped, &count, &bytes, &puts, &shape};
  gpu.streams[use.stream].chain.flush();
  Result result =
      gpu.driver->cuLaunchKernel(function, unsigned((count + gatherThreads - 1) / gatherThreads), 1, 1, gatherThreads, 1, 1,
                                 0, gpu.streams[use.stream].handle, parameters, nullptr);
  if (result != Result::Success)
    return {result, "cuLaunchKernel"};
  return {};
}

/// Packs the views that are on the GPU, after they were brought.
Fault GpuLaunch::gatherArguments() {
  for (int32_t k = 0; k < argumentCount; ++k) {
    GpuArgument &argument = arguments[k];
    if (!argument.isGapped)
      continue;
    if (Fault fault = gpu.allocate(bytesOf(*argument.array), use.stream, argument.gathered))
      return fault;
    if (Fault fault = gather(argument, /*putsBack=*/false))
      return fault;
    fillSlots(argument);
  }
  return {};
}

/// Puts back what the launch has written of them.
Fault GpuLaunch::putBack() {
  for (int32_t k = 0; k < argumentCount; ++k)
    if (arguments[k].gathered && arguments[k].isWritten)
      if (Fault fault = gather(arguments[k], /*putsBack=*/true))
        return fault;
  return {};
}

void GpuLaunch::freeGathered() {
  for (int32_t k = 0; k < argumentCount; ++k) {
    gpu.release(arguments[k].gathered, use.stream);
    arguments[k].gathered = 0;
  }
}

bool GpuLaunch::hasGapped() const {
  return std::any_of(arguments, arguments + argumentCount, [](const GpuArgument &argument) { return argument.isGapped; });
}

} // namespace awg::rt
