// Sends and receives that are arms of races: what meets them has effect on both ends or on none.
#include "ModelTest.h"

#include "Operation.h"
#include "async/Root.h"
#include "async/Runtime.h"

using namespace awg;
using namespace awg::model;
using test::here;

namespace {

/// Races of two operations at two channels without room, each of a thread that waits for it.
class Racing : public Scenario {
public:
  Racing() {
    const uint8_t kind = AWGRT_I64;
    for (awgrt_chan *&channel : channels)
      require(!awgrt_chan_create(&here, 0, 1, &kind, &channel), "there is no channel");
  }

protected:
  struct Racer {
    explicit Racer(Racing &all) : root(all.runtime) {}
    rt::Root root;
    awgrt_task *tasks[3] = {};
    int64_t winner = -1;

    bool succeeded(int arm) const { return awgrt_task_succeeded(tasks[arm]); }
    uint64_t value(int arm) const { return *static_cast<uint64_t *>(rt::results(tasks[arm])); }
    /// The arm that has happened; -1: none.
    int happened() const {
      for (int arm : {0, 1})
        require(rt::isDone(tasks[arm]), "an arm of a race that ended waits");
      require(!succeeded(0) || !succeeded(1), "both arms of a race happened");
      int arm = succeeded(0) ? 0 : succeeded(1) ? 1 : -1;
      require(arm < 0 || arm == winner, "an arm happened and did not win");
      return arm;
    }
  };

  void sendIn(Racer &racer, int arm, int channel) {
    uint64_t value = 7;
    racer.tasks[arm] = awgrt_chan_send_later(racer.root.task(), &here, channels[channel], &value);
  }
  void receiveIn(Racer &racer, int arm, int channel) {
    racer.tasks[arm] = awgrt_chan_recv_later(racer.root.task(), &here, channels[channel]);
  }
  void race(Racer &racer) {
    if (!awgrt_race(racer.root.task(), racer.tasks, 2))
      racer.root.wait();
    racer.winner = awgrt_race_winner(racer.root.task(), racer.tasks, 2);
  }

  awgrt_runtime runtime{onHost(0)};
  awgrt_chan *channels[2] = {};
};

/// Two races, each of a send and a receive, that meet at either channel.
class RacesMeet : public Racing {
public:
  RacesMeet() {
    sendIn(a, 0, 0), receiveIn(a, 1, 1);
    sendIn(b, 0, 1), receiveIn(b, 1, 0);
  }
  void run(int number) override { race(number == 0 ? a : b); }
  void end() override {
    int mine = a.happened(), others = b.happened();
    require(mine >= 0 && others == 1 - mine, "the races did not meet");
    require((mine == 0 ? b : a).value(1) == 7, "another value came");
  }

private:
  Racer a{*this}, b{*this};
};

TEST(ModelChannelRace, RacesMeet) { expectNoFailure<RacesMeet>({.threads = 2}); }

/// A race that receives from two channels, at each of which a send comes, which waits if it was not taken.
class TwoSendsMeetRace : public Racing {
public:
  TwoSendsMeetRace() {
    parent.runtime = &runtime;
    receiveIn(racer, 0, 0), receiveIn(racer, 1, 1);
  }
  void run(int number) override {
    if (number == 2)
      return race(racer);
    uint64_t value = uint64_t(number) + 1;
    sends[number] = awgrt_chan_send(&parent, &here, channels[number], &value);
  }
  void end() override {
    int arm = racer.happened();
    require(arm >= 0 && racer.value(arm) == uint64_t(arm) + 1, "another value came");
    require(awgrt_task_succeeded(sends[arm]) && !rt::isDone(sends[1 - arm]), "a value was lost");
  }

private:
  Racer racer{*this};
  awgrt_task parent = {};
  awgrt_task *sends[2] = {};
};

TEST(ModelChannelRace, TwoSendsMeetRace) { expectNoFailure<TwoSendsMeetRace>(); }

/// A race is cancelled as a value comes to one of its arms.
class CancelMeetsRace : public Racing {
public:
  CancelMeetsRace() {
    parent.runtime = &runtime;
    receiveIn(racer, 0, 0), sendIn(racer, 1, 1);
  }
  void run(int number) override {
    uint64_t value = 5;
    awgrt_task *task = racer.root.task();
    if (number == 0)
      race(racer);
    else if (number == 1)
      send = awgrt_chan_send(&parent, &here, channels[0], &value);
    else
      awgrt_cancel(&task, 1);
  }
  void end() override {
    bool isSent = racer.happened() == 0;
    require(isSent == awgrt_task_succeeded(send) && isSent == rt::isDone(send), "a value was lost");
    require(!isSent || racer.value(0) == 5, "another value came");
  }

private:
  Racer racer{*this};
  awgrt_task parent = {};
  awgrt_task *send = nullptr;
};

TEST(ModelChannelRace, CancelMeetsRace) { expectNoFailure<CancelMeetsRace>(); }

/// The channel that two races would meet at is closed meanwhile.
class CloseMeetsRaces : public Racing {
public:
  CloseMeetsRaces() {
    sendIn(a, 0, 0), receiveIn(a, 1, 1);
    receiveIn(b, 0, 0), receiveIn(b, 1, 1);
  }
  void run(int number) override {
    if (number == 2)
      awgrt_chan_close(channels[0]);
    else
      race(number == 0 ? a : b);
  }
  void end() override {
    require(a.happened() == b.happened() && a.happened() != 1, "a value was lost");
    require(a.winner == 0 && b.winner == 0, "an arm that did not end won");
  }

private:
  Racer a{*this}, b{*this};
};

TEST(ModelChannelRace, CloseMeetsRaces) { expectNoFailure<CloseMeetsRaces>(); }

/// A race loses one arm to a send while it begins the other, which meets a race: that one is not over by it.
class LostRaceMeetsRace : public Racing {
public:
  LostRaceMeetsRace() {
    parent.runtime = &runtime;
    receiveIn(a, 0, 0), receiveIn(a, 1, 1);
    sendIn(b, 0, 1), sendIn(b, 1, 1);
    require(!awgrt_race(b.root.task(), b.tasks, 2), "a race ended that nothing met");
  }
  void run(int number) override {
    if (number == 0)
      return race(a);
    uint64_t value = 5;
    send = awgrt_chan_send(&parent, &here, channels[0], &value);
    receive = awgrt_chan_recv(&parent, &here, channels[1]);
  }
  void end() override {
    int mine = a.happened();
    b.winner = awgrt_race_winner(b.root.task(), b.tasks, 2);
    require(mine >= 0 && b.happened() >= 0, "a race ended and nothing happened");
    require(awgrt_task_succeeded(send) == (mine == 0) && awgrt_task_succeeded(receive) == (mine == 0), "a value was lost");
  }

private:
  Racer a{*this}, b{*this};
  awgrt_task parent = {};
  awgrt_task *send = nullptr, *receive = nullptr;
};

TEST(ModelChannelRace, LostRaceMeetsRace) { expectNoFailure<LostRaceMeetsRace>({.threads = 2}); }

} // namespace
