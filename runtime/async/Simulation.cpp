// Fibers and the seeded choice among them.
#include "async/Simulation.h"

#include "async/Scheduler.h"
#include "async/Stack.h"
#include "async/Sync.h"

#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <ucontext.h>

namespace awg::rt {

namespace {

constexpr size_t fiberStack = size_t(16) << 20; // address space, not memory
constexpr int64_t never = INT64_MAX;
constexpr int64_t stepTime = 200;               ///< at most so many nanoseconds pass from point to point

} // namespace

/// A thread of the simulation.
struct Fiber {
  ucontext_t context;
  void *stack = nullptr;
  void *(*body)(void *) = nullptr;
  void *argument = nullptr;
  Fiber *next = nullptr;
  enum { Ready, Waits, Ended } state = Ended;
  const void *waitsFor = nullptr; ///< a mutex, a condition or a fiber
  int64_t deadline = never;
  // What the system would keep a thread.
  Worker *worker = nullptr;
  StackBounds bounds;
};

thread_local constinit Simulation *thisSimulation = nullptr;

Simulation::Simulation() {
  main = current = newFiber();
  main->state = Fiber::Ready;
  thisSimulation = this;
}

Simulation::~Simulation() {
  thisSimulation = nullptr;
  for (Fiber *fiber = first, *next; fiber; fiber = next) {
    next = fiber->next;
    if (fiber->stack)
      munmap(fiber->stack, fiberStack);
    fiber->~Fiber();
    free(fiber);
  }
}

void Simulation::begin(uint64_t seed) {
  state = seed;
  clock = clockStart;
  interval = uint64_t(1) << choose(8);
}

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
uint64_t Simulation::random() {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

Fiber *Simulation::newFiber() {
  auto *fiber = new (allocate(sizeof(Fiber), alignof(Fiber))) Fiber;
  fiber->next = first;
  return first = fiber;
}

//===-- Who goes on -------------------------------------------------------------------------------------------------===//

void Simulation::interleave() {
  clock += int64_t(choose(stepTime));
  if (interval == 1 || choose(interval) == 0)
    goOn();
}

/// Lets a fiber go on that can, perhaps the current one.
void Simulation::goOn() {
  for (;;) {
    uint64_t ready = 0;
    int64_t soonest = never;
    Fiber *chosen = nullptr;
    for (Fiber *fiber = first; fiber; fiber = fiber->next) {
      if (fiber->state == Fiber::Waits && fiber->deadline <= clock)
        fiber->state = Fiber::Ready;
      if (fiber->state == Fiber::Ready && choose(++ready) == 0)
        chosen = fiber;
      if (fiber->state == Fiber::Waits && fiber->deadline < soonest)
        soonest = fiber->deadline;
    }
    if (chosen)
      return switchTo(chosen);
    if (soonest == never)
      fatal("a wake-up was lost: every thread of the simulation waits");
    clock = soonest;
  }
}

void Simulation::switchTo(Fiber *fiber) {
  if (fiber == current)
    return;
  Fiber *before = current;
  before->worker = thisWorker;
  before->bounds = exchangeStack(fiber->bounds);
  thisWorker = fiber->worker;
  current = fiber;
  swapcontext(&before->context, &fiber->context);
}

//===-- Threads -----------------------------------------------------------------------------------------------------===//

void Simulation::fiberMain() {
  Simulation &simulation = *thisSimulation;
  Fiber *fiber = simulation.current;
  fiber->body(fiber->argument);
  fiber->state = Fiber::Ended;
  for (Fiber *other = simulation.first; other; other = other->next)
    if (other->waitsFor == fiber)
      other->state = Fiber::Ready;
  simulation.goOn();
}

Fiber *Simulation::start(void *(*body)(void *), void *argument) {
  Fiber *fiber = first;
  while (fiber && fiber->state != Fiber::Ended)
    fiber = fiber->next;
  if (!fiber)
    fiber = newFiber();
  if (!fiber->stack) {
    fiber->stack = mmap(nullptr, fiberStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (fiber->stack == MAP_FAILED)
      fatal("out of memory");
    mprotect(fiber->stack, 4096, PROT_NONE);
  }
  fiber->body = body;
  fiber->argument = argument;
  fiber->state = Fiber::Ready;
  fiber->waitsFor = nullptr;
  fiber->deadline = never;
  fiber->worker = nullptr;
  fiber->bounds = stackBounds(fiber->stack, fiberStack);
  getcontext(&fiber->context);
  fiber->context.uc_stack.ss_sp = fiber->stack;
  fiber->context.uc_stack.ss_size = fiberStack;
  fiber->context.uc_link = nullptr;
  makecontext(&fiber->context, fiberMain, 0);
  return fiber;
}

void Simulation::join(Fiber *fiber) {
  while (fiber->state != Fiber::Ended) {
    current->state = Fiber::Waits;
    current->waitsFor = fiber;
    goOn();
  }
}

//===-- Locks and conditions ------------------------------------------------------------------------------------------===//

void Simulation::lock(Mutex &mutex) {
  interleave();
  while (!mutex.tryLock()) {
    current->state = Fiber::Waits;
    current->waitsFor = &mutex;
    goOn();
  }
}

void Simulation::unlocked(Mutex &mutex) {
  for (Fiber *fiber = first; fiber; fiber = fiber->next)
    if (fiber->state == Fiber::Waits && fiber->waitsFor == &mutex)
      fiber->state = Fiber::Ready;
}

void Simulation::wait(Condition &condition, Mutex &mutex, int64_t deadline) {
  current->state = Fiber::Waits;
  current->waitsFor = &condition;
  current->deadline = deadline;
  mutex.unlock();
  goOn();
  current->deadline = never;
  mutex.lock();
}

void Simulation::wake(Condition &condition) {
  uint64_t waiting = 0;
  Fiber *chosen = nullptr;
  for (Fiber *fiber = first; fiber; fiber = fiber->next)
    if (fiber->state == Fiber::Waits && fiber->waitsFor == &condition && choose(++waiting) == 0)
      chosen = fiber;
  if (chosen)
    chosen->state = Fiber::Ready;
}

} // namespace awg::rt
