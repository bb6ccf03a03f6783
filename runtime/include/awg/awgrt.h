// The C ABI between a compiled Awg program and the runtime that it links.
//
// Everything a program does that takes time is an *operation*: a coroutine that the compiler made from an
// `async fn` or an `async` block, a kernel launch, a timer, a file read. Each is an `awgrt_task`: a header of
// AWGRT_TASK_HEADER bytes followed by its results, one 8-byte slot a result. A task has exactly one owner (the scope
// that started it), which waits for it with awgrt_await, takes its failure with awgrt_join, reads its results and
// frees it with awgrt_task_free. A task that failed gives null for each result that would have to be freed. The header's
// fields are the runtime's own: compiled code knows its size and the two words that say how the task is.
//
// Threads: a function that takes `self` is called by the worker that runs `self`; all others may be called anywhere.
// Failures are values (`awgrt_error *`, null for none), owned by who receives them.
#ifndef AWG_AWGRT_H
#define AWG_AWGRT_H

#include "awg/rt/arrays.h"     // arrays and views
#include "awg/rt/base.h"       // the version of the interface
#include "awg/rt/kernels.h"    // kernels, launches, devices
#include "awg/rt/operations.h" // sleep, files, what a program asks of its surroundings
#include "awg/rt/program.h"    // runtimes: a program's own, a host program's
#include "awg/rt/tasks.h"      // tasks and channels
#include "awg/rt/values.h"     // places, failures, strings

#endif // AWG_AWGRT_H
