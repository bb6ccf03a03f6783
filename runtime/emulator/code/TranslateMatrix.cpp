// Translates what warps do with matrices: mma, wmma, ldmatrix, stmatrix, movmatrix.
#include "emulator/code/Translator.h"

#include <algorithm>
#include <charconv>

using namespace awg::emu;

/// `.m16n8k16`.
void Translator::takeShape(MatrixSite &site) {
  for (size_t i = 0; i < left.size(); ++i) {
    const char *at = left[i].data() + 2, *end = left[i].data() + left[i].size();
    if (!left[i].starts_with(".m"))
      continue;
    auto m = std::from_chars(at, end, site.m);
    if (m.ec != std::errc() || *m.ptr != 'n')
      continue;
    auto n = std::from_chars(m.ptr + 1, end, site.n);
    if (n.ec != std::errc() || (n.ptr != end && *n.ptr != 'k'))
      continue;
    if (n.ptr != end)
      std::from_chars(n.ptr + 1, end, site.k);
    left.erase(left.begin() + i);
    if (!site.m || !site.n || site.m > 64 || site.n > 64 || site.k > 64)
      break;
    return;
  }
  unsupported();
}

/// The registers of a matrix of `elements`, some of them more than once if it `repeats`.
void Translator::fragment(Fragment &to, const Operand &o, Type type, uint32_t elements, bool isResult, bool repeats) {
  if (o.kind != Operand::Vector)
    fail("'" + std::string(text()) + "' takes its matrices as registers in braces");
  to.type = type;
  Type registers = sizeOf(type) == 8 ? Type::B64 : Type::B32;
  uint32_t held = 32 * o.parts.size() * sizeOf(registers) / sizeOf(type);
  if (!held || (repeats ? held % elements : held != elements) || o.parts.size() > 16)
    fail("a matrix of '" + std::string(text()) + "' has " + std::to_string(o.parts.size()) + " registers");
  for (const Operand &part : o.parts)
    to.slots.push_back(isResult ? output(part, registers) : input(part, registers));
}

Op &Translator::emitMatrix(std::string_view name, std::unique_ptr<MatrixSite> site) {
  Op &op = emit(matrixHandler(name));
  op.matrix = site.get();
  code.matrices.push_back(std::move(site));
  return op;
}

/// `mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 d, a, b, c` and `wmma.mma.sync.aligned.row.col.m16n16k16.f32.f32`, whose
/// matrices are of f16 if it does not say.
void Translator::multiply(bool isLinear) {
  auto site = std::make_unique<MatrixSite>();
  site->isLinear = isLinear;
  take(".sync"), take(".aligned");
  takeShape(*site);
  site->saturates = take(".satfinite");
  size_t rows = std::erase(left, ".row"), columns = std::erase(left, ".col");
  if (isLinear)
    take(".rn");
  Type d = takeType(), a = Type::F16, b = Type::F16, c = takeType();
  if (!left.empty())
    a = c, b = takeType(), c = takeType();
  finishModifiers();
  count(4);
  auto is = [](Type type, std::initializer_list<Type> list) { return std::find(list.begin(), list.end(), type) != list.end(); };
  bool isInteger =
      is(a, {Type::S8, Type::U8}) && is(b, {Type::S8, Type::U8}) && c == Type::S32 && d == c;
  bool isFloat = a == b && ((a == Type::F16 && is(c, {Type::F16, Type::F32}) && is(d, {Type::F16, Type::F32})) ||
                            (is(a, {Type::BF16, Type::TF32}) && c == Type::F32 && d == c) ||
                            (a == Type::F64 && c == a && d == a));
  bool hasRows = site->m == 16 || (site->m == 8 && sizeOf(a) != 2);
  bool hasLayout = isLinear || (rows == 1 && columns == 1 && site->n == 8 && hasRows &&
                                site->k % (16 / std::min(4u, sizeOf(a))) == 0);
  if ((!isInteger && !isFloat) || !hasLayout || !site->k || (site->saturates && !isInteger))
    unsupported();
  fragment(site->a, operand(1), a, site->m * site->k, false, isLinear);
  fragment(site->b, operand(2), b, site->n * site->k, false, isLinear);
  fragment(site->c, operand(3), c, site->m * site->n, false, false);
  fragment(site->d, operand(0), d, site->m * site->n, true, false);
  emitMatrix("multiply", std::move(site));
}

void Translator::mma() { multiply(false); }

/// `wmma.load.a.sync.aligned.row.m16n16k16.global.f16 r, [p], stride`, `wmma.store.d...  [p], r, stride`, `wmma.mma...`.
void Translator::wmma() {
  if (take(".mma"))
    return multiply(true);
  bool isStore = take(".store");
  if (!isStore && !take(".load"))
    unsupported();
  std::string_view which = takeOf({".a", ".b", ".c", ".d"});
  auto site = std::make_unique<MatrixSite>();
  take(".sync"), take(".aligned");
  bool isRow = takeOf({".row", ".col"}) == ".row";
  takeShape(*site);
  Space space = takeSpace();
  Type type = takeType();
  finishModifiers();
  if (which.empty() || isStore != (which == ".d") || sizeOf(type) > 8 || !site->k)
    unsupported();
  count(2, 3);
  // An element's number is its row or column, times how many there are in one, plus its place there.
  uint32_t lines = which == ".b" ? site->n : site->m, each = which == ".a" || which == ".b" ? site->k : site->n;
  bool isWhole = isRow != (which == ".b");
  site->lines = lines, site->each = each;
  fragment(site->d, operand(isStore ? 1 : 0), type, lines * each, !isStore, true);
  int32_t stride = inst->operands.size() == 3 ? input(operand(2), Type::B32) : constant(isWhole ? each : lines, 4);
  Op &op = emitMatrix(isStore ? "store" : "load", std::move(site));
  op.size = sizeOf(type);
  op.flag = isWhole;
  op.src[1] = stride;
  address(op, operand(isStore ? 0 : 1), space);
}

/// `ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 r, [p]`, `stmatrix... [p], r`: 8 x 8 halves each, a lane's address is that
/// of a row.
void Translator::rowsOfMatrix() {
  bool isStore = inst->opcode == "stmatrix";
  auto site = std::make_unique<MatrixSite>();
  take(".sync"), take(".aligned");
  takeShape(*site);
  std::string_view times = takeOf({".x1", ".x2", ".x4"});
  bool isTransposed = take(".trans");
  Space space = takeSpace();
  Type type = takeType();
  finishModifiers();
  count(2);
  if (site->m != 8 || site->n != 8 || times.empty() || type != Type::B16)
    unsupported();
  site->lines = times[2] - '0';
  fragment(site->d, operand(isStore ? 1 : 0), Type::B16, 64 * site->lines, !isStore, false);
  Op &op = emitMatrix(isStore ? "storeRows" : "loadRows", std::move(site));
  op.size = 16;
  op.flag = isTransposed;
  address(op, operand(isStore ? 0 : 1), space == Space::Generic ? Space::Shared : space);
}

/// `movmatrix.sync.aligned.m8n8.trans.b16 d, a`.
void Translator::movmatrix() {
  auto site = std::make_unique<MatrixSite>();
  take(".sync"), take(".aligned");
  takeShape(*site);
  bool isTransposed = take(".trans");
  Type type = takeType();
  finishModifiers();
  count(2);
  if (site->m != 8 || site->n != 8 || !isTransposed || type != Type::B16)
    unsupported();
  int32_t a = input(operand(1), Type::B32), d = output(operand(0), Type::B32);
  Op &op = emitMatrix("transpose", std::move(site));
  op.dst = d;
  op.src[0] = a;
}
