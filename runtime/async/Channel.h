// Channels: bounded queues between tasks, and the operations that wait at them.
//
// A value is `leaves` words of 8 bytes, like a task's results; the channel, a waiting send or an ended receive owns it. At
// any time only senders wait (the channel is full) or only receivers (it is empty), those aside whose race another has won. One
// mutex a channel; operations are completed outside it.
//
// An operation that is an arm of a race is begun by the race, not where it is made, and has an effect only if it wins: whoever
// would end it notes it as the race's first to end before a value moves, and passes over it if another one is.
#ifndef AWG_RUNTIME_ASYNC_CHANNEL_H
#define AWG_RUNTIME_ASYNC_CHANNEL_H

#include "async/Sync.h"
#include "async/Task.h"

#include <atomic>

namespace awg::rt {

/// A send or a receive: a task, its value behind the header, its links in front.
struct ChannelOperation {
  enum Kind : uint8_t {
    Send,
    Receive, ///< rejects if the channel is closed and empty
    Next,    ///< gives 0 then, else 1 and the value
  };
  awgrt_chan *channel;
  ChannelOperation *next, *previous; ///< of those that wait at the same side
  Kind kind;
  bool isWaiting;                    ///< under the channel's mutex
  bool isLater;                      ///< a race begins it, and has not yet, or did not come to it
  awgrt_task **first;                ///< where the race that began it notes its first to end, else null
  alignas(16) char header[AWGRT_TASK_HEADER];
  uint64_t slots[1]; ///< of Next the first is whether there is a value

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }
  uint64_t *value() { return slots + (kind == Next); }
  static ChannelOperation *of(awgrt_task *task);
};

/// Operations that wait, in the order they came.
struct WaitingList {
  ChannelOperation *first = nullptr, *last = nullptr;

  void add(ChannelOperation *operation);
  void remove(ChannelOperation *operation);
};

/// The channels of a runtime, for the report of a deadlock.
class Channels {
public:
  /// Notes a channel that tasks of the runtime use.
  void add(awgrt_chan *channel);
  void remove(awgrt_chan *channel);
  /// Calls `visit` for each operation that waits. Nothing else may go on meanwhile.
  void forEachWaiting(void (*visit)(ChannelOperation &operation, void *context), void *context);

  /// Frees what is in all of them, and so those that lie in each other. No task is left.
  void empty();

  std::atomic<int64_t> waiting{0}; ///< operations
  Mutex races;                     ///< held, behind a channel's, while an operation wins its race

private:
  Mutex mutex;
  awgrt_chan *first = nullptr;
};

/// If `task` is an operation of a channel that waits for its race: begins it. `first` is where the race notes its first.
void beginInRace(awgrt_task *task, awgrt_task **first);

} // namespace awg::rt

/// A channel. Reference counted: it ends with its last user.
struct awgrt_chan {
  std::atomic<int64_t> references;
  awg::rt::Mutex mutex;
  int64_t capacity; ///< values
  int32_t leaves;   ///< words of a value
  bool isClosed;
  uint64_t *ring;   ///< room for `room` values, of which `count` from `first` on are there
  int64_t room, first, count;
  awg::rt::WaitingList senders, receivers;
  std::atomic<awg::rt::Runtime *> runtime; ///< which knows it; null before its first operation
  awgrt_chan *nextKnown, *previousKnown;
  uint8_t kinds[1]; ///< awgrt_kind of each leaf
};

#endif // AWG_RUNTIME_ASYNC_CHANNEL_H
