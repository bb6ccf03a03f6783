// Channels: a value arrives once or not at all, and whoever waits is told.
#include "ModelTest.h"

#include "Operation.h"
#include "async/Runtime.h"

using namespace awg;
using namespace awg::model;
using test::here;

namespace {

/// Threads that use a channel of the given capacity. Its operations are awaited by nobody: they end, or wait for ever.
template <int Capacity> class Using : public Scenario {
public:
  Using() {
    parent.runtime = &runtime;
    const uint8_t kind = AWGRT_I64;
    require(!awgrt_chan_create(&here, Capacity, 1, &kind, &channel), "there is no channel");
  }

protected:
  void send(int number, uint64_t value) { operations[number] = awgrt_chan_send(&parent, &here, channel, &value); }
  void receive(int number) { operations[number] = awgrt_chan_recv(&parent, &here, channel); }
  bool succeeded(int number) const { return awgrt_task_succeeded(operations[number]); }
  bool ended(int number) const { return rt::isDone(operations[number]); }
  uint64_t value(int number) const { return *static_cast<uint64_t *>(rt::results(operations[number])); }

  awgrt_runtime runtime{onHost(0)};
  awgrt_task parent = {};
  awgrt_chan *channel = nullptr;
  awgrt_task *operations[4] = {};
};

template <int Capacity> class SendReceiveClose : public Using<Capacity> {
public:
  void run(int number) override {
    if (number == 0)
      this->send(0, 7);
    else if (number == 1)
      this->receive(1);
    else
      awgrt_chan_close(this->channel);
  }
  void end() override {
    require(this->ended(0) && this->ended(1), "an operation waits at a closed channel");
    require(!this->succeeded(1) || (this->succeeded(0) && this->value(1) == 7), "a value came from nowhere");
    require(Capacity > 0 || this->succeeded(0) == this->succeeded(1), "a value was sent and nobody has it");
  }
};

TEST(ModelChannel, RendezvousMeetsClose) { expectNoFailure<SendReceiveClose<0>>(); }
TEST(ModelChannel, BufferMeetsClose) { expectNoFailure<SendReceiveClose<1>>(); }

/// A receive that waits is cancelled as its value comes; then another takes it.
class SendMeetsCancel : public Using<0> {
public:
  SendMeetsCancel() { receive(1); }
  void run(int number) override {
    if (number == 0)
      send(0, 7);
    else if (number == 1)
      awgrt_cancel(&operations[1], 1);
    else
      receive(2);
  }
  void end() override {
    require(ended(1), "a cancelled operation waits");
    int taken = succeeded(1) + succeeded(2);
    require(ended(0) && succeeded(0) && taken == 1, "a value was lost or taken twice");
    require(value(succeeded(1) ? 1 : 2) == 7, "another value came");
  }
};

TEST(ModelChannel, SendMeetsCancel) { expectNoFailure<SendMeetsCancel>(); }

/// Two senders and one receiver at a channel with room for one.
class TwoSenders : public Using<1> {
public:
  void run(int number) override {
    if (number < 2)
      return send(number, uint64_t(number) + 1);
    receive(2);
    receive(3);
  }
  void end() override {
    for (int i = 0; i < 4; ++i)
      require(succeeded(i), "an operation did not succeed");
    require(value(2) + value(3) == 3 && value(2) != value(3), "a value was lost or taken twice");
  }
};

TEST(ModelChannel, TwoSenders) { expectNoFailure<TwoSenders>(); }

} // namespace
