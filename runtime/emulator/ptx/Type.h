// The types and state spaces of PTX.
#ifndef AWG_EMULATOR_PTX_TYPE_H
#define AWG_EMULATOR_PTX_TYPE_H

#include <cstdint>
#include <string_view>

namespace awg::emu {

/// A fundamental type of PTX, as in `.s32`.
enum class Type : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  U16x2,
  S16x2,
  F16,
  F16x2,
  BF16,
  BF16x2,
  TF32,
  F32,
  F32x2,
  F64
};

/// A state space; Generic where an instruction names none.
enum class Space : uint8_t { Generic, Reg, Const, Global, Local, Param, Shared };

/// The type that a directive such as `.s32` names, or None.
Type parseType(std::string_view directive);

/// The space that a directive such as `.shared` names; Generic if it names none.
Space parseSpace(std::string_view directive);

/// `.s32` of a type, for messages.
std::string_view nameOf(Type type);

/// In bytes; 1 for a predicate, 0 for None.
uint32_t sizeOf(Type type);

inline bool isSigned(Type type) { return type >= Type::S8 && type <= Type::S64; }
inline bool isUnsigned(Type type) { return type >= Type::U8 && type <= Type::U64; }
inline bool isBits(Type type) { return type >= Type::B8 && type <= Type::B128; }
inline bool isFloat(Type type) { return type >= Type::F16; }
inline bool isInteger(Type type) { return type >= Type::B8 && type <= Type::S64; }

} // namespace awg::emu

#endif // AWG_EMULATOR_PTX_TYPE_H
