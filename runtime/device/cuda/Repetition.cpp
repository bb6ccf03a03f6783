// Finding the period of starts.
#include "device/cuda/Repetition.h"

#include <cstring>

namespace awg::rt {

uint64_t StoredStart::hashOf(const KernelStart &start) {
  constexpr uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t hash = reinterpret_cast<uintptr_t>(start.function) ^ (uint64_t(start.groups) << 32 | start.threads);
  for (int32_t k = 0; k < start.count; ++k)
    hash = ((hash ^ start.words[k]) * odd) ^ (hash >> 29);
  return hash | 1;
}

void StoredStart::store(const KernelStart &start, uint64_t startHash) {
  hash = startHash;
  function = start.function;
  groups = start.groups;
  threads = start.threads;
  count = start.count;
  memcpy(words, start.words, size_t(count) * sizeof *words);
}

bool StoredStart::equals(const KernelStart &start, uint64_t startHash) const {
  return hash == startHash && function == start.function && groups == start.groups && threads == start.threads &&
         count == start.count && memcmp(words, start.words, size_t(count) * sizeof *words) == 0;
}

void Repetition::add(const KernelStart &start, uint64_t hash) {
  if (length > 0 && next().equals(start, hash)) {
    ++run;
  } else {
    length = 0;
    run = 0;
    for (int32_t period = 1; period <= longest && period <= total && length == 0; ++period)
      if (back(period).equals(start, hash)) {
        length = period;
        run = 1;
      }
  }
  starts[total++ % capacity].store(start, hash);
}

void Repetition::clear() { total = length = run = 0; }

} // namespace awg::rt
