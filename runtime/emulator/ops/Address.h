// From an operation's address operand to the bytes that each lane means.
#ifndef AWG_EMULATOR_OPS_ADDRESS_H
#define AWG_EMULATOR_OPS_ADDRESS_H

#include "emulator/ops/Lanes.h"

namespace awg::emu {

/// What an operation does to memory.
enum class Access : uint8_t { Read, Write, Atomic };

/// Where the base of an address is: Op::variant of memory operations.
enum AddressBase : uint8_t { NoBase, Base32, Base64, FrameBase };

/// The host's addresses of `op.count` elements of `op.size` bytes, for each of `lanes`; checked for bounds and
/// alignment, and by the launch's checker. Throws Fault.
void resolve(Warp &warp, const Op &op, uint32_t lanes, Access access, uint64_t (&host)[32]);

/// The same for addresses that are given, in generic space or that of `op`.
void resolveAt(Warp &warp, const Op &op, uint32_t lanes, Access access, uint32_t bytes, const uint64_t (&address)[32],
               uint64_t (&host)[32]);

/// The host's address of `bytes` bytes from `address` on, a multiple of 16 both, for one lane; checked likewise. Throws Fault.
uint64_t resolveRange(Warp &warp, const Op &op, uint32_t lane, Access access, uint32_t bytes, uint64_t address);

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_ADDRESS_H
