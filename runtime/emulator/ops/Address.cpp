// From an operation's address operand to the bytes that each lane means.
#include "emulator/ops/Address.h"

#include "emulator/exec/Report.h"
#include "emulator/memory/Checker.h"

#include <algorithm>

using namespace awg::emu;

namespace {
const char *verb(Access access) {
  return access == Access::Read ? "read" : access == Access::Write ? "write" : "atomic operation";
}

[[noreturn]] void bad(FaultKind kind, Access access, uint32_t bytes, uint32_t lane, const std::string &where) {
  throw Fault{kind, std::string("invalid ") + verb(access) + " of " + std::to_string(bytes) + " bytes at " + where,
              lane};
}

uint64_t globalAddress(Warp &warp, const Op &op, Access access, uint32_t bytes, uint32_t lane, uint64_t address) {
  Block &block = *warp.block;
  AddressRange &range = block.ranges[op.cacheSlot];
  const Memory &memory = *block.launch->memory;
  bool isKnown = address >= range.begin && address + bytes <= range.end;
  if (!isKnown && memory.check(block.launch->device, address, bytes, range) != AccessFault::None)
    bad(FaultKind::IllegalAddress, access, bytes, lane,
        hex(address) + ", " + memory.explain(block.launch->device, address, bytes));
  if (range.isConstant && access != Access::Read) {
    Allocation a;
    memory.find(address, a);
    bad(FaultKind::InvalidAddressSpace, access, bytes, lane,
        hex(address) + " of the variable '" + a.name + "', which is constant");
  }
  return address;
}

uint64_t sharedAddress(Warp &warp, Access access, uint32_t bytes, uint32_t lane, uint64_t offset) {
  Block &block = *warp.block;
  uint64_t end = offset < dynamicSharedOffset ? block.staticShared : dynamicSharedOffset + block.launch->dynamicShared;
  if (offset + bytes > end || offset + bytes < offset)
    bad(FaultKind::IllegalAddress, access, bytes, lane,
        hex(offset) + " of shared memory, which has " + std::to_string(block.staticShared) + " bytes at 0x0 and " +
            std::to_string(block.launch->dynamicShared) + " at " + hex(dynamicSharedOffset));
  return reinterpret_cast<uint64_t>(block.sharedBytes()) + offset;
}

uint64_t localAddress(Warp &warp, Access access, uint32_t bytes, uint32_t lane, uint64_t offset) {
  uint64_t end = warp.currentFrame().localTop;
  if (offset + bytes > end || offset + bytes < offset)
    bad(FaultKind::IllegalAddress, access, bytes, lane,
        hex(offset) + " of local memory, which has " + std::to_string(end) + " bytes");
  return reinterpret_cast<uint64_t>(warp.local(lane)) + offset;
}

uint64_t paramAddress(Warp &warp, Access access, uint32_t bytes, uint32_t lane, uint64_t offset) {
  const Launch &launch = *warp.block->launch;
  if (access != Access::Read)
    bad(FaultKind::InvalidAddressSpace, access, bytes, lane, hex(offset) + " of the parameters, which are constant");
  if (offset + bytes > launch.code->paramBytes || offset + bytes < offset)
    bad(FaultKind::IllegalAddress, access, bytes, lane,
        hex(offset) + " of the parameters, which have " + std::to_string(launch.code->paramBytes) + " bytes");
  return reinterpret_cast<uint64_t>(launch.params.data()) + offset;
}

uint64_t addressIn(Space space, Warp &warp, const Op &op, Access access, uint32_t bytes, uint32_t lane,
                   uint64_t address) {
  switch (space) {
  case Space::Shared:
    return sharedAddress(warp, access, bytes, lane, address);
  case Space::Local:
    return localAddress(warp, access, bytes, lane, address);
  case Space::Param:
    return paramAddress(warp, access, bytes, lane, address >= paramWindow ? address - paramWindow : address);
  case Space::Generic:
    break;
  default:
    return globalAddress(warp, op, access, bytes, lane, address);
  }
  switch (address >> 56) {
  case 0:
    return globalAddress(warp, op, access, bytes, lane, address);
  case sharedWindow >> 56:
    return sharedAddress(warp, access, bytes, lane, address - sharedWindow);
  case localWindow >> 56:
    return localAddress(warp, access, bytes, lane, address - localWindow);
  case paramWindow >> 56:
    return paramAddress(warp, access, bytes, lane, address - paramWindow);
  default:
    bad(FaultKind::IllegalAddress, access, bytes, lane, hex(address) + ", which is no address");
  }
}

void misaligned(Access access, uint32_t bytes, uint32_t lanes, const uint64_t (&address)[32]) {
  forLanes(lanes, [&](int i) {
    if (address[i] & (bytes - 1))
      bad(FaultKind::Misaligned, access, bytes, i, hex(address[i]) + ", which is not aligned");
  });
}

/// Forgets the ranges that are remembered if an allocation has ended since.
void refresh(Block &block) {
  uint64_t epoch = block.launch->memory->epoch();
  if (epoch == block.memoryEpoch)
    return;
  block.ranges = {};
  block.memoryEpoch = epoch;
}
} // namespace

void awg::emu::resolveAt(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes,
                         const uint64_t (&address)[32], uint64_t (&host)[32]) {
  Block &block = *warp.block;
  refresh(block);
  uint64_t low = UINT64_MAX, high = 0, bits = 0;
  auto add = [&](int i) {
    low = std::min(low, address[i]);
    high = std::max(high, address[i]);
    bits |= address[i];
  };
  if (lanes == ~0u)
    for (int i = 0; i < 32; ++i)
      add(i);
  else
    forLanes(lanes, add);
  if (bits & (bytes - 1))
    misaligned(access, bytes, lanes, address);
  bool isGlobal = op.space == Space::Global || op.space == Space::Generic || op.space == Space::Const;
  const AddressRange &range = block.ranges[op.cacheSlot];
  if (isGlobal && low >= range.begin && high + bytes <= range.end && (access == Access::Read || !range.isConstant))
    std::memcpy(host, address, sizeof host);
  else
    forLanes(lanes, [&](int i) { host[i] = addressIn(op.space, warp, op, access, bytes, i, address[i]); });
  if (block.launch->checker)
    block.launch->checker->access(warp, op, lanes, access, bytes, host);
}

uint64_t awg::emu::resolveRange(Warp &warp, const Op &op, uint32_t lane, Access access, uint32_t bytes,
                                uint64_t address) {
  constexpr uint32_t piece = 16;
  if (address % piece || bytes % piece)
    bad(FaultKind::Misaligned, access, bytes, lane, hex(address) + ", which are not aligned to 16");
  refresh(*warp.block);
  uint64_t host[32] = {};
  uint64_t begin = host[lane] = addressIn(op.space, warp, op, access, bytes, lane, address);
  if (Checker *checker = warp.block->launch->checker)
    for (; host[lane] < begin + bytes; host[lane] += piece)
      checker->access(warp, op, 1u << lane, access, piece, host);
  return begin;
}

void awg::emu::resolve(Warp &warp, const Op &op, uint32_t lanes, Access access, uint64_t (&host)[32]) {
  alignas(64) uint64_t address[32];
  uint64_t offset = op.imm;
  if (op.variant == Base64) {
    const uint64_t *base = source<uint64_t>(warp, op.src[0]);
    for (int i = 0; i < 32; ++i)
      address[i] = base[i] + offset;
  } else if (op.variant == Base32) {
    const uint32_t *base = source<uint32_t>(warp, op.src[0]);
    for (int i = 0; i < 32; ++i)
      address[i] = uint32_t(base[i] + uint32_t(offset));
  } else {
    if (op.variant == FrameBase)
      offset += warp.currentFrame().localBase;
    for (uint64_t &a : address)
      a = offset;
  }
  resolveAt(warp, op, lanes, access, uint32_t{op.size} * op.count, address, host);
}
