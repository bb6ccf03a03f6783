// Runs threads on fibers, one step at a time, and carries out what they do to shared memory.
#include "World.h"

#include "Trace.h"
#include "async/Scheduler.h"

#include <algorithm>

namespace awg::model {

World world;

namespace {

/// More steps than this are taken for a run that never ends.
constexpr size_t mostSteps = 20'000;

/// So many waits of a run may time out: else threads that look again and again would never end.
constexpr int mostTimeouts = 3;

/// So much below a stack's end may hold what functions have left that returned, and is cleared.
constexpr size_t deadBytes = 1 << 10;

/// What the clock shows at first.
constexpr int64_t startTime = 1'000'000'000;

void *runInitial(void *number) {
  auto *pair = static_cast<std::pair<Scenario *, int> *>(number);
  pair->first->run(pair->second);
  return nullptr;
}

} // namespace

//===-- Runs
//--------------------------------------------------------------------------------------------------------===//

void World::run(Factory make, int threadCount, Chooser &decides) {
  memory.beginRun();
  chooser = &decides;
  failure.clear();
  steps.clear();
  locks = 0;
  running = -1;
  timeouts = 0;
  mayWait = false;
  ending.reset();
  clock = reinterpret_cast<uintptr_t>(memory.allocate(-1, 8, 8));
  writeRaw(clock, 8, startTime);
  for (Thread &thread : threads) {
    thread.exists = thread.started = thread.ended = thread.signaled = false;
    thread.buffered = 0;
    thread.held = 0;
  }
  rt::thisWorker = nullptr;
  scenario = make();
  std::pair<Scenario *, int> arguments[maxThreads];
  for (int i = 0; i < threadCount; ++i) {
    arguments[i] = {scenario, i};
    createThread(runInitial, &arguments[i]);
  }
  if (!_setjmp(outside))
    dispatch();
  running = -1;
  awg_model_stack = nullptr;
  rt::thisWorker = nullptr;
  if (failure.empty() && (allEnded() || (mayWait && !enabled()))) {
    ending = memory.hash();
    if (!_setjmp(outside)) {
      scenario->end();
      scenario->~Scenario();
    }
  }
}

void World::leave() { _longjmp(outside, 1); }

void World::fail(const std::string &what) {
  if (failure.empty())
    failure = what;
  leave();
}

bool World::allEnded() const {
  return std::all_of(std::begin(threads), std::end(threads), [](const Thread &t) { return !t.exists || t.ended; });
}

std::vector<Step> World::waiting() const {
  std::vector<Step> result;
  for (int i = 0; i < maxThreads; ++i)
    if (threads[i].exists && !threads[i].ended)
      result.push_back({int8_t(i), false, threads[i].next, 0});
  return result;
}

/// Lets the chooser decide what happens until a thread goes on: at the latest, the calling one does.
void World::dispatch() {
  for (;;) {
    for (int i = 0; i < maxThreads; ++i) // what a thread does before its first shared access concerns nobody else
      if (threads[i].exists && !threads[i].ended && threads[i].next.kind == Kind::Start)
        return switchTo(i);
    if (steps.size() > mostSteps)
      fail("it does not come to an end");
    Transitions transition = chooser->choose();
    if (!transition)
      leave();
    if (transition >= drainOf(0)) {
      int thread = __builtin_ctz(transition) - 8;
      drainOldest(thread);
    } else {
      return switchTo(__builtin_ctz(transition));
    }
  }
}

void World::enter() {
  Thread &self = world.thread();
  self.body(self.argument);
  world.endThread();
}

void World::switchTo(int number) {
  if (number == running)
    return;
  if (running >= 0) {
    threads[running].local = rt::thisWorker;
    if (_setjmp(threads[running].resume))
      return;
  }
  running = number;
  awg_model_stack = std::end(stacks[number]);
  Thread &thread = threads[number];
  rt::thisWorker = static_cast<rt::Worker *>(thread.local);
  if (thread.started)
    _longjmp(thread.resume, 1);
  thread.started = true;
  getcontext(&entry);
  entry.uc_stack.ss_sp = reinterpret_cast<void *>(memory.stackOf(number));
  entry.uc_stack.ss_size = Memory::stackSize;
  entry.uc_link = nullptr;
  makecontext(&entry, enter, 0);
  setcontext(&entry);
}

void World::reach(const Operation &operation) {
  Thread &self = thread();
  self.next = operation;
  self.caller = ::awg_model_caller;
  if (operation.kind != Kind::End) // which is not called from the code under test; elsewhere a return address comes first
    memset(reinterpret_cast<char *>(self.caller.stack) - sizeof(void *) - deadBytes, 0, deadBytes);
  dispatch();
  if (operation.drains)
    drainAll(running);
  steps.push_back({int8_t(running), false, operation, 0});
}

void World::reachGuarded(const Operation &operation, uintptr_t address) {
  bool drains = operation.drains && thread().buffered > 0;
  if (!memory.isGuarded(address, operation.size, operation.writes, thread().held) || drains || !reduces)
    return reach(operation);
  if (steps.size() > mostSteps)
    fail("it does not come to an end");
  steps.push_back({int8_t(running), false, operation, 0});
}

//===-- What may happen
//---------------------------------------------------------------------------------------------===//

bool World::mayGoOn(int number) const {
  const Thread &thread = threads[number];
  if (!thread.exists || thread.ended)
    return false;
  auto isFree = [&] { return reinterpret_cast<const MutexState *>(thread.next.address)->owner == 0; };
  switch (thread.next.kind) {
  case Kind::Lock:
    return isFree();
  case Kind::Relock:
    return (thread.signaled || (thread.next.isTimed && timeouts < mostTimeouts)) && isFree();
  case Kind::Join:
    return threads[thread.next.address - 1].ended;
  default:
    return true;
  }
}

void World::endStuck() {
  bool mayTimeOut = std::any_of(std::begin(threads), std::end(threads), [](const Thread &thread) {
    return thread.exists && !thread.ended && thread.next.isTimed;
  });
  if (!allEnded() && !mayTimeOut && !mayWait)
    fail("all threads wait");
}

Transitions World::enabled() const {
  Transitions result = 0;
  for (int i = 0; i < maxThreads; ++i) {
    if (mayGoOn(i))
      result |= stepOf(i);
    if (threads[i].exists && threads[i].buffered > 0)
      result |= drainOf(i);
  }
  return result;
}

namespace {

struct Range {
  uintptr_t begin, end;
  bool writes;
};

struct Footprint {
  Range ranges[20];
  int count = 0;

  void add(uintptr_t address, size_t size, bool writes) { ranges[count++] = {address, address + size, writes}; }
  bool meets(const Footprint &other) const {
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < other.count; ++k)
        if (ranges[i].begin < other.ranges[k].end && other.ranges[k].begin < ranges[i].end &&
            (ranges[i].writes || other.ranges[k].writes))
          return true;
    return false;
  }
};

Footprint footprintOf(const Thread &thread, bool isDrain, uintptr_t clock) {
  Footprint result;
  const Operation &next = thread.next;
  int drained = isDrain ? 1 : next.drains ? thread.buffered : 0;
  for (int i = 0; i < drained; ++i)
    result.add(thread.buffer[i].address, thread.buffer[i].size, true);
  if (isDrain)
    return result;
  if (next.address)
    result.add(next.address, next.size, next.writes);
  if (next.second)
    result.add(next.second, 8, true);
  if (next.isTimed)
    result.add(clock, 8, true);
  return result;
}

} // namespace

bool World::areIndependent(Transitions left, Transitions right) const {
  int a = __builtin_ctz(left), b = __builtin_ctz(right);
  if (a % 8 == b % 8)
    return false;
  return !footprintOf(threads[a % 8], a >= 8, clock).meets(footprintOf(threads[b % 8], b >= 8, clock));
}

/// A thread's state: what it is about to do, its registers, the part of its stack that is in use, its buffered stores.
uint64_t World::hashOf(int number) const {
  const Thread &thread = threads[number];
  uint64_t result = mix(mix(0, reinterpret_cast<uintptr_t>(thread.next.pc)), thread.next.operand);
  result = mix(result, uint64_t(thread.ended) | uint64_t(thread.signaled) << 1 | uint64_t(thread.next.kind) << 2 |
                           uint64_t(thread.buffered) << 8);
  for (int i = 0; i < thread.buffered; ++i)
    result = mix(mix(result, thread.buffer[i].address), thread.buffer[i].value);
  if (thread.next.kind == Kind::End)
    return result;
  result = mix(mix(result, reinterpret_cast<uintptr_t>(thread.local)), thread.next.address);
  for (uint64_t value : thread.caller.registers)
    result = mix(result, value);
  for (uintptr_t at = thread.caller.stack, end = memory.stackOf(number) + Memory::stackSize; at < end; at += 8)
    result = mix(result, readRaw(at, 8));
  return result;
}

uint64_t World::hash() {
  uint64_t result = mix(mix(memory.hash(), locks), uint64_t(timeouts));
  if (running >= 0)
    threads[running].local = rt::thisWorker;
  for (int i = 0; i < maxThreads; ++i)
    if (threads[i].exists)
      result = mix(result, hashOf(i));
  return result;
}

//===-- Memory
//------------------------------------------------------------------------------------------------------===//

int World::orderAt(const void *pc, int order, bool isStore, bool isUpdate) {
  const void *&recent = recentSites[reinterpret_cast<uintptr_t>(pc) % recentSites.size()];
  if (recent != pc && knownSites.insert(pc).second)
    sites.push_back({pc, isStore, isUpdate, order});
  recent = pc;
  return pc == relaxed ? 0 : order;
}

uint64_t World::load(uintptr_t address, int size, int order, const void *pc) {
  if (!memory.touch(running, address, size_t(size), /*writes=*/false))
    return readRaw(address, size);
  order = orderAt(pc, order, false, false);
  reachGuarded({Kind::Load, uint8_t(size), false, false, address, 0, pc}, address);
  check(address, size_t(size), false, /*atomic=*/true, pc);
  Thread &self = thread();
  uint64_t value = readRaw(address, size);
  const Buffered *own = nullptr;
  for (int i = 0; i < self.buffered; ++i)
    if (self.buffer[i].address == address)
      own = &self.buffer[i];
  if (own)
    value = own->value;
  else if (order != 0 && order != 3)
    self.clock.join(memory.clockOf(address));
  note(value);
  return value;
}

void World::store(uintptr_t address, int size, uint64_t value, int order, const void *pc) {
  if (!memory.touch(running, address, size_t(size), /*writes=*/true))
    return writeRaw(address, size, value);
  order = orderAt(pc, order, true, false);
  Thread &self = thread();
  bool releases = order >= 3;
  bool isGuarded = memory.isGuarded(address, size_t(size), /*writes=*/true, self.held) && reduces && self.buffered == 0;
  if (order == 5 || isGuarded) {
    reachGuarded({Kind::Store, uint8_t(size), true, true, address, 0, pc, value}, address);
    check(address, size_t(size), true, /*atomic=*/true, pc);
    write(address, size, value, releases, self.clock);
    note(value);
  } else { // the next steps of the others cannot tell, so this one needs no choice
    steps.push_back({int8_t(running), false, {Kind::Store, uint8_t(size), true, false, address, 0, pc}, value});
    check(address, size_t(size), true, /*atomic=*/true, pc);
    if (self.buffered == int(std::size(self.buffer)))
      fail("the checker's store buffers are too small");
    self.buffer[self.buffered++] = {address, value, uint8_t(size), releases, self.clock, pc};
  }
  if (releases)
    ++self.clock.at[running];
}

void World::write(uintptr_t address, int size, uint64_t value, bool releases, const Clock &clock) {
  memory.markDirty(address);
  writeRaw(address, size, value);
  memory.clockOf(address) = releases ? clock : Clock();
}

void World::drainOldest(int number) {
  Thread &thread = threads[number];
  Buffered &oldest = thread.buffer[0];
  steps.push_back(
      {int8_t(number), true, {Kind::Store, oldest.size, true, false, oldest.address, 0, oldest.pc}, oldest.value});
  write(oldest.address, oldest.size, oldest.value, oldest.releases, oldest.clock);
  std::copy(thread.buffer + 1, thread.buffer + thread.buffered, thread.buffer);
  --thread.buffered;
}

void World::drainAll(int number) {
  while (threads[number].buffered > 0)
    drainOldest(number);
}

void World::fence(const void *pc) { reach({Kind::Fence, 0, false, true, 0, 0, pc}); }

void World::access(uintptr_t address, size_t size, bool writes, const void *pc) {
  for (uintptr_t end = address + size; address < end;) { // granule by granule
    size_t part = std::min<size_t>(8 - address % 8, end - address);
    if (memory.touch(running, address, part, writes))
      check(address, part, writes, /*atomic=*/false, pc);
    else if (memory.contains(address) && memory.isFreed(address))
      fail("memory is used that was freed: " + describe(pc));
    address += part;
  }
}

void World::check(uintptr_t address, size_t size, bool writes, bool atomic, const void *pc) {
  if (memory.isFreed(address))
    fail("memory is used that was freed: " + describe(pc));
  Cell &cell = memory.cellOf(address);
  auto mask = uint8_t(((1u << size) - 1) << (address % 8));
  Thread &self = thread();
  Access *own = nullptr;
  for (int i = 0; i < cell.count; ++i) {
    Access &other = cell.accesses[i];
    if (other.thread == running) {
      if (other.mask == mask && other.writes == writes && other.atomic == atomic)
        own = &other;
    } else if ((other.mask & mask) && (writes || other.writes) && !(atomic && other.atomic) &&
               other.clock > self.clock.at[other.thread] && !memory.hasLearned()) {
      fail("a race between " + nameOf(running) + " at " + describe(pc) + "\n             and " + nameOf(other.thread) +
           " at " + describe(other.pc));
    }
  }
  if (!own)
    own = cell.count < Cell::room ? &cell.accesses[cell.count++] : &cell.accesses[0];
  *own = {mask, int8_t(running), writes, atomic, self.clock.at[running], pc};
}

} // namespace awg::model
