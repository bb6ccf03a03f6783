// What device code calls of the driver: printf, malloc and free, and what a failed assert does.
#include "emulator/exec/Report.h"
#include "emulator/ops/Address.h"
#include "emulator/ops/Ops.h"

#include <algorithm>
#include <cstdio>

using namespace awg::emu;

namespace {
/// Longer texts are cut; those of device code are short.
constexpr size_t mostCharacters = 4096;

/// Argument `k` of the call: it lies in the caller's frame.
template <class T> T argument(Warp &w, const Op &op, int k, int lane) {
  T value;
  std::memcpy(&value, w.local(lane) + w.currentFrame().localBase + op.vector[k], sizeof(T));
  return value;
}

/// The result of the call lies there too.
template <class T> void setResult(Warp &w, const Op &op, int lane, T value) {
  std::memcpy(w.local(lane) + w.currentFrame().localBase + op.imm, &value, sizeof value);
}

/// What is at a generic address, checked like a load of the lane.
template <class T> T load(Warp &w, const Op &op, int lane, uint64_t address) {
  uint64_t addresses[32] = {}, host[32];
  addresses[lane] = address;
  resolveAt(w, op, 1u << lane, Access::Read, sizeof(T), addresses, host);
  T value;
  std::memcpy(&value, reinterpret_cast<const void *>(host[lane]), sizeof(T));
  return value;
}

std::string text(Warp &w, const Op &op, int lane, uint64_t address) {
  std::string text;
  if (!address)
    return "(null)";
  while (text.size() < mostCharacters)
    if (char c = load<char>(w, op, lane, address + text.size()))
      text += c;
    else
      break;
  return text;
}

/// The variable arguments of printf: each aligned to its size, one after the other.
class Values {
public:
  Values(Warp &w, const Op &op, int lane, uint64_t at) : w(w), op(op), lane(lane), at(at) {}

  template <class T> T take() {
    at = (at + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    T value = load<T>(w, op, lane, at);
    at += sizeof(T);
    ++count;
    return value;
  }
  std::string takeText() { return text(w, op, lane, take<uint64_t>()); }
  int taken() const { return count; }

private:
  Warp &w;
  const Op &op;
  int lane;
  uint64_t at;
  int count = 0;
};

template <class T> std::string print(const std::string &format, T value) {
  int length = std::snprintf(nullptr, 0, format.c_str(), value);
  std::string text(std::clamp<size_t>(std::max(length, 0), 0, mostCharacters), '\0');
  std::snprintf(text.data(), text.size() + 1, format.c_str(), value);
  return text;
}

/// One conversion, `%` to its letter at `i`, which is passed over; widths and precisions may be arguments.
std::string convert(const std::string &format, size_t &i, Values &values) {
  std::string spec = "%";
  auto is = [&](const char *set) { return i < format.size() && std::strchr(set, format[i]); };
  auto argument = [&] {
    ++i;
    return std::clamp(values.take<int32_t>(), -int(mostCharacters), int(mostCharacters));
  };
  auto number = [&] {
    if (is("*"))
      spec += std::to_string(argument());
    else
      while (is("0123456789") && spec.size() < 16)
        spec += format[i++];
  };
  while (is("-+ #0") && spec.size() < 8)
    spec += format[i++];
  number();
  if (is(".")) {
    size_t dot = spec.size();
    spec += format[i++];
    bool isGiven = is("*");
    number();
    if (isGiven && spec[dot + 1] == '-') // a negative precision is none
      spec.resize(dot);
  }
  bool isLong = false, isByte = false, isShort = false;
  for (; is("hljztL"); ++i) {
    isByte = isShort && format[i] == 'h';
    isShort = format[i] == 'h' && !isByte;
    isLong |= format[i] != 'h';
  }
  char letter = i < format.size() ? format[i++] : '%';
  if (std::strchr("fFeEgGaA", letter))
    return print(spec + letter, values.take<double>());
  if (letter == 's')
    return print(spec + letter, values.takeText().c_str());
  if (letter == 'p')
    return print("%#" + spec.substr(1) + "llx", static_cast<unsigned long long>(values.take<uint64_t>()));
  if (letter == 'c')
    return print(spec + letter, int(values.take<int32_t>()));
  if (!std::strchr("diouxX", letter))
    return letter == '%' ? "%" : spec + letter;
  int64_t value = isLong ? values.take<int64_t>() : values.take<int32_t>();
  bool isSigned = letter == 'd' || letter == 'i';
  if (isByte)
    value = isSigned ? int8_t(value) : uint8_t(value);
  else if (isShort)
    value = isSigned ? int16_t(value) : uint16_t(value);
  else if (!isLong && !isSigned)
    value = uint32_t(value);
  return print(spec + "ll" + letter, static_cast<long long>(value));
}

/// `vprintf(format, values)`: how many were printed is at op.imm of the frame. Threads print one after the other, at
/// once.
void printText(Warp &w, const Op &op, uint32_t lanes) {
  forLanes(lanes, [&](int lane) {
    std::string format = text(w, op, lane, argument<uint64_t>(w, op, 0, lane)), out;
    Values values(w, op, lane, argument<uint64_t>(w, op, 1, lane));
    for (size_t i = 0; i < format.size();)
      if (format[i] == '%')
        out += convert(format, ++i, values);
      else
        out += format[i++];
    std::fwrite(out.data(), 1, out.size(), stdout);
    setResult(w, op, lane, int32_t(values.taken()));
  });
  std::fflush(stdout);
}

/// `malloc(size)`: null when the heap is full.
void allocate(Warp &w, const Op &op, uint32_t lanes) {
  const Launch &launch = *w.block->launch;
  forLanes(lanes, [&](int lane) {
    uint64_t size = argument<uint64_t>(w, op, 0, lane);
    setResult(w, op, lane, size ? launch.memory->allocate(launch.device, size, MemoryKind::Heap, 16) : 0);
  });
}

/// `free(address)`.
void release(Warp &w, const Op &op, uint32_t lanes) {
  const Launch &launch = *w.block->launch;
  forLanes(lanes, [&](int lane) {
    uint64_t address = argument<uint64_t>(w, op, 0, lane);
    if (address && !launch.memory->release(address, MemoryKind::Heap))
      throw Fault{FaultKind::IllegalAddress,
                  "a free of " + hex(address) + ", which is not what malloc gave in a kernel: " +
                      launch.memory->explain(launch.device, address, 1),
                  uint32_t(lane)};
  });
}

/// `__assertfail(message, file, line, function, size of a character)`.
void failAssertion(Warp &w, const Op &op, uint32_t lanes) {
  int lane = std::countr_zero(lanes);
  auto textOf = [&](int k) { return text(w, op, lane, argument<uint64_t>(w, op, k, lane)); };
  throw Fault{FaultKind::Assert,
              "assertion failed: " + textOf(0) + ", " + textOf(1) + ":" +
                  std::to_string(argument<uint32_t>(w, op, 2, lane)) + ", in " + textOf(3),
              uint32_t(lane)};
}
} // namespace

SystemFunction awg::emu::systemFunction(std::string_view name) {
  if (name == "vprintf")
    return {printText, {8, 8}, 4};
  if (name == "malloc")
    return {allocate, {8}, 8};
  if (name == "free")
    return {release, {8}, 0};
  if (name == "__assertfail")
    return {failAssertion, {8, 8, 4, 8, 8}, 0};
  return {};
}
