// Translated functions: decoded operations that whole warps execute.
#ifndef AWG_EMULATOR_CODE_CODE_H
#define AWG_EMULATOR_CODE_CODE_H

#include "emulator/ptx/Syntax.h"

#include <climits>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace awg::emu {

struct Code;
struct Op;
struct Warp;

/// Executes one operation for the lanes whose bits are set, never none.
using Handler = void (*)(Warp &warp, const Op &op, uint32_t lanes);

/// No register: a result that is thrown away, an operand that is not there.
constexpr int32_t noSlot = INT_MIN;

/// Where no lanes meet.
constexpr uint32_t noJoin = UINT32_MAX;

/// Where generic addresses of the spaces that are no memory of a device begin; each is 4 GiB.
constexpr uint64_t sharedWindow = uint64_t{1} << 56;
constexpr uint64_t localWindow = uint64_t{2} << 56;
constexpr uint64_t paramWindow = uint64_t{3} << 56;
/// Addresses of functions: the window, plus the index in the module's table.
constexpr uint64_t codeWindow = uint64_t{4} << 56;

/// Where dynamic shared memory begins in a block's shared memory. What a kernel declares ends before it.
constexpr uint32_t dynamicSharedOffset = 48 * 1024;

/// A piece of a parameter's bytes that a call moves between frames of local memory.
struct CallMove {
  uint32_t from, to, size;
};

/// What a call needs beyond an operation's fields.
struct CallSite {
  const Code *callee = nullptr; ///< null: `src[0]` has the address
  std::vector<CallMove> arguments, results;
};

/// Elements of a matrix in a lane's registers, of 4 bytes or the element's size.
struct Fragment {
  Type type = Type::None;
  std::vector<int32_t> slots;
};

/// What an operation on matrices needs beyond an operation's fields: d = a * b + c, or d alone.
struct MatrixSite {
  uint32_t m = 0, n = 0, k = 0;
  bool isLinear = false;  ///< fragments are those of wmma: element by element, lane by lane
  bool saturates = false; ///< integers
  uint32_t lines = 0, each = 0; ///< of a matrix in memory
  Fragment d, a, b, c;
};

/// One operation. Slots are byte offsets: from 0 into the frame's registers, below 0 into the function's constants.
struct Op {
  Handler run = nullptr;
  Handler inner = nullptr; ///< what a handler that wraps another runs
  int32_t guard = noSlot;  ///< a predicate
  bool guardNegated = false;
  Space space = Space::Generic;
  uint8_t size = 0;    ///< bytes of an element in memory
  uint8_t count = 1;   ///< elements in memory
  uint8_t variant = 0; ///< what a handler's table says
  bool flag = false;
  bool isStrong = false;  ///< of memory: volatile, relaxed, acquire or release
  bool isOfBlock = false; ///< of memory, a fence: only the block need see it as strong
  bool isRelease = false; ///< of memory: what came before is seen by who sees this
  bool isCached = false;  ///< of a load: through the cache for what the launch does not write
  bool readsToo = false;  ///< of an atomic operation: the old value matters
  bool isOfSwap = false;  ///< a compare-and-swap, or what may be the load before it: may be of more bytes than are meant
  uint16_t cacheSlot = 0; ///< of the ranges that a worker remembers
  int32_t dst = noSlot, dst2 = noSlot;
  int32_t src[4] = {noSlot, noSlot, noSlot, noSlot};
  int32_t vector[8] = {noSlot, noSlot, noSlot, noSlot, noSlot, noSlot, noSlot, noSlot};
  int64_t imm = 0;
  uint32_t target = 0;  ///< of a branch
  uint32_t join = 0;    ///< where the two ways of a branch meet
  uint32_t control = 0; ///< of the floating-point unit: MXCSR
  const CallSite *call = nullptr;
  const MatrixSite *matrix = nullptr;
  const std::vector<uint32_t> *targets = nullptr; ///< of brx.idx
  uint32_t instruction = 0;                       ///< index into Code::places
};

/// Where an operation comes from.
struct Place {
  uint32_t line = 0; ///< in the PTX text
  SourceLine source;
};

/// A translated function.
struct Code {
  const Function *function = nullptr;
  std::string name;
  bool isEntry = false;
  std::vector<Op> ops; ///< the last one returns
  std::vector<Place> places;
  uint32_t firstPlace = 0; ///< among those of the program
  std::vector<uint64_t> constants; ///< 32 words each; `end` of the data is offset 0
  uint32_t registerBytes = 0;      ///< of a frame, a multiple of 64
  uint32_t localBytes = 0;         ///< of a thread's frame
  uint32_t paramBytes = 0;         ///< of an entry
  uint32_t sharedBytes = 0;        ///< static, of an entry with all that it calls
  const Variable *reservedShared = nullptr; ///< what of that the driver clears, if there is some
  bool callsOthers = false;
  std::vector<const Variable *> sharedUsed;
  std::vector<const Code *> callees;
  std::vector<uint32_t> loads; ///< operations that load
  uint32_t swapSizes = 0;      ///< of compare-and-swaps, in bytes, or-ed
  std::vector<std::unique_ptr<CallSite>> calls;
  std::vector<std::unique_ptr<MatrixSite>> matrices;
  std::vector<std::unique_ptr<std::vector<uint32_t>>> targetLists;
  /// A register in a frame: where, and its bytes in a lane, 0 for a predicate.
  struct RegisterPlace {
    uint32_t offset, size;
  };
  std::vector<RegisterPlace> registers;

  const char *constantsEnd() const { return reinterpret_cast<const char *>(constants.data() + constants.size()); }
  uint32_t endPc() const { return ops.size() - 1; }
};

/// A module's code. Variables of the module have their addresses when it is made.
struct Program {
  std::unique_ptr<PtxModule> module;
  std::vector<std::unique_ptr<Code>> functions; ///< an index is a function's address, less the window
  std::map<const Function *, Code *> codeOf;

  const Code *find(std::string_view name) const {
    auto f = module->functionOf.find(name);
    return f == module->functionOf.end() || !f->second->hasBody ? nullptr : codeOf.at(f->second);
  }
};

/// Translates all functions of `module`, whose variables in global and constant space have their addresses.
/// Throws PtxError.
std::unique_ptr<Program> translate(std::unique_ptr<PtxModule> module);

} // namespace awg::emu

#endif // AWG_EMULATOR_CODE_CODE_H
