// Names and sizes of the types of PTX.
#include "emulator/ptx/Type.h"

using namespace awg::emu;

namespace {
struct Row {
  std::string_view name;
  Type type;
  uint32_t size;
};

constexpr Row rows[] = {
    {".none", Type::None, 0},   {".pred", Type::Pred, 1},   {".b8", Type::B8, 1},         {".b16", Type::B16, 2},
    {".b32", Type::B32, 4},     {".b64", Type::B64, 8},     {".b128", Type::B128, 16},    {".u8", Type::U8, 1},
    {".u16", Type::U16, 2},     {".u32", Type::U32, 4},     {".u64", Type::U64, 8},       {".s8", Type::S8, 1},
    {".s16", Type::S16, 2},     {".s32", Type::S32, 4},     {".s64", Type::S64, 8},       {".u16x2", Type::U16x2, 4},
    {".s16x2", Type::S16x2, 4}, {".f16", Type::F16, 2},
    {".f16x2", Type::F16x2, 4}, {".bf16", Type::BF16, 2},   {".bf16x2", Type::BF16x2, 4}, {".tf32", Type::TF32, 4},
    {".f32", Type::F32, 4},     {".f32x2", Type::F32x2, 8}, {".f64", Type::F64, 8},
};
} // namespace

Type awg::emu::parseType(std::string_view directive) {
  for (const Row &row : rows)
    if (row.name == directive)
      return row.type;
  return Type::None;
}

Space awg::emu::parseSpace(std::string_view directive) {
  // Without clusters a block's own shared memory is all there is of the cluster's; an entry's parameters are
  // `param::entry`.
  directive = directive.substr(0, directive.find("::"));
  if (directive == ".global")
    return Space::Global;
  if (directive == ".shared")
    return Space::Shared;
  if (directive == ".local")
    return Space::Local;
  if (directive == ".param")
    return Space::Param;
  if (directive == ".const")
    return Space::Const;
  return directive == ".reg" ? Space::Reg : Space::Generic;
}

std::string_view awg::emu::nameOf(Type type) { return rows[static_cast<uint8_t>(type)].name; }

uint32_t awg::emu::sizeOf(Type type) { return rows[static_cast<uint8_t>(type)].size; }
