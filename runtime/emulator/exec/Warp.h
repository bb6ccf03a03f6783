// A warp: 32 lanes that execute a program together, with what it takes to let them part and meet again.
#ifndef AWG_EMULATOR_EXEC_WARP_H
#define AWG_EMULATOR_EXEC_WARP_H

#include "emulator/code/Code.h"
#include "emulator/exec/Fault.h"

#include <memory>
#include <vector>

namespace awg::emu {

struct Block;

/// A call in progress, or the entry itself.
struct Frame {
  const Code *code;
  uint32_t registerBase, registerTop; ///< bytes in the warp's register file
  uint32_t localBase, localTop;       ///< bytes in each thread's local memory
  uint32_t lanes;                     ///< that have not returned yet; 0: the frame is free
  int parent;
  uint32_t returnPc;
  const CallSite *site;
};

/// Lanes that wait where ways meet again.
struct Join {
  uint32_t pc;
  int frame;
  int parent;        ///< the join around this one, or -1
  uint32_t expected; ///< lanes that are still to meet here; 0: the join is free
  uint32_t arrived;
};

/// Lanes that execute together. The current ones are in the warp's own fields.
struct Split {
  uint32_t mask, pc;
  int frame, join;
  bool waitsForBarrier = false, waitsForLanes = false;
  uint32_t barrier = 0, phase = 0;
};

/// An asynchronous copy that nobody has waited for yet: `given` bytes are copied, the rest of `size` are zeros.
struct PendingCopy {
  uint64_t to, from;
  uint32_t size, given;
  uint8_t lane;
  uint32_t group;
  bool isBulk = false;
  uint64_t barrier = 0; ///< of a bulk copy: the mbarrier that is told, or 0 if it is in a group
};

/// A register file that grows and stays aligned for whole vectors.
class RegisterFile {
public:
  char *data() { return bytes.get(); }
  void reserve(size_t size);

private:
  struct Free {
    void operator()(char *p) const;
  };
  std::unique_ptr<char[], Free> bytes;
  size_t capacity = 0;
};

/// One warp of a block. Used by one thread at a time.
struct Warp {
  // What handlers use.
  const char *base[2] = {nullptr, nullptr}; ///< registers of the frame, end of the constants
  Block *block = nullptr;
  uint32_t mask = 0; ///< lanes of the current split
  uint32_t pc = 0;   ///< of the next operation
  uint32_t live = 0; ///< lanes that have not exited
  uint32_t index = 0;
  int frame = 0, join = -1;
  bool stopped = false; ///< the current split has ended or waits: another is due
  bool waitsForBarrier = false, waitsForLanes = false;
  uint32_t barrier = 0, phase = 0;
  bool maySpin = false; ///< something that a loop may wait for was read since the last backward branch
  uint32_t spins = 0, turns = 0; ///< of loops, since the last yield
  uint64_t allTurns = 0;         ///< before that
  const Op *ops = nullptr;      ///< of the current frame
  uint32_t joinPc = UINT32_MAX; ///< where the current split's join is, if that is in this frame
  uint32_t carry = 0;           ///< of add.cc and the like, a bit a lane
  uint32_t localStride = 0;     ///< bytes of a thread's local memory
  bool hasMet = false;          ///< its lanes have, since the checker looked
  uint64_t acquired = 0;        ///< the checker's time of what the warp saw last
  bool watches = false;         ///< it has seen more since: its last use was strong
  uint64_t executed = 0;        ///< thread instructions
  uint32_t tid[3][32];
  uint32_t copyGroups[32]; ///< groups of cp.async that each lane has committed
  uint32_t bulkGroups[32]; ///< and of cp.async.bulk
  std::vector<PendingCopy> copies;
  std::vector<Frame> frames;
  std::vector<Join> joins;
  std::vector<Split> splits; ///< all but the current one
  RegisterFile registerFile, localFile;

  /// Readies the warp for `lanes` of the entry `code`.
  void start(Block &owner, uint32_t warpIndex, const Code &code, uint32_t lanes);

  enum Outcome : uint8_t { Finished, Waiting, Yielded };
  /// Executes until all lanes have exited, all wait for a barrier, or a loop seems to wait for someone else.
  Outcome run();

  // For handlers.
  void branch(uint32_t taken, uint32_t target, uint32_t meet);
  void branchMany(const uint32_t *targets, uint32_t meet, uint32_t lanes);
  /// Lets `lanes` part from the current split: they go on at `at`, and both meet at `meet`.
  void splitOff(uint32_t lanes, uint32_t at, uint32_t meet);
  void exitLanes(uint32_t lanes);
  void call(const Code &callee, const CallSite &site, uint32_t lanes);
  void returnFrom();
  /// The current split waits for `number` to reach its next phase, with pc at the operation again.
  void waitAtBarrier(uint32_t number, uint32_t phase);
  /// The lanes to execute for, if all of `members` that live are at this operation, or one like it if it may be `anywhere`:
  /// else 0, and the split waits for them.
  uint32_t gather(uint32_t members, uint32_t lanes, bool anywhere = false);
  /// Lets others go on before the current split does.
  void yield();
  char *local(uint32_t lane) { return localFile.data() + size_t{lane} * localStride; }
  /// `bytes` more of local memory for the current frame, aligned; their offset.
  uint32_t extendFrame(uint32_t bytes, uint32_t align);
  /// Gives back what was added since the frame ended at `top`, if all its lanes say so.
  void shrinkFrame(uint32_t top, uint32_t lanes);
  const Frame &currentFrame() const { return frames[frame]; }

private:
  void enter(const Split &split);
  Split current() const { return {mask, pc, frame, join, waitsForBarrier, waitsForLanes, barrier, phase}; }
  bool pick();
  bool isReady(const Split &split) const;
  void arrive(int at, uint32_t lanes);
  bool releaseWaiting();
  int joinAt(uint32_t meet);
  void setJoin(int to);
  void setFrame(int to);
  void countTurn();
  void countAll();
  int newFrame(const Code &code, uint32_t lanes);
  bool isOfOneCall(const Split &split) const;
  void moveHere(Split &split);
  void reserveLocal(uint32_t bytes);
};

} // namespace awg::emu

#endif // AWG_EMULATOR_EXEC_WARP_H
