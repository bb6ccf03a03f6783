// Which work of the streams comes before which, by vector clocks (Fidge, Timestamps in message-passing systems, 1988).
#include "emulator/memory/Order.h"

#include <algorithm>

using namespace awg::emu;

void awg::emu::learn(Clock &to, const Clock &from) {
  to.resize(std::max(to.size(), from.size()));
  for (size_t i = 0; i < from.size(); ++i)
    to[i] = std::max(to[i], from[i]);
}

uint32_t Order::add(uint32_t stream, Clock &clock) {
  std::lock_guard lock(mutex);
  if (clock.size() <= stream)
    clock.resize(stream + 1);
  entries.push_back({stream, ++clock[stream], clock});
  return entries.size();
}

bool Order::isBefore(uint32_t first, uint32_t second) const {
  std::lock_guard lock(mutex);
  const Entry &a = entries[first - 1], &b = entries[second - 1];
  return a.stream < b.clock.size() && b.clock[a.stream] >= a.place;
}

Numbers Order::start(uint32_t work, uint64_t blocks) {
  std::lock_guard lock(mutex);
  uint64_t begin = started.empty() ? 1 : started.back().end;
  return started.emplace_back(begin, begin + blocks, work);
}

Numbers Order::find(uint64_t number) const {
  std::lock_guard lock(mutex);
  return *std::ranges::upper_bound(started, number, {}, &Numbers::end);
}

bool Order::isBefore(uint64_t number, uint32_t second, Numbers &known) const {
  if (known.contain(number))
    return true;
  Numbers numbers = find(number);
  if (!isBefore(numbers.work, second))
    return false;
  if (numbers.end != known.begin && numbers.begin != known.end)
    known.begin = known.end = numbers.begin;
  known.begin = std::min(known.begin, numbers.begin);
  known.end = std::max(known.end, numbers.end);
  return true;
}

uint32_t Order::streamOf(uint32_t work) const {
  std::lock_guard lock(mutex);
  return entries[work - 1].stream;
}

Clock Order::clockOf(uint32_t work) const {
  std::lock_guard lock(mutex);
  return entries[work - 1].clock;
}
