// What the lanes of a warp do together with matrices whose elements are spread over their registers. Products are exact, sums
// are of doubles and rounded once: more exact than hardware, so not the same bits where those of hardware are not.
#include "emulator/ops/Address.h"
#include "emulator/ops/HalfFloat.h"
#include "emulator/ops/Ops.h"

#include <algorithm>

using namespace awg::emu;

namespace {
/// All lanes of the warp have to be here: false while some are still to come.
bool isWhole(Warp &w, uint32_t lanes) {
  lanes = w.gather(~0u, lanes);
  if (lanes && lanes != ~0u)
    throw Fault{FaultKind::IllegalInstruction, "an operation on matrices without all lanes of the warp",
                uint32_t(std::countr_zero(lanes))};
  w.hasMet |= lanes != 0;
  return lanes;
}

/// Element `j` of a lane, in the bytes of its registers.
const char *elementAt(Warp &w, const Fragment &f, int lane, uint32_t j) {
  uint32_t size = sizeOf(f.type), whole = std::max(4u, size), each = whole / size;
  return source<char>(w, f.slots[j / each]) + lane * whole + j % each * size;
}
uint32_t elementsOf(const Fragment &f) { return f.slots.size() * std::max(4u, sizeOf(f.type)) / sizeOf(f.type); }

double read(Warp &w, const Fragment &f, int lane, uint32_t j) {
  const char *at = elementAt(w, f, lane, j);
  auto as = [at]<class T>(T value) {
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  switch (f.type) {
  case Type::F16:
    return fromF16(as(uint16_t()));
  case Type::BF16:
    return fromBF16(as(uint16_t()));
  case Type::TF32:
    return std::bit_cast<float>(as(uint32_t()) & ~0x1fffu);
  case Type::F32:
    return as(float());
  case Type::F64:
    return as(double());
  case Type::S8:
    return as(int8_t());
  case Type::U8:
    return as(uint8_t());
  default:
    return as(int32_t());
  }
}

void write(Warp &w, const MatrixSite &site, int lane, uint32_t j, double value) {
  char *at = const_cast<char *>(elementAt(w, site.d, lane, j));
  auto put = [at](auto bits) { std::memcpy(at, &bits, sizeof bits); };
  switch (site.d.type) {
  case Type::F16:
    return put(toF16(toOdd(value)));
  case Type::F32:
    return put(value != value ? std::bit_cast<float>(0x7fffffffu) : float(value));
  case Type::F64:
    return put(value);
  default:
    return put(int32_t(site.saturates ? int64_t(std::clamp<double>(value, INT32_MIN, INT32_MAX)) : int64_t(value)));
  }
}

/// The element's number, line by line, of matrix a or b: `lines` lines of `site.k`. Registers of mma have neighbours in a line;
/// four lanes share a line in turn, and the registers go down by eight lines first.
uint32_t placeOfFactor(const MatrixSite &site, const Fragment &f, uint32_t lines, int lane, uint32_t j) {
  if (site.isLinear)
    return (lane * elementsOf(f) + j) % (lines * site.k);
  uint32_t each = std::max(4u, sizeOf(f.type)) / sizeOf(f.type), r = j / each, down = lines / 8;
  uint32_t line = lane / 4 + 8 * (r % down), at = r / down * 4 * each + lane % 4 * each + j % each;
  return line * site.k + at;
}
/// The same of c and d.
uint32_t placeOfSum(const MatrixSite &site, const Fragment &f, int lane, uint32_t j) {
  return site.isLinear ? lane * elementsOf(f) + j : (lane / 4 + j / 2 * 8) * site.n + lane % 4 * 2 + j % 2;
}

void multiply(Warp &w, const Op &op, uint32_t lanes) {
  if (!isWhole(w, lanes))
    return;
  const MatrixSite &site = *op.matrix;
  std::vector<double> a(site.m * site.k), b(site.n * site.k), sum(site.m * site.n);
  for (int lane = 0; lane < 32; ++lane) {
    for (uint32_t j = 0; j < elementsOf(site.a); ++j)
      a[placeOfFactor(site, site.a, site.m, lane, j)] = read(w, site.a, lane, j);
    for (uint32_t j = 0; j < elementsOf(site.b); ++j)
      b[placeOfFactor(site, site.b, site.n, lane, j)] = read(w, site.b, lane, j);
    for (uint32_t j = 0; j < elementsOf(site.c); ++j)
      sum[placeOfSum(site, site.c, lane, j)] = read(w, site.c, lane, j);
  }
  for (uint32_t row = 0; row < site.m; ++row)
    for (uint32_t column = 0; column < site.n; ++column)
      for (uint32_t i = 0; i < site.k; ++i)
        sum[row * site.n + column] = std::fma(a[row * site.k + i], b[column * site.k + i], sum[row * site.n + column]);
  for (int lane = 0; lane < 32; ++lane)
    for (uint32_t j = 0; j < elementsOf(site.d); ++j)
      write(w, site, lane, j, sum[placeOfSum(site, site.d, lane, j)]);
}

/// What each lane's address is, of a row or of the whole.
void addresses(Warp &w, const Op &op, uint64_t (&address)[32]) {
  for (int i = 0; i < 32; ++i)
    address[i] = op.variant == Base64   ? source<uint64_t>(w, op.src[0])[i] + op.imm
                 : op.variant == Base32 ? uint32_t(source<uint32_t>(w, op.src[0])[i] + op.imm)
                                        : op.imm + (op.variant == FrameBase ? w.currentFrame().localBase : 0);
}

/// wmma.load and wmma.store, an element of each lane at a time. op.flag: lines are whole in memory; src[1]: from one to the
/// next.
template <Access access> void transfer(Warp &w, const Op &op, uint32_t lanes) {
  if (!isWhole(w, lanes))
    return;
  const MatrixSite &site = *op.matrix;
  uint64_t base[32], address[32], host[32];
  addresses(w, op, base);
  const uint32_t *stride = source<uint32_t>(w, op.src[1]);
  uint32_t each = elementsOf(site.d);
  for (uint32_t j = 0; j < each; ++j) {
    for (uint32_t i = 0; i < 32; ++i) {
      uint64_t place = (i * each + j) % (site.lines * site.each), line = place / site.each, at = place % site.each;
      address[i] = base[i] + (op.flag ? line * stride[i] + at : at * stride[i] + line) * op.size;
    }
    resolveAt(w, op, lanes, access, op.size, address, host);
    for (int i = 0; i < 32; ++i) {
      char *element = const_cast<char *>(elementAt(w, site.d, i, j)), *memory = reinterpret_cast<char *>(host[i]);
      std::memcpy(access == Access::Read ? element : memory, access == Access::Read ? memory : element, op.size);
    }
  }
}

/// Half `k` of the pair that a lane has of 8 x 8 halves, in the matrix by rows.
int placeInRows(int lane, int k, bool isTransposed) {
  int outer = lane / 4, inner = lane % 4 * 2 + k;
  return isTransposed ? inner * 8 + outer : outer * 8 + inner;
}

/// ldmatrix and stmatrix: lanes 8 * i and on give the rows of matrix i, which is in slot i.
template <Access access> void transferRows(Warp &w, const Op &op, uint32_t lanes) {
  if (!isWhole(w, lanes))
    return;
  const MatrixSite &site = *op.matrix;
  uint64_t address[32], host[32];
  addresses(w, op, address);
  resolveAt(w, op, ~0u >> (32 - 8 * site.lines), access, 16, address, host);
  for (uint32_t i = 0; i < site.lines; ++i)
    for (int lane = 0; lane < 32; ++lane)
      for (int k = 0; k < 2; ++k) {
        int place = placeInRows(lane, k, op.flag);
        char *element = const_cast<char *>(elementAt(w, site.d, lane, 2 * i + k));
        char *memory = reinterpret_cast<char *>(host[8 * i + place / 8]) + place % 8 * 2;
        std::memcpy(access == Access::Read ? element : memory, access == Access::Read ? memory : element, 2);
      }
}

void transpose(Warp &w, const Op &op, uint32_t lanes) {
  if (!isWhole(w, lanes))
    return;
  uint16_t rows[64];
  std::memcpy(rows, source<uint16_t>(w, op.src[0]), sizeof rows); // lane by lane that is row by row
  for (int lane = 0; lane < 32; ++lane)
    for (int k = 0; k < 2; ++k)
      registerAt<uint16_t>(w, op.dst)[lane * 2 + k] = rows[placeInRows(lane, k, true)];
}
} // namespace

Handler awg::emu::matrixHandler(std::string_view name) {
  if (name == "multiply")
    return multiply;
  if (name == "transpose")
    return transpose;
  if (name.ends_with("Rows"))
    return name == "loadRows" ? transferRows<Access::Read> : transferRows<Access::Write>;
  return name == "load" ? transfer<Access::Read> : transfer<Access::Write>;
}
