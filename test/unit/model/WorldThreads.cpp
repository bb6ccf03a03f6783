// What a run's threads do to each other: mutexes, conditions, threads; and memory that they take and give back.
#include "World.h"

#include "Trace.h"

#include <algorithm>

namespace awg::model {

/// Notes that what the system keeps at `address` is used. Its value counts elsewhere: who holds a mutex, who waits.
bool World::touchSystem(uintptr_t address) {
  memory.ignore(address, 8);
  return memory.touch(running, address, 8, /*writes=*/true);
}

void World::lock(MutexState &mutex, const void *pc) {
  auto address = reinterpret_cast<uintptr_t>(&mutex);
  if (touchSystem(address)) {
    reach({Kind::Lock, 8, true, true, address, 0, pc});
  } else if (mutex.owner != 0) {
    fail("a thread locks a mutex that it holds");
  }
  own(mutex);
}

void World::own(MutexState &mutex) {
  auto address = reinterpret_cast<uintptr_t>(&mutex);
  mutex.owner = running + 1;
  locks ^= mix(address, uint64_t(mutex.owner));
  thread().held |= memory.mutexBit(address);
  thread().clock.join(mutex.clock);
}

void World::unlock(MutexState &mutex, const void *pc) {
  auto address = reinterpret_cast<uintptr_t>(&mutex);
  Thread &self = thread();
  // Nobody else can do anything with it before, so this needs no choice, unless other stores become visible with it.
  if (self.buffered > 0)
    reach({Kind::Unlock, 8, true, true, address, 0, pc});
  locks ^= mix(address, uint64_t(mutex.owner));
  mutex.owner = 0;
  self.held &= ~memory.mutexBit(address);
  mutex.clock = self.clock;
  ++self.clock.at[running];
}

void World::wait(uintptr_t condition, MutexState &mutex, int64_t deadline, const void *pc) {
  auto address = reinterpret_cast<uintptr_t>(&mutex);
  touchSystem(condition);
  reachGuarded({Kind::Wait, 8, true, true, address, condition, pc}, condition);
  writeRaw(condition, 8, uint64_t(running) + 1); // the one that waits: in the runtime each condition has but one
  thread().signaled = false;
  unlock(mutex, pc);
  bool isTimed = deadline != never;
  if (isTimed)
    memory.touch(running, clock, 8, /*writes=*/true);
  reach({Kind::Relock, 8, true, true, address, condition, pc, uint64_t(deadline), isTimed});
  if (!thread().signaled)
    timeOut(condition, deadline);
  own(mutex);
  thread().signaled = false;
}

void World::timeOut(uintptr_t condition, int64_t deadline) {
  ++timeouts;
  writeRaw(condition, 8, 0);
  memory.markDirty(clock);
  writeRaw(clock, 8, std::max(readRaw(clock, 8), uint64_t(deadline)));
}

int64_t World::now(const void *pc) {
  if (clock == 0) // before the first run
    return 0;
  return int64_t(isRunning() ? load(clock, 8, /*order: relaxed*/ 0, pc) : readRaw(clock, 8));
}

void World::signal(uintptr_t condition, const void *pc) {
  touchSystem(condition);
  reachGuarded({Kind::Signal, 8, true, true, condition, 0, pc}, condition);
  uint64_t waiting = readRaw(condition, 8);
  if (waiting != 0)
    threads[waiting - 1].signaled = true;
  writeRaw(condition, 8, 0);
}

int World::createThread(void *(*body)(void *), void *argument) {
  int number = 0;
  while (number < maxThreads && threads[number].exists)
    ++number;
  if (number == maxThreads)
    fail("more threads than the checker has room for");
  Thread &thread = threads[number];
  thread = Thread();
  thread.exists = true;
  thread.body = body;
  thread.argument = argument;
  if (running >= 0) {
    thread.clock = threads[running].clock;
    ++threads[running].clock.at[running];
  }
  thread.clock.at[number] = 1;
  return number;
}

void World::joinThread(int number, const void *pc) {
  reach({Kind::Join, 1, false, false, uintptr_t(number) + 1, 0, pc});
  thread().clock.join(threads[number].clock);
}

void World::endThread() {
  reach({Kind::End, 1, true, true, uintptr_t(running) + 1, 0, nullptr});
  thread().ended = true;
  dispatch();
  __builtin_unreachable();
}

void *World::allocate(size_t bytes, size_t alignment) { return memory.allocate(running, bytes, alignment); }

void World::release(void *block, const void *pc) {
  auto address = reinterpret_cast<uintptr_t>(block);
  size_t bytes = reinterpret_cast<size_t *>(block)[-1];
  if (memory.isFreed(address))
    fail("memory is freed twice: " + describe(pc));
  if (isRunning())
    access(address, bytes, /*writes=*/true, pc);
  memory.markFreed(address, bytes);
}

} // namespace awg::model
