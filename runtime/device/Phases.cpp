// The phases that a launch's shape is carried out in on the host, laid out in memory of the launch.
#include "device/Launch.h"

#include "async/Runtime.h"

#include <algorithm>
#include <cstdlib>

namespace awg::rt {

namespace {

/// 16^15 > 2^59: no scan has more levels. There are two phases a level at most, the first one's and the last one's
/// included.
constexpr int32_t maxLevels = 16;

uint64_t slotOf(void *address) { return reinterpret_cast<uintptr_t>(address); }

/// Hands out aligned pieces of the scratch memory, or counts them while there is none.
class Scratch {
public:
  explicit Scratch(void *memory) : memory(static_cast<char *>(memory)) {}
  void *take(size_t size) {
    void *piece = memory ? memory + used : nullptr;
    used += (size + 63) & ~size_t(63);
    return piece;
  }
  size_t size() const { return used; }

private:
  char *memory;
  size_t used = 0;
};

/// A phase with slots of its own: {count, first, second, third}.
struct OwnPhase {
  uint64_t slots[4];
};

/// Lays out the phases of a reduction over `total` > 0 indices. Without memory it only counts.
void planReduce(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total, Scratch &scratch,
                bool write) {
  auto *phases = static_cast<Phase *>(scratch.take(sizeof(Phase) * maxLevels));
  auto *own = static_cast<OwnPhase *>(scratch.take(sizeof(OwnPhase) * maxLevels));
  auto partialSize = size_t(launch.kernel->partial_size);
  int64_t count = total;
  void *input = nullptr;
  int32_t level = 0;
  do {
    int64_t blocks = divideUp(count, blockLength);
    void *output = blocks == 1 ? results(launch.task()) : scratch.take(size_t(blocks) * partialSize);
    if (write && level == 0) {
      slots[launch.kernel->slot_count - 1] = slotOf(output);
      phases[0] = {variant.host, slots, 0, blocks};
    } else if (write) {
      own[level] = {{uint64_t(count), slotOf(input), slotOf(output), 0}};
      phases[level] = {variant.combine, own[level].slots, 0, blocks};
    }
    ++level;
    input = output;
    count = blocks;
  } while (count > 1);
  launch.phases = phases;
  launch.phaseCount = level;
}

/// Scans `count` > 1 totals: up the levels by `combine`, down again by `finish`. Gives the phases after the `phase`
/// that are there, and the scanned totals.
int32_t planLevels(const awgrt_host_variant &variant, int64_t count, void *input, size_t size, Scratch &scratch,
                   Phase *phases, OwnPhase *own, int32_t phase, bool write, void *&outScanned) {
  int64_t counts[maxLevels];
  void *outputs[maxLevels];
  int32_t levels = 0;
  auto add = [&](awgrt_host_kernel code, OwnPhase slots, int64_t begin, int64_t end) {
    if (write) {
      own[phase] = slots;
      phases[phase] = {code, own[phase].slots, begin, end};
    }
    ++phase;
  };
  for (; levels == 0 || count > 1; ++levels) {
    int64_t runs = divideUp(count, runLength);
    counts[levels] = count;
    outputs[levels] = scratch.take(size_t(count) * size);
    void *totals = scratch.take(size_t(runs) * size);
    add(variant.combine, {{uint64_t(count), slotOf(input), slotOf(outputs[levels]), slotOf(totals)}}, 0, runs);
    input = totals;
    count = runs;
  }
  for (int32_t level = levels - 1; level > 0; --level)
    add(variant.finish, {{uint64_t(counts[level - 1]), slotOf(outputs[level - 1]), slotOf(outputs[level]), 0}}, 1,
        divideUp(counts[level - 1], runLength));
  outScanned = outputs[0];
  return phase;
}

/// An output of so many bytes is written past the caches: whoever reads it would not find its beginning there.
constexpr int64_t largeOutput = int64_t(32) << 20;

/// Lays out the phases of a scan over `total` > 0 indices: the totals of blocks, their scan, the elements.
void planScan(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total, Scratch &scratch,
              bool write) {
  auto *phases = static_cast<Phase *>(scratch.take(sizeof(Phase) * 2 * maxLevels));
  auto *own = static_cast<OwnPhase *>(scratch.take(sizeof(OwnPhase) * 2 * maxLevels));
  auto *info = static_cast<awgrt_scan *>(scratch.take(sizeof(awgrt_scan)));
  auto size = size_t(launch.kernel->partial_size);
  int64_t blocks = divideUp(total, blockLength);
  awgrt_scan blocksLeave = {scratch.take(size_t(blocks) * size), nullptr, scratch.take(size_t(blocks) * size),
                            scratch.take(size_t(blocks) * size), total * int64_t(size) >= largeOutput};
  // Nobody needs the total of the last block.
  int64_t summed = variant.lanes == 1 ? blocks : blocks - 1;
  int32_t phase = 0;
  if (summed > 0)
    ++phase;
  void *scanned = nullptr;
  if (blocks > 1)
    phase = planLevels(variant, blocks, blocksLeave.totals, size, scratch, phases, own, phase, write, scanned);
  if (write) {
    blocksLeave.prefixes = scanned;
    *info = blocksLeave;
    slots[launch.kernel->slot_count - 2] = slotOf(awgrt_array_data(launch.result, /*write=*/1));
    slots[launch.kernel->slot_count - 1] = slotOf(info);
    if (summed > 0)
      phases[0] = {variant.host, slots, 0, summed};
    phases[phase] = {variant.scan, slots, 0, blocks};
  }
  launch.phases = phases;
  launch.phaseCount = phase + 1;
}

using Planner = void (*)(Launch &, const awgrt_host_variant &, uint64_t *, int64_t, Scratch &, bool);

/// Sizes the scratch memory with a dry run, then lays out the phases in it. False if memory is short.
bool planWith(Planner planner, Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total) {
  Scratch dry(nullptr);
  planner(launch, variant, slots, total, dry, /*write=*/false);
  if (posix_memalign(&launch.scratch, 64, dry.size()) != 0) {
    launch.scratch = nullptr;
    return false;
  }
  Scratch scratch(launch.scratch);
  planner(launch, variant, slots, total, scratch, /*write=*/true);
  return true;
}

} // namespace

bool planPhases(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total) {
  int32_t shape = launch.kernel->shape;
  if (shape == AWGRT_SCAN)
    return planWith(planScan, launch, variant, slots, total);
  if (shape == AWGRT_REDUCE && total > blockLength)
    return planWith(planReduce, launch, variant, slots, total);
  if (shape == AWGRT_REDUCE)
    slots[launch.kernel->slot_count - 1] = slotOf(results(launch.task()));
  launch.onlyPhase = {variant.host, slots, 0, shape == AWGRT_REDUCE ? 1 : total};
  if (shape == AWGRT_EACH) {
    int64_t tile = variant.rows ? variant.rows * int64_t(slots[launch.kernel->rank - 1]) : 0;
    launch.onlyPhase.isTiled = tile > 0 && total / tile >= launch.task()->runtime->scheduler.workerCount();
    launch.onlyPhase.granule = launch.onlyPhase.isTiled ? tile : std::max<int64_t>(variant.lanes, 1);
  }
  launch.phases = &launch.onlyPhase;
  launch.phaseCount = 1;
  return true;
}

} // namespace awg::rt
