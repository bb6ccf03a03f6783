// Channels: sending, receiving, closing, and what becomes of values that nobody takes.
#include "async/Channel.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "std/Text.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace awg::rt {

ChannelOperation *ChannelOperation::of(awgrt_task *task) {
  return reinterpret_cast<ChannelOperation *>(reinterpret_cast<char *>(task) - offsetof(ChannelOperation, header));
}

void WaitingList::add(ChannelOperation *operation) {
  operation->next = nullptr;
  operation->previous = last;
  (last ? last->next : first) = operation;
  last = operation;
}

void WaitingList::remove(ChannelOperation *operation) {
  (operation->previous ? operation->previous->next : first) = operation->next;
  (operation->next ? operation->next->previous : last) = operation->previous;
}

//===-- The channels of a runtime -----------------------------------------------------------------------------------===//

void Channels::add(awgrt_chan *channel) {
  Guard guard(mutex);
  channel->previousKnown = nullptr;
  channel->nextKnown = first;
  if (first)
    first->previousKnown = channel;
  first = channel;
}

void Channels::remove(awgrt_chan *channel) {
  Guard guard(mutex);
  (channel->previousKnown ? channel->previousKnown->nextKnown : first) = channel->nextKnown;
  if (channel->nextKnown)
    channel->nextKnown->previousKnown = channel->previousKnown;
}

void Channels::forEachWaiting(void (*visit)(ChannelOperation &operation, void *context), void *context) {
  Guard guard(mutex);
  for (awgrt_chan *channel = first; channel; channel = channel->nextKnown) {
    Guard inner(channel->mutex);
    for (WaitingList *list : {&channel->senders, &channel->receivers})
      for (ChannelOperation *operation = list->first; operation; operation = operation->next)
        visit(*operation, context);
  }
}

namespace {

//===-- Values ------------------------------------------------------------------------------------------------------===//

void copyValue(const awgrt_chan &channel, const uint64_t *from, uint64_t *to) {
  std::copy_n(from, channel.leaves, to);
}

/// Frees what a value owns.
void releaseValue(const awgrt_chan &channel, const uint64_t *value) {
  for (int32_t k = 0; k < channel.leaves; ++k) {
    void *leaf = reinterpret_cast<void *>(value[k]);
    if (channel.kinds[k] == AWGRT_STR)
      awgrt_str_release(static_cast<awgrt_str *>(leaf));
    else if (channel.kinds[k] == AWGRT_ARRAY)
      awgrt_array_release(static_cast<awgrt_array *>(leaf));
    else if (channel.kinds[k] == AWGRT_CHAN)
      awgrt_chan_release(static_cast<awgrt_chan *>(leaf));
  }
}

uint64_t *slotOf(awgrt_chan &channel, int64_t position) {
  return channel.ring + ((channel.first + position) % channel.room) * channel.leaves;
}

/// Makes room for twice as many values, up to the capacity.
void grow(awgrt_chan &channel) {
  int64_t room = std::min(channel.capacity, std::max<int64_t>(8, 2 * channel.room));
  size_t words = size_t(room) * size_t(std::max(channel.leaves, 1));
  auto *ring = static_cast<uint64_t *>(allocate(words * sizeof(uint64_t)));
  for (int64_t k = 0; k < channel.count; ++k)
    copyValue(channel, slotOf(channel, k), ring + k * channel.leaves);
  free(channel.ring);
  channel.ring = ring;
  channel.room = room;
  channel.first = 0;
}

void pushValue(awgrt_chan &channel, const uint64_t *value) {
  if (channel.count == channel.room)
    grow(channel);
  copyValue(channel, value, slotOf(channel, channel.count++));
}

void popValue(awgrt_chan &channel, uint64_t *to) {
  copyValue(channel, slotOf(channel, 0), to);
  channel.first = (channel.first + 1) % channel.room;
  --channel.count;
}

//===-- Operations --------------------------------------------------------------------------------------------------===//

void wait(ChannelOperation *operation, WaitingList &list) {
  operation->isWaiting = true;
  list.add(operation);
  operation->task()->runtime->channels.waiting.fetch_add(1, std::memory_order_seq_cst);
}

void stopWaiting(ChannelOperation *operation, WaitingList &list) {
  operation->isWaiting = false;
  list.remove(operation);
  operation->task()->runtime->channels.waiting.fetch_sub(1, std::memory_order_seq_cst);
}

std::atomic_ref<awgrt_task *> firstOf(const ChannelOperation &operation) { return std::atomic_ref(*operation.first); }

bool hasLost(const ChannelOperation &operation) {
  return operation.first && firstOf(operation).load(std::memory_order_acquire);
}

bool win(ChannelOperation &operation) {
  awgrt_task *none = nullptr;
  return firstOf(operation).compare_exchange_strong(none, operation.task(), std::memory_order_acq_rel);
}

/// Whether `operation`, which can end now, may: it is in no race, or wins it by this.
bool mayEnd(ChannelOperation &operation) {
  if (!operation.first)
    return true;
  Guard guard(operation.task()->runtime->channels.races);
  return win(operation);
}

/// Whether `operation`, which its race begins, and `partner`, which waits, may end together. None but those that hold the mutex
/// can end `operation` so early, so it wins if it has not lost.
bool mayEnd(ChannelOperation &operation, ChannelOperation &partner) {
  if (!operation.first)
    return mayEnd(partner);
  Guard guard(operation.task()->runtime->channels.races);
  return operation.first != partner.first && !hasLost(operation) && (!partner.first || win(partner)) && win(operation);
}

/// Takes the first that may end, with `partner` if there is one, out of the list.
ChannelOperation *takeFirst(WaitingList &list, ChannelOperation *partner = nullptr) {
  for (ChannelOperation *operation = list.first; operation; operation = operation->next)
    if (partner ? mayEnd(*partner, *operation) : mayEnd(*operation)) {
      stopWaiting(operation, list);
      return operation;
    }
  return nullptr;
}

/// Hands a receive its value.
void give(ChannelOperation *receive, const uint64_t *value) {
  copyValue(*receive->channel, value, receive->value());
  if (receive->kind == ChannelOperation::Next)
    receive->slots[0] = 1;
}

awgrt_error *closedError(const awgrt_place *place) {
  Text message;
  message.add("channel closed");
  return createError(place, message);
}

void cancelOperation(awgrt_task *task) {
  ChannelOperation *operation = ChannelOperation::of(task);
  awgrt_chan &channel = *operation->channel;
  bool isSend = operation->kind == ChannelOperation::Send;
  channel.mutex.lock();
  bool wasWaiting = operation->isWaiting;
  if (wasWaiting)
    stopWaiting(operation, isSend ? channel.senders : channel.receivers);
  channel.mutex.unlock();
  if (!wasWaiting && !operation->isLater)
    return;
  if (isSend)
    releaseValue(channel, operation->value());
  awgrt_task_complete(task, createCancellation(task->place));
}

void destroyOperation(awgrt_task *task) {
  ChannelOperation *operation = ChannelOperation::of(task);
  awgrt_chan_release(operation->channel);
  awgrt_frame_free(operation);
}

const TaskOps channelOps = {nullptr, cancelOperation, destroyOperation};

ChannelOperation *createOperation(awgrt_task *self, const awgrt_place *place, awgrt_chan *channel,
                                  ChannelOperation::Kind kind) {
  size_t size = sizeof(ChannelOperation) + size_t(channel->leaves) * sizeof(uint64_t);
  auto *operation = static_cast<ChannelOperation *>(awgrt_frame_alloc(size));
  beginOperation(operation->task(), &channelOps, self, place);
  operation->channel = awgrt_chan_retain(channel);
  operation->kind = kind;
  operation->isWaiting = false;
  operation->isLater = false;
  operation->first = nullptr;
  memset(operation->slots, 0, size - sizeof(ChannelOperation) + sizeof(uint64_t)); // a failed receive gives nothing to free
  Runtime *unknown = nullptr;
  if (!channel->runtime.load(std::memory_order_relaxed) &&
      channel->runtime.compare_exchange_strong(unknown, operation->task()->runtime))
    operation->task()->runtime->channels.add(channel);
  return operation;
}

/// Frees the values that are in a channel which nobody uses.
void drop(awgrt_chan &channel) {
  for (int64_t k = 0; k < channel.count; ++k)
    releaseValue(channel, slotOf(channel, k));
  channel.count = 0;
}

void end(awgrt_chan *channel) {
  drop(*channel);
  free(channel->ring);
  channel->~awgrt_chan();
  free(channel);
}

/// What has become of an operation that was begun.
enum class Begun { Lost, Waits, Ends };

void beginReceive(ChannelOperation *operation) {
  awgrt_chan *channel = operation->channel;
  awgrt_task *sent = nullptr;
  awgrt_error *error = nullptr;
  auto begun = Begun::Ends;
  channel->mutex.lock();
  if (hasLost(*operation)) {
    begun = Begun::Lost;
  } else if (channel->count > 0) {
    if (mayEnd(*operation)) {
      popValue(*channel, operation->value());
      operation->slots[0] = operation->kind == ChannelOperation::Next ? 1 : operation->slots[0];
      if (ChannelOperation *send = takeFirst(channel->senders)) {
        pushValue(*channel, send->value());
        sent = send->task();
      }
    } else {
      begun = Begun::Lost;
    }
  } else if (ChannelOperation *send = takeFirst(channel->senders, operation)) {
    give(operation, send->value());
    sent = send->task();
  } else if (!channel->isClosed) {
    wait(operation, channel->receivers);
    begun = Begun::Waits;
  } else if (!mayEnd(*operation)) {
    begun = Begun::Lost;
  } else if (operation->kind == ChannelOperation::Receive) {
    error = closedError(operation->task()->place);
  }
  operation->isLater = begun == Begun::Lost;
  channel->mutex.unlock();
  if (sent)
    awgrt_task_complete(sent, nullptr);
  if (begun == Begun::Ends)
    awgrt_task_complete(operation->task(), error);
}

void beginSend(ChannelOperation *operation) {
  awgrt_chan *channel = operation->channel;
  awgrt_task *received = nullptr;
  bool isClosed = false;
  auto begun = Begun::Ends;
  channel->mutex.lock();
  if (hasLost(*operation)) {
    begun = Begun::Lost;
  } else if (channel->isClosed) {
    isClosed = mayEnd(*operation);
    begun = isClosed ? Begun::Ends : Begun::Lost;
  } else if (ChannelOperation *receive = takeFirst(channel->receivers, operation)) {
    give(receive, operation->value());
    received = receive->task();
  } else if (channel->count == channel->capacity) {
    wait(operation, channel->senders);
    begun = Begun::Waits;
  } else if (mayEnd(*operation)) {
    pushValue(*channel, operation->value());
  } else {
    begun = Begun::Lost;
  }
  operation->isLater = begun == Begun::Lost;
  channel->mutex.unlock();
  if (isClosed)
    releaseValue(*channel, operation->value());
  if (received)
    awgrt_task_complete(received, nullptr);
  if (begun == Begun::Ends)
    awgrt_task_complete(operation->task(), isClosed ? closedError(operation->task()->place) : nullptr);
}

awgrt_task *receive(awgrt_task *self, const awgrt_place *place, awgrt_chan *channel, ChannelOperation::Kind kind) {
  ChannelOperation *operation = createOperation(self, place, channel, kind);
  beginReceive(operation);
  return operation->task();
}

/// A send that has not begun.
ChannelOperation *createSend(awgrt_task *self, const awgrt_place *place, awgrt_chan *channel, const uint64_t *value) {
  ChannelOperation *operation = createOperation(self, place, channel, ChannelOperation::Send);
  copyValue(*channel, value, operation->value());
  return operation;
}

} // namespace

void beginInRace(awgrt_task *task, awgrt_task **first) {
  if (!isOperation(task) || task->ops != &channelOps)
    return;
  ChannelOperation *operation = ChannelOperation::of(task);
  if (!operation->isLater)
    return;
  operation->first = first;
  if (operation->kind == ChannelOperation::Send)
    beginSend(operation);
  else
    beginReceive(operation);
}

void Channels::empty() {
  for (awgrt_chan *channel = first; channel; channel = channel->nextKnown)
    awgrt_chan_retain(channel); // so that none ends, and leaves the list, before all are empty
  for (awgrt_chan *channel = first; channel; channel = channel->nextKnown)
    drop(*channel);
  for (awgrt_chan *channel = first, *next; channel; channel = next) {
    next = channel->nextKnown;
    awgrt_chan_release(channel);
  }
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_chan_create(const awgrt_place *place, int64_t capacity, int32_t leaves, const uint8_t *kinds,
                               awgrt_chan **out_chan) {
  if (capacity < 0) {
    Text message;
    message.add("the capacity of a channel is ").addSigned(capacity).add(", and must be at least 0");
    return createError(place, message);
  }
  void *memory = allocate(sizeof(awgrt_chan) + size_t(leaves));
  auto *channel = new (memory) awgrt_chan{};
  channel->references.store(1, std::memory_order_relaxed);
  channel->capacity = capacity;
  channel->leaves = leaves;
  std::copy_n(kinds, leaves, channel->kinds);
  *out_chan = channel;
  return nullptr;
}

awgrt_chan *awgrt_chan_retain(awgrt_chan *chan) {
  chan->references.fetch_add(1, std::memory_order_relaxed);
  return chan;
}

/// Channels that end with what was left in a channel follow it, however many there are, rather than end inside its end.
void awgrt_chan_release(awgrt_chan *chan) {
  if (!chan || chan->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (Runtime *runtime = chan->runtime.load(std::memory_order_acquire))
    runtime->channels.remove(chan);
  thread_local awgrt_chan *next = nullptr;
  thread_local bool isEnding = false;
  chan->nextKnown = next;
  next = chan;
  if (isEnding)
    return;
  isEnding = true;
  while (awgrt_chan *ended = next) {
    next = ended->nextKnown;
    end(ended);
  }
  isEnding = false;
}

awgrt_task *awgrt_chan_send(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan, const uint64_t *value) {
  ChannelOperation *operation = createSend(self, place, chan, value);
  beginSend(operation);
  return operation->task();
}

awgrt_task *awgrt_chan_send_later(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan, const uint64_t *value) {
  ChannelOperation *operation = createSend(self, place, chan, value);
  operation->isLater = true;
  return operation->task();
}

awgrt_task *awgrt_chan_recv(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan) {
  return receive(self, place, chan, ChannelOperation::Receive);
}

awgrt_task *awgrt_chan_recv_later(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan) {
  ChannelOperation *operation = createOperation(self, place, chan, ChannelOperation::Receive);
  operation->isLater = true;
  return operation->task();
}

awgrt_task *awgrt_chan_next(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan) {
  return receive(self, place, chan, ChannelOperation::Next);
}

void awgrt_chan_close(awgrt_chan *chan) {
  chan->mutex.lock();
  chan->isClosed = true;
  WaitingList ended;
  while (ChannelOperation *operation = takeFirst(chan->senders))
    ended.add(operation);
  while (ChannelOperation *operation = takeFirst(chan->receivers))
    ended.add(operation);
  chan->mutex.unlock();
  while (ChannelOperation *operation = ended.first) {
    ended.first = operation->next;
    if (operation->kind == ChannelOperation::Send)
      releaseValue(*chan, operation->value());
    awgrt_task *task = operation->task();
    awgrt_task_complete(task, operation->kind == ChannelOperation::Next ? nullptr : closedError(task->place));
  }
}
