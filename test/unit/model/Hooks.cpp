// What the instrumented code calls: the accesses, as for ThreadSanitizer, and what stands for the system's functions.
// All are entered by a few instructions that note where their caller stands, and go on on another stack: the checker
// leaves nothing of its own on those of the code under test, which are a part of a state.
#include "Replace.h"
#include "World.h"

#include <algorithm>
#include <cstring>

#undef free
#undef malloc

using namespace awg::model;

#define AWG_PC awg_model_caller.pc

Caller awg_model_caller;
void *awg_model_stack;

asm(R"(
.macro awg_hook name
  .globl \name
  .type \name, @function
\name:
  movq (%rsp), %rax
  movq %rax, awg_model_caller(%rip)
  leaq 8(%rsp), %rax
  movq %rax, awg_model_caller+8(%rip)
  movq %rbx, awg_model_caller+16(%rip)
  movq %rbp, awg_model_caller+24(%rip)
  movq %r12, awg_model_caller+32(%rip)
  movq %r13, awg_model_caller+40(%rip)
  movq %r14, awg_model_caller+48(%rip)
  movq %r15, awg_model_caller+56(%rip)
  movq awg_model_stack(%rip), %rax
  testq %rax, %rax
  jz noted_\name
  movq %rsp, -8(%rax)
  leaq -16(%rax), %rsp
  call noted_\name
  movq 8(%rsp), %rsp
  ret
.endm
.text
.irp bits, 8, 16, 32, 64
.irp name, load, store, exchange, compare_exchange_val, fetch_add, fetch_sub, fetch_and, fetch_or, fetch_xor
awg_hook __tsan_atomic\bits\()_\name
.endr
.endr
.irp name, read, write, unaligned_read, unaligned_write, read_write, unaligned_read_write
.irp size, 1, 2, 4, 8, 16
awg_hook __tsan_\name\()\size
.endr
.endr
.irp name, vptr_read, vptr_update, memcpy, memmove, memset, atomic_thread_fence
awg_hook __tsan_\name
.endr
.irp name, mutex_lock, mutex_unlock, cond_wait, cond_timedwait, cond_signal, thread_create, thread_join, clock
awg_hook awg_model_\name
.endr
.irp name, alloc, realloc, free
awg_hook awg_model_\name
.endr
)");

void *awg::model::newScenario(size_t size) { return world.allocate(size, 64); }

void awg::model::ignore(const void *bytes, size_t size) {
  world.memory.ignore(reinterpret_cast<uintptr_t>(bytes), size);
}

namespace {

MutexState &stateOf(pthread_mutex_t *mutex) { return *reinterpret_cast<MutexState *>(mutex); }

void accessed(const void *address, size_t size, bool writes, const void *pc) {
  if (world.isRunning() && size > 0)
    world.access(reinterpret_cast<uintptr_t>(address), size, writes, pc);
}

} // namespace

extern "C" {

//===-- Plain accesses
//----------------------------------------------------------------------------------------------===//

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}

#define AWG_PLAIN(size)                                                                                                \
  void noted___tsan_read##size(void *at) { accessed(at, size, false, AWG_PC); }                                        \
  void noted___tsan_write##size(void *at) { accessed(at, size, true, AWG_PC); }                                        \
  void noted___tsan_unaligned_read##size(void *at) { accessed(at, size, false, AWG_PC); }                              \
  void noted___tsan_unaligned_write##size(void *at) { accessed(at, size, true, AWG_PC); }                              \
  void noted___tsan_read_write##size(void *at) { accessed(at, size, true, AWG_PC); }                                   \
  void noted___tsan_unaligned_read_write##size(void *at) { accessed(at, size, true, AWG_PC); }
AWG_PLAIN(1)
AWG_PLAIN(2)
AWG_PLAIN(4)
AWG_PLAIN(8)
AWG_PLAIN(16)

void noted___tsan_vptr_read(void **at) { accessed(at, 8, false, AWG_PC); }
void noted___tsan_vptr_update(void **at, void *) { accessed(at, 8, true, AWG_PC); }

void *noted___tsan_memcpy(void *to, const void *from, size_t size) {
  accessed(from, size, false, AWG_PC);
  accessed(to, size, true, AWG_PC);
  return memcpy(to, from, size);
}

void *noted___tsan_memmove(void *to, const void *from, size_t size) {
  accessed(from, size, false, AWG_PC);
  accessed(to, size, true, AWG_PC);
  return memmove(to, from, size);
}

void *noted___tsan_memset(void *to, int value, size_t size) {
  accessed(to, size, true, AWG_PC);
  return memset(to, value, size);
}

//===-- Atomic accesses
//---------------------------------------------------------------------------------------------===//

#define AWG_UPDATE(bits, name, expression)                                                                             \
  uint##bits##_t noted___tsan_atomic##bits##_##name(volatile uint##bits##_t *at, uint##bits##_t operand, int order) {  \
    auto change = [&](uint##bits##_t old) { return uint##bits##_t(expression); };                                      \
    if (world.isRunning())                                                                                             \
      return uint##bits##_t(world.update(reinterpret_cast<uintptr_t>(at), bits / 8, order, AWG_PC, operand,            \
                                         [&](uint64_t old, uint64_t &value) {                                          \
                                           value = change(uint##bits##_t(old));                                        \
                                           return true;                                                                \
                                         }));                                                                          \
    uint##bits##_t old = *at;                                                                                          \
    *at = change(old);                                                                                                 \
    return old;                                                                                                        \
  }

#define AWG_ATOMIC(bits)                                                                                               \
  uint##bits##_t noted___tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int order) {                      \
    if (world.isRunning())                                                                                             \
      return uint##bits##_t(world.load(reinterpret_cast<uintptr_t>(at), bits / 8, order, AWG_PC));                     \
    return *at;                                                                                                        \
  }                                                                                                                    \
  void noted___tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value, int order) {               \
    if (world.isRunning())                                                                                             \
      return world.store(reinterpret_cast<uintptr_t>(at), bits / 8, value, order, AWG_PC);                             \
    *at = value;                                                                                                       \
  }                                                                                                                    \
  uint##bits##_t noted___tsan_atomic##bits##_compare_exchange_val(                                                     \
      volatile uint##bits##_t *at, uint##bits##_t expected, uint##bits##_t desired, int order, int) {                  \
    if (world.isRunning())                                                                                             \
      return uint##bits##_t(world.update(reinterpret_cast<uintptr_t>(at), bits / 8, order, AWG_PC,                     \
                                         mix(expected, desired), [&](uint64_t old, uint64_t &value) {                  \
                                           value = desired;                                                            \
                                           return old == expected;                                                     \
                                         }));                                                                          \
    uint##bits##_t old = *at;                                                                                          \
    if (old == expected)                                                                                               \
      *at = desired;                                                                                                   \
    return old;                                                                                                        \
  }                                                                                                                    \
  AWG_UPDATE(bits, exchange, (void(old), operand))                                                                     \
  AWG_UPDATE(bits, fetch_add, old + operand)                                                                           \
  AWG_UPDATE(bits, fetch_sub, old - operand)                                                                           \
  AWG_UPDATE(bits, fetch_and, old &operand)                                                                            \
  AWG_UPDATE(bits, fetch_or, old | operand)                                                                            \
  AWG_UPDATE(bits, fetch_xor, old ^ operand)
AWG_ATOMIC(8)
AWG_ATOMIC(16)
AWG_ATOMIC(32)
AWG_ATOMIC(64)

void noted___tsan_atomic_thread_fence(int) {
  if (world.isRunning())
    world.fence(AWG_PC);
}
void __tsan_atomic_signal_fence(int) {}

//===-- The system
//--------------------------------------------------------------------------------------------------===//

void awg_model_mutex_init(pthread_mutex_t *mutex) { memset(mutex, 0, sizeof *mutex); }

int noted_awg_model_mutex_lock(pthread_mutex_t *mutex) {
  if (world.isRunning())
    world.lock(stateOf(mutex), AWG_PC);
  return 0;
}

int noted_awg_model_mutex_unlock(pthread_mutex_t *mutex) {
  if (world.isRunning())
    world.unlock(stateOf(mutex), AWG_PC);
  return 0;
}

void awg_model_cond_init(pthread_cond_t *condition) { memset(condition, 0, sizeof *condition); }

int noted_awg_model_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  world.wait(reinterpret_cast<uintptr_t>(condition), stateOf(mutex), World::never, AWG_PC);
  return 0;
}

int noted_awg_model_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *until) {
  int64_t deadline = until->tv_sec * 1'000'000'000 + until->tv_nsec;
  world.wait(reinterpret_cast<uintptr_t>(condition), stateOf(mutex), deadline, AWG_PC);
  return 0;
}

int noted_awg_model_cond_signal(pthread_cond_t *condition) {
  if (world.isRunning())
    world.signal(reinterpret_cast<uintptr_t>(condition), AWG_PC);
  return 0;
}

int noted_awg_model_thread_create(pthread_t *thread, void *(*body)(void *), void *argument) {
  *thread = pthread_t(world.createThread(body, argument));
  return 0;
}

int noted_awg_model_thread_join(pthread_t thread) {
  world.joinThread(int(thread), AWG_PC);
  return 0;
}

int noted_awg_model_clock(timespec *now) {
  int64_t time = world.now(AWG_PC);
  *now = {time / 1'000'000'000, time % 1'000'000'000};
  return 0;
}

/// Whatever is measured took long.
uint64_t awg_model_ticks() { return world.isRunning() ? world.thread().ticks += 1'000'000 : 0; }

void *noted_awg_model_alloc(size_t size, size_t alignment) { return world.allocate(size, alignment); }

void *noted_awg_model_realloc(void *memory, size_t size) {
  void *larger = world.allocate(size, 16);
  if (memory) {
    size_t kept = std::min(size, reinterpret_cast<size_t *>(memory)[-1]);
    accessed(larger, kept, true, AWG_PC);
    memcpy(larger, memory, kept);
    world.release(memory, AWG_PC);
  }
  return larger;
}

void noted_awg_model_free(void *memory) {
  if (!world.memory.contains(reinterpret_cast<uintptr_t>(memory)))
    return free(memory);
  world.release(memory, AWG_PC);
}

} // extern "C"
