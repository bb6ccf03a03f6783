// Views: arrays whose elements belong to another, and the way between strided and row-major elements.
#ifndef AWG_RUNTIME_MEMORY_VIEW_H
#define AWG_RUNTIME_MEMORY_VIEW_H

#include "awg/awgrt.h"

#include <cstddef>

namespace awg::rt {

/// The elements lie one after the other in row-major order.
bool isContiguous(const awgrt_array &array);

/// Copies the elements, which are valid on the host, to `to` in row-major order.
void packElements(const awgrt_array &array, void *to);

/// Copies elements in row-major order back into the array.
void unpackElements(awgrt_array &array, const void *from);

/// The elements of an array in row-major order on the host, for reading: in place if they lie so, else a copy. May be called
/// anywhere; the array stays lent as long as it lives.
class PackedElements {
public:
  explicit PackedElements(awgrt_array &array);
  ~PackedElements();
  PackedElements(const PackedElements &) = delete;
  const void *data() const { return elements; }

private:
  const void *elements;
  void *copy = nullptr;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_VIEW_H
