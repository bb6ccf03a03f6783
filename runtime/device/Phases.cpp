// The phases that a launch's shape is carried out in on the host, laid out in memory of the launch.
#include "device/Launch.h"

#include "async/Runtime.h"

#include <algorithm>
#include <cstdlib>

namespace awg::rt {

namespace {

/// 16^15 > 2^59: no scan has more levels.
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

/// How the totals of a scan's blocks are scanned: runs of 16 on each level, whose totals are the next.
struct Levels {
  int32_t count = 0;
  void *inputs[maxLevels];
  void *outputs[maxLevels];
  void *totals[maxLevels];

  Levels(int64_t blocks, void *input, size_t size, Scratch &scratch) {
    for (int64_t elements = blocks; elements > 1; ++count) {
      int64_t runs = divideUp(elements, runLength);
      inputs[count] = count == 0 ? input : totals[count - 1];
      outputs[count] = scratch.take(size_t(elements) * size);
      totals[count] = scratch.take(size_t(runs) * size);
      elements = runs;
    }
  }
};

/// The phases of a scan as they are laid out; without memory they are only counted.
struct ScanPhases {
  const awgrt_host_variant &variant;
  Phase *phases;
  OwnPhase *own;
  int32_t count = 0;
  bool write;

  void add(awgrt_host_kernel code, const uint64_t *slots, int64_t begin, int64_t end) {
    if (begin >= end)
      return;
    if (write)
      phases[count] = {code, slots, begin, end};
    ++count;
  }
  void addOwn(awgrt_host_kernel code, OwnPhase slots, int64_t begin, int64_t end) {
    if (write && begin < end)
      own[count] = slots;
    add(code, write ? own[count].slots : nullptr, begin, end);
  }
  void addLevels(const Levels &levels, int64_t firstBlock, int64_t lastBlock);
};

/// Scans the totals of the blocks up to `lastBlock`, of which those up to `firstBlock` were scanned before: up the levels by
/// `combine`, down again by `finish`. A run that is not full yet is done again when there is more of it.
void ScanPhases::addLevels(const Levels &levels, int64_t firstBlock, int64_t lastBlock) {
  int64_t firstRuns[maxLevels], lastRuns[maxLevels], counts[maxLevels];
  for (int32_t level = 0; level < levels.count; ++level) {
    counts[level] = level == 0 ? lastBlock : lastRuns[level - 1];
    firstRuns[level] = (level == 0 ? firstBlock : firstRuns[level - 1]) / runLength;
    lastRuns[level] = divideUp(counts[level], runLength);
    addOwn(variant.combine,
           {{uint64_t(counts[level]), slotOf(levels.inputs[level]), slotOf(levels.outputs[level]), slotOf(levels.totals[level])}},
           firstRuns[level], lastRuns[level]);
  }
  for (int32_t level = levels.count - 1; level > 0; --level)
    addOwn(variant.finish, {{uint64_t(counts[level - 1]), slotOf(levels.outputs[level - 1]), slotOf(levels.outputs[level]), 0}},
           std::max<int64_t>(firstRuns[level - 1], 1), lastRuns[level - 1]);
}

/// Of a scan whose elements do not stay in the caches, so many bytes a worker are summed, then written while they are there.
constexpr int64_t bytesInCache = int64_t(1) << 20;

/// How many blocks are summed and written in turn: whole runs of them, or all.
int64_t blocksInTurn(int64_t blocks, size_t size, int32_t workers) {
  int64_t runs = std::max<int64_t>(1, workers * bytesInCache / (blockLength * runLength * int64_t(size)));
  return runs * runLength * 2 < blocks ? runs * runLength : blocks;
}

/// Lays out the phases of a scan over `total` > 0 indices: the totals of blocks, their scan, the elements; part by part.
void planScan(Launch &launch, const awgrt_host_variant &variant, uint64_t *slots, int64_t total, Scratch &scratch,
              bool write) {
  auto size = size_t(launch.kernel->partial_size);
  int64_t blocks = divideUp(total, blockLength);
  int64_t part = blocksInTurn(blocks, size, launch.task()->runtime->scheduler.workerCount());
  auto *info = static_cast<awgrt_scan *>(scratch.take(sizeof(awgrt_scan)));
  awgrt_scan blocksLeave = {scratch.take(size_t(blocks) * size), nullptr, scratch.take(size_t(blocks) * size),
                            scratch.take(size_t(blocks) * size), total * int64_t(size) >= AWGRT_LARGE_OUTPUT};
  Levels levels(blocks, blocksLeave.totals, size, scratch);
  auto most = size_t(divideUp(blocks, part)) * size_t(2 * levels.count + 2);
  auto *own = static_cast<OwnPhase *>(scratch.take(sizeof(OwnPhase) * most));
  ScanPhases phases{variant, static_cast<Phase *>(scratch.take(sizeof(Phase) * most)), own, 0, write};
  // Nobody needs the total of the last block.
  int64_t summed = variant.lanes == 1 ? blocks : blocks - 1;
  for (int64_t first = 0; first < blocks; first += part) {
    int64_t last = std::min(first + part, blocks);
    phases.add(variant.host, slots, first, std::min(last, summed));
    phases.addLevels(levels, first, last);
    phases.add(variant.scan, slots, first, last);
  }
  if (write) {
    blocksLeave.prefixes = levels.count > 0 ? levels.outputs[0] : nullptr;
    *info = blocksLeave;
    slots[launch.kernel->slot_count - 2] = slotOf(awgrt_array_data(launch.result, /*write=*/1));
    slots[launch.kernel->slot_count - 1] = slotOf(info);
  }
  launch.phases = phases.phases;
  launch.phaseCount = phases.count;
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
