// Which parts of an array's bytes are valid where.
#ifndef AWG_RUNTIME_MEMORY_SEGMENTS_H
#define AWG_RUNTIME_MEMORY_SEGMENTS_H

#include "memory/List.h"

namespace awg::rt {

/// A set of places: bit 0 is the host, bit 1 + k the GPU of number k.
using Places = uint64_t;

constexpr Places onHost = 1;
constexpr Places onGpu(int32_t number) { return Places(2) << number; }
/// More GPUs have no bit.
constexpr int32_t mostGpus = 63;

/// Bytes from `begin` to `end`.
struct Span {
  int64_t begin;
  int64_t end;
  bool isEmpty() const { return begin >= end; }
};

/// Bytes that are valid in the same places.
struct Segment {
  Span span;
  Places places;
};

/// Divides the bytes of an array into segments; neighbours differ. Not synchronised.
class Segments {
public:
  /// `bytes` that are all valid in `places`.
  void reset(int64_t bytes, Places places);
  /// Where all bytes of the span are valid.
  Places common(Span span) const;
  /// Where some of them are.
  Places any(Span span) const;
  /// Where all bytes are.
  Places everywhere() const { return common({0, INT64_MAX}); }
  /// Says that the span is valid in `places` too.
  void add(Span span, Places places) { change(span, ~Places(0), places); }
  /// Says that the span is valid in `places` alone.
  void set(Span span, Places places) { change(span, 0, places); }
  /// Says that nothing is valid in `places` any more.
  void remove(Places places) { change({0, INT64_MAX}, ~places, 0); }
  /// The first part of the span that is not valid in `places`; empty if there is none.
  Segment firstWithout(Span span, Places places) const;

  int64_t count() const { return segments.size(); }
  const Segment &operator[](int64_t at) const { return segments[at]; }

private:
  void change(Span span, Places keep, Places add);
  void splitAt(int64_t position);
  void merge();

  List<Segment> segments;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_SEGMENTS_H
