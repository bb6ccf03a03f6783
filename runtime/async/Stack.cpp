// How much of the calling thread's stack is left, and what is said when there is none.
#include "async/Stack.h"

#include "async/Sync.h"
#include "awg/awgrt.h"

#include <csignal>
#include <cstdint>
#include <pthread.h>

namespace awg::rt {

namespace {

/// Left for what a coroutine calls: plain functions, the C library.
constexpr uintptr_t reserve = 512 << 10;

/// A fault next to the end of the stack is an overflow; any other goes on as if there were no handler.
void handleFault(int signal, siginfo_t *info, void *) {
  auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  uintptr_t bottom = thisStack.bottom;
  if (bottom != 0 && address < bottom + stackGuardSize && address + stackGuardSize >= bottom)
    fatal("stack overflow: functions call each other too deeply; an `async fn` may call itself without bound");
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
}

} // namespace

thread_local constinit StackBounds thisStack = {};

void findStack() {
  pthread_attr_t attributes;
  thisStack.lowest = 1; // unknown: never low
  if (pthread_getattr_np(pthread_self(), &attributes) != 0)
    return;
  void *base = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  thisStack = stackBounds(base, size);
}

StackBounds stackBounds(void *base, size_t size) {
  auto bottom = reinterpret_cast<uintptr_t>(base);
  return {bottom, bottom + (size > 2 * reserve ? reserve : size / 2)};
}

StackBounds exchangeStack(StackBounds bounds) {
  StackBounds before = thisStack;
  thisStack = bounds;
  return before;
}

void watchStack() {
  // Room for the handler, which cannot run on the stack that is full.
  alignas(16) static thread_local char room[16 << 10];
  if (!thisSimulation)
    findStack();
  stack_t other = {};
  sigaltstack(nullptr, &other);
  if (!(other.ss_flags & SS_DISABLE)) // a sanitizer's, which takes it away again itself
    return;
  other = {};
  other.ss_sp = room;
  other.ss_size = sizeof(room);
  sigaltstack(&other, nullptr);
}

void reportStackOverflow() {
  struct sigaction action = {};
  action.sa_sigaction = handleFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, nullptr);
}

} // namespace awg::rt

using namespace awg::rt;

int32_t awgrt_stack_is_low(void) { return isStackLow(); }
