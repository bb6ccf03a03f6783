// The threads that help to carry out a launch.
#include "emulator/api/Workers.h"

#include "emulator/exec/Block.h"

using namespace awg::emu;

Workers &Workers::shared(unsigned threads) {
  static Workers *workers = new Workers(threads - 1); // its threads outlive main
  return *workers;
}

Workers::Workers(unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    helpers.emplace_back([this] { helperLoop(); });
  for (std::thread &helper : helpers)
    helper.detach();
}

void Workers::helperLoop() {
  unsigned done = 0;
  std::unique_lock lock(mutex);
  while (true) {
    changed.wait(lock, [&] { return current && number != done; });
    done = number;
    Launch &launch = *current;
    ++active;
    lock.unlock();
    runBlocks(launch);
    lock.lock();
    --active;
    changed.notify_all();
  }
}

void Workers::carryOut(Launch &launch) {
  std::unique_lock only(busy, std::try_to_lock);
  if (!only || helpers.empty() || launch.blocks() < 2 || launch.blocks() * launch.threads() < 1024)
    return runBlocks(launch);
  {
    std::lock_guard lock(mutex);
    current = &launch;
    ++number;
    changed.notify_all();
  }
  runBlocks(launch);
  std::unique_lock lock(mutex);
  current = nullptr;
  changed.wait(lock, [&] { return !active; });
}
