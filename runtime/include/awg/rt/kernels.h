// Kernels as they are compiled, launches, devices.
#ifndef AWG_RT_KERNELS_H
#define AWG_RT_KERNELS_H

#include "awg/rt/arrays.h"

AWGRT_BEGIN

/// Where a failing index of a launch leaves its record; one a launch, the lowest index wins.
typedef struct awgrt_failure {
  int64_t index;         ///< row-major launch index, of a block kernel the block's; INT64_MAX: none yet
  int32_t lock;
  int32_t site;          ///< index into the kernel's `sites`
  uint64_t args[4];
  int64_t inner;         ///< row-major index within a phase of the block, else 0
} awgrt_failure;

/// Records a failure from a host kernel: kept if `index`, then `inner` are lower than those there.
void awgrt_kernel_fail(awgrt_failure *failure, int64_t index, int64_t inner, int32_t site, const uint64_t *args,
                       int32_t count);

/// Runs indices (or blocks, or runs: see awgrt_kernel_shape) `begin` to `end` of a launch on the host.
/// `slots`: the launch's arguments, see awgrt_launch.
typedef void (*awgrt_host_kernel)(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *failure);

/// A launch that writes so many bytes of arrays that it does not read writes them past the caches: whoever reads them next would
/// not find their beginning there.
#define AWGRT_LARGE_OUTPUT (INT64_C(32) << 20)

/// Memory for a kernel's own use until it returns: AWGRT_SCRATCH_BYTES, aligned to 64. For code that a worker runs.
#define AWGRT_SCRATCH_BYTES (1 << 20)
void *awgrt_scratch(void);

typedef enum awgrt_kernel_shape {
  /// Runs over row-major indices. slots = {extents..., arguments...}.
  AWGRT_EACH = 0,
  /// A reduction over row-major indices in blocks of 4096: `host(b0, b1)` leaves block b's result in partials[b].
  /// slots = {extents..., arguments..., partials}. `combine(b0, b1)` does the same over an array of `count` partials, with
  /// slots = {count, input partials, output partials}; it is applied until one is left, the launch's result.
  AWGRT_REDUCE,
  /// An inclusive scan: runs of 16 from left to right, the runs' totals by the same rule, and the scanned total of the run before on
  /// the left. On the host it goes by blocks of 16 x 16 x 16 elements: `host(b0, b1)` leaves what awgrt_scan says of block b, `scan(b0, b1)`
  /// writes its elements, once `totals` are scanned. Where `lanes` is 1, `host` also puts the mapped elements into the output,
  /// from which `scan` takes them. slots = {extents..., arguments..., output elements, awgrt_scan *}.
  /// `combine(r0, r1)` scans runs of an array, with slots = {count, input elements, output elements, totals of the runs};
  /// `finish(r0, r1)` puts totals[r - 1] (by then scanned themselves) on the left of every element of run r > 0, with slots =
  /// {count, output elements, totals}. On a GPU the kernel itself goes by runs, as `combine` does.
  AWGRT_SCAN
} awgrt_kernel_shape;

/// What the blocks of a scan leave for each other: an element a block each.
typedef struct awgrt_scan {
  void *totals;         ///< of a block's elements
  const void *prefixes; ///< the totals, scanned
  void *last_totals;    ///< of a block's last 256 elements
  void *befores;        ///< of the block's elements before those
  int64_t is_large;     ///< 1: the output is not to be kept in caches
} awgrt_scan;

/// A kernel as compiled. Static data of the program.
typedef struct awgrt_kernel {
  awgrt_place place;
  const char *name;             ///< symbol in the PTX
  int32_t shape;                ///< awgrt_kernel_shape
  int32_t rank;                 ///< number of index variables
  int32_t slot_count;           ///< 8-byte argument slots
  int32_t partial_size;         ///< AWGRT_REDUCE, AWGRT_SCAN: bytes of one partial result (16: argmin, argmax)
  const void *empty;            ///< AWGRT_REDUCE: the result over no indices (8 bytes); null: rejects with `empty reduction`
  const uint8_t *access;        ///< a byte a slot: 0 plain, 1 array read, 2 array written (only at an array's first slot)
  const awgrt_site *sites;      ///< what can fail in it
  int32_t site_count;
  int32_t variant_count;        ///< entries of `host`, best first
  const struct awgrt_host_variant *host;
  const char *ptx;              ///< the module's PTX or cubin; null if built without
  const int64_t *ptx_size;      ///< its bytes; null if built without
  int32_t is_block;             ///< 1: an index is a group of threads on a GPU
  int32_t group_threads;        ///< threads of a group on a GPU; 0: as the runtime likes
} awgrt_kernel;

/// A kernel's code for one level of the host's instruction set.
typedef struct awgrt_host_variant {
  uint32_t level;               ///< 1: x86-64-v3 (AVX2, FMA), 2: x86-64-v4 (AVX-512), 0: any
  uint16_t lanes;               ///< AWGRT_EACH: so many indices are computed together, fewer cost as much; 0: one. AWGRT_SCAN: see there
  uint16_t rows;                ///< AWGRT_EACH: so many rows are, and prepare what others share: many make a good piece; 0: one
  awgrt_host_kernel host;
  awgrt_host_kernel combine;    ///< AWGRT_REDUCE, AWGRT_SCAN; else null
  awgrt_host_kernel finish;     ///< AWGRT_SCAN; else null
  awgrt_host_kernel scan;       ///< AWGRT_SCAN; else null
} awgrt_host_variant;

/// The numbers of devices: that of a GPU is its position among those that the runtime has.
#define AWGRT_CPU INT64_MIN              ///< the host's processor
#define AWGRT_ANY_DEVICE (INT64_MIN + 1) ///< the one that the runtime chooses
#define AWGRT_ANY_GPU (INT64_MIN + 2)    ///< a GPU that the runtime chooses

/// The devices of the runtime that the calling thread works for, or its GPUs alone, as a new array of AWGRT_DEVICE.
awgrt_array *awgrt_devices(int32_t gpus_only);

/// Whether a program on the devices that AWG_DEVICES calls so (null: those of the machine) needs code for GPUs.
int32_t awgrt_needs_gpu_code(const char *devices);
/// A line for each of those GPUs: its name, chip and memory. "" if there is none that was not asked for.
awgrt_error *awgrt_gpus_describe(const char *devices, awgrt_str **out_text);

/// Starts a launch over `extents[0] x ... x extents[rank - 1]` indices on `device`; it rejects with `no such device: ...` if
/// there is none of that number. `slots` (copied) has `slot_count` entries: first `rank` for the extents, then the arguments, then those that the shape adds; compiled code sets the arguments alone. A
/// plain argument is its value in the low bytes. An array of rank r takes 3 + 2r slots, a memref descriptor: compiled code
/// puts the awgrt_array * into the first; the runtime replaces it and the second by the elements' address on the
/// chosen device, the third by 0, and fills in extents and row-major strides.
/// `result` is an array that the launch fills (also the output of AWGRT_SCAN) and gives back in result slot 0 (null:
/// none); it is released if the launch fails. AWGRT_REDUCE: the last partial's bytes stand from result slot 0 on (`empty`
/// over no indices; a partial of argmin or argmax is {i64 index, value}, and index -1 rejects with `empty reduction`:
/// every value was a NaN). An extent below 0 counts as 0.
awgrt_task *awgrt_launch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                         const int64_t *extents, const uint64_t *slots, awgrt_array *result);

/// The same for a launch that `self` awaits next. One that is known to be short is carried out on the spot, without a task: gives
/// null if it succeeded, and `out_results` (AWGRT_LAUNCH_RESULTS slots) has what would stand from result slot 0 on. Any other is
/// started, or has failed: gives its task, to be awaited.
#define AWGRT_LAUNCH_RESULTS 2
awgrt_task *awgrt_launch_here(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                              const int64_t *extents, const uint64_t *slots, awgrt_array *result, uint64_t *out_results);

AWGRT_END

#endif // AWG_RT_KERNELS_H
