// Tasks: their life, how they wait for each other, and channels between them.
#ifndef AWG_RT_TASKS_H
#define AWG_RT_TASKS_H

#include "awg/rt/values.h"

AWGRT_BEGIN

/// Bytes from a task's start to its first result slot.
#define AWGRT_TASK_HEADER 64

/// What compiled code looks at by itself: where in a task stands a word (64 bits, atomic) that is AWGRT_TASK_DONE once it has
/// ended, and where its flags (32 bits, atomic): it was asked to stop, it has failed.
#define AWGRT_TASK_WAITER 16
#define AWGRT_TASK_DONE 1
#define AWGRT_TASK_FLAGS 24
#define AWGRT_TASK_CANCELLED 1
#define AWGRT_TASK_FAILED 16

//===-- Tasks -------------------------------------------------------------------------------------------------------===//

/// Memory for a coroutine's frame, aligned to 16 bytes (from AWGRT_ALIGNED_FRAME bytes on to 64), and back.
#define AWGRT_ALIGNED_FRAME ((size_t)512)
void *awgrt_frame_alloc(size_t size);
void awgrt_frame_free(void *frame);

/// Initialises the header of a task, which is the promise of a coroutine: the functions that resume and destroy it stand in
/// the two words in front. `parent` is the task whose scope starts it; `place` names it in traces.
void awgrt_task_begin(awgrt_task *task, awgrt_task *parent, const awgrt_place *place);
/// Makes a task ready to run on any worker; it must be suspended at its start.
void awgrt_task_spawn(awgrt_task *task);
/// 1 if little of the calling thread's stack is left: a coroutine that is awaited directly is then spawned instead of run in
/// its caller's stack, so that recursion through awaits is bounded by memory alone.
int32_t awgrt_stack_is_low(void);
/// The last act of a coroutine, after its results are stored and its final suspend point is saved: marks it done,
/// hands over its failure (null for none) and resumes who waits for it. The frame may be gone when this returns.
void awgrt_task_complete(awgrt_task *task, awgrt_error *error);
/// 1 if all `count` tasks are done: go on. 0: `self`, whose suspend point is saved, must suspend now; it is resumed
/// once all are done. May run them in place meanwhile. The first failure among several cancels the others.
/// If `self` is cancelled, it cancels the tasks it waits for and still waits until they have ended.
int32_t awgrt_await(awgrt_task *self, awgrt_task *const *tasks, int64_t count);
/// The same for one.
int32_t awgrt_await_one(awgrt_task *self, awgrt_task *task);
/// Waits for a time to pass, at `place`, as awgrt_await for a task: 1 if there is nothing to wait for.
int32_t awgrt_sleep_here(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds);
/// After awgrt_await: the failure to re-raise in `self`, with `place` added to its chain of awaits, or null. Of several
/// failed tasks it is the one that failed first; the others' are noted on it. A cancelled `self` gets the cancellation.
awgrt_error *awgrt_join(awgrt_task *self, awgrt_task *const *tasks, int64_t count, const awgrt_place *place);
/// The same for one.
awgrt_error *awgrt_join_one(awgrt_task *self, awgrt_task *task, const awgrt_place *place);
/// The same for what was carried out as a call in `self` and ended with `error` (owned; null for none). Nothing to do if
/// `error` is null and `self` not cancelled.
awgrt_error *awgrt_joined(awgrt_task *self, awgrt_error *error, const awgrt_place *place);
/// Has the failure of `task`, which was cancelled and has ended, reported with `error`, the reason why it was. Nothing to do if
/// it has none, or only the cancellation.
void awgrt_error_note(awgrt_error *error, awgrt_task *task);
/// Asks tasks to stop. Does not wait: awgrt_await does.
void awgrt_cancel(awgrt_task *const *tasks, int64_t count);
/// As awgrt_await, but the first of the tasks to end, well or not, cancels the others; of tasks that had ended before, the
/// first in the list counts. `tasks` has room for one more, in which the runtime notes the first.
int32_t awgrt_race(awgrt_task *self, awgrt_task **tasks, int64_t count);
/// After awgrt_race, with the same list: the position of the task that ended first.
int64_t awgrt_race_winner(awgrt_task *self, awgrt_task **tasks, int64_t count);
/// 1 if the task ended without a failure, so that its results may be read.
int32_t awgrt_task_succeeded(const awgrt_task *task);
/// Frees a done task, with its frame and an untaken failure. Its results must have been taken.
void awgrt_task_free(awgrt_task *task);

//===-- Channels ----------------------------------------------------------------------------------------------------===//

/// A new channel that holds up to `capacity` values, each of `leaves` 8-byte words; a channel of capacity 0 passes a value on
/// when both sides are there. `kinds` (copied) says what each word is (AWGRT_STR, AWGRT_ARRAY and AWGRT_CHAN are owned). A
/// negative capacity rejects at `place`.
awgrt_error *awgrt_chan_create(const awgrt_place *place, int64_t capacity, int32_t leaves, const uint8_t *kinds,
                               awgrt_chan **out_chan);
awgrt_chan *awgrt_chan_retain(awgrt_chan *chan);
/// Frees the channel, with the values still in it, once nobody uses it; null is allowed.
void awgrt_chan_release(awgrt_chan *chan);
/// Nothing can be sent any more; what was sent can still be received. What waits rejects with `channel closed`.
void awgrt_chan_close(awgrt_chan *chan);
/// No result. Takes over the value. Rejects with `channel closed`.
awgrt_task *awgrt_chan_send(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan, const uint64_t *value);
/// Results: the value. Rejects with `channel closed` once the channel is closed and empty.
awgrt_task *awgrt_chan_recv(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan);
/// The same for an arm of a race: awgrt_race begins it, and it sends or receives only if it is the first to end.
awgrt_task *awgrt_chan_send_later(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan, const uint64_t *value);
awgrt_task *awgrt_chan_recv_later(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan);
/// Results: 1 and the value, or 0 once the channel is closed and empty.
awgrt_task *awgrt_chan_next(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan);

AWGRT_END

#endif // AWG_RT_TASKS_H
