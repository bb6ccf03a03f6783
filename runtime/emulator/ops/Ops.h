// Which handler executes what: the translator asks by name and type and gets null for what PTX does not have.
#ifndef AWG_EMULATOR_OPS_OPS_H
#define AWG_EMULATOR_OPS_OPS_H

#include "emulator/code/Code.h"

#include <string_view>

namespace awg::emu {

/// `add sub mul.lo mul.hi mul.wide mad.lo mad.hi mad.wide div rem abs neg min max and or xor not cnot mul24.lo mul24.hi
/// mad24.lo mad24.hi sad add.sat sub.sat mad.hi.sat add.cc addc addc.cc sub.cc subc subc.cc mad.lo.cc madc.lo ...`
Handler integerHandler(std::string_view name, Type type);

/// `shl shr shf.l.wrap shf.l.clamp shf.r.wrap shf.r.clamp popc clz bfind bfind.shiftamt brev bfe bfi bmsk.clamp
/// bmsk.wrap szext.clamp szext.wrap prmt prmt.f4e ... lop3 dp4a dp2a.lo dp2a.hi vabsdiff2 vabsdiff4 fns`; `imm` of
/// lop3 is its table, of dp4a, dp2a and vabsdiff bit 0 and 1: a, b are signed; `flag` of vabsdiff: the differences are added up.
Handler bitHandler(std::string_view name, Type type);

/// `add sub mul fma div sqrt rcp min max min.nan max.nan abs neg copysign` and the approximate functions `rsqrt sin cos
/// ex2 lg2 tanh rcp.approx64 rsqrt.approx64` of f32 and f64.
Handler floatHandler(std::string_view name, Type type);

/// `add sub mul fma fma.relu min max min.nan max.nan abs neg ex2 tanh` of f16, f16x2, bf16, bf16x2.
Handler halfHandler(std::string_view name, Type type);

/// Runs `op.inner` under the rounding and flushing of `op.control`, then clamps to [0, 1] if `op.flag`, `op.size`
/// telling the type.
Handler controlledHandler();

/// Comparison `eq ne lt le gt ge lo ls hi hs equ neu ltu leu gtu geu num nan` into a predicate. `op.variant`: how it
/// combines with the predicate `src[2]` (0 not, 1 and, 2 or, 3 xor; `op.flag` negates that); `dst2` gets the
/// complement.
Handler setpHandler(std::string_view comparison, Type type);

/// The same into a register of `to`: all ones, or 1.0.
Handler setHandler(std::string_view comparison, Type type, Type to);

/// `selp` of 2, 4, 8 bytes; its predicate is `src[2]`, `op.flag` negates it.
Handler selpHandler(uint32_t size);

/// `slct` of `size` bytes by the sign of an s32 or f32.
Handler slctHandler(uint32_t size, bool byFloat);

/// `testp.finite` and its like.
Handler testpHandler(std::string_view property, Type type);

/// What a conversion does, in `op.imm`.
struct ConvertSpec {
  Type to, from;
  uint8_t toBytes, fromBytes; ///< of the registers
  uint8_t integral;           ///< 0: none, 1: rni, 2: rzi, 3: rmi, 4: rpi
  uint8_t narrow;             ///< to f16, bf16, tf32: a Rounding
  uint8_t saturate;           ///< 1: sat, 2: relu, 4: satfinite, or-ed
  uint8_t flush;
};
static_assert(sizeof(ConvertSpec) == 8);

/// `cvt` between scalars.
Handler convertHandler(Type to, Type from, const ConvertSpec &spec);
/// `cvt.f16x2.f32 d, a, b` and its like.
Handler convertPairHandler();
/// Between `.e4m3x2` or `.e5m2x2`, where `to` or `from` is None, and f16x2 or two of f32.
Handler convertTinyHandler(std::string_view name, Type to, Type from);

/// Loads and stores of elements of `size` bytes, from and to registers of `registerSize` bytes.
Handler loadHandler(Type type, uint32_t registerSize);
Handler storeHandler(uint32_t size, uint32_t registerSize);

/// `add min max and or xor exch cas inc dec`; without a destination it is `red`.
Handler atomicHandler(std::string_view name, Type type);

/// `mov` between registers of `size` bytes; 0 for predicates.
Handler moveHandler(uint32_t size);
/// `mov.b64 {a, b}, c` and back: `vector` has the parts, of `op.size` bytes each, `op.count` of them.
Handler packHandler();
Handler unpackHandler();
/// Which special register a name such as `%tid.x` means: what the handler wants in `imm`; -1 if there is none such.
int specialIndex(std::string_view name);
/// Reads a special register into one of `size` bytes.
Handler specialHandler(uint32_t size);
/// The frame's place in local memory plus `op.imm`.
Handler frameAddressHandler(uint32_t size);
/// `alloca stacksave stackrestore`: a frame's local memory grows and shrinks; addresses have `size` bytes, `imm` is the
/// alignment.
Handler stackHandler(std::string_view name, uint32_t size);
/// Generic addresses: adds `op.imm`, the window.
Handler addressShiftHandler(uint32_t size);
/// `mapa`: src[0], if the rank src[1] is that of the only block there is.
Handler mapHandler(uint32_t size);
/// `isspacep`: `op.space` of src[0].
Handler isSpaceHandler();
/// `and or xor not mov` of predicates.
Handler predicateHandler(std::string_view name);

/// `shfl.up shfl.down shfl.bfly shfl.idx vote.all vote.any vote.uni vote.ballot match.any match.all redux.* activemask
/// bar.warp.sync elect`.
Handler warpHandler(std::string_view name, Type type);

/// `bra brx.idx call ret exit trap brkpt nanosleep fence bar.sync bar.arrive bar.red.popc bar.red.and bar.red.or end`.
Handler controlHandler(std::string_view name);

/// `copy` (of cp.async: it becomes visible when it is waited for), `commit`, `wait`, `arriveOnCopies`, the same of cp.async.bulk:
/// `bulk`, `bulk.commit`, `bulk.wait`, and `mbarrier.*`.
Handler asyncHandler(std::string_view name);

/// `multiply`, `load` and `store` of wmma, `loadRows` and `storeRows` of ldmatrix and stmatrix, `transpose`: see MatrixSite.
Handler matrixHandler(std::string_view name);

/// A function of the driver that device code declares and calls: `vprintf`, `__assertfail`; without a handler if it has none of that
/// name. The bytes of its parameters, and of its result.
struct SystemFunction {
  Handler handler = nullptr;
  std::vector<uint64_t> params;
  uint64_t result = 0;
};
/// Its operation finds the arguments in the frame at op.vector, and leaves its result at op.imm.
SystemFunction systemFunction(std::string_view name);

} // namespace awg::emu

#endif // AWG_EMULATOR_OPS_OPS_H
