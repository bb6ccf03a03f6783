// Views: how they are made and narrowed, and copies between strided and row-major elements.
#include "memory/View.h"

#include "async/Error.h"
#include "async/Sync.h"
#include "memory/Elements.h"
#include "std/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace awg::rt {

bool isContiguous(const awgrt_array &array) {
  int64_t stride = 1;
  for (int32_t d = array.rank; d-- > 0;) {
    if (array.extents[d] == 0)
      return true;
    if (array.extents[d] != 1 && array.strides[d] != stride)
      return false;
    stride *= array.extents[d];
  }
  return true;
}

namespace {

/// Calls `copy(offset in the array, offset in row-major order, count)`, both in elements, for every run of elements.
template <typename Copy> void overRuns(const awgrt_array &array, Copy copy) {
  if (elementCount(array) == 0)
    return;
  int32_t last = array.rank - 1;
  bool isRun = array.strides[last] == 1;
  int64_t run = isRun ? array.extents[last] : 1;
  int64_t position[AWGRT_MAX_RANK] = {};
  int64_t offset = 0, packed = 0;
  for (;;) {
    copy(offset, packed, run);
    packed += run;
    int32_t d = isRun ? last - 1 : last;
    for (; d >= 0; --d) {
      offset += array.strides[d];
      if (++position[d] < array.extents[d])
        break;
      offset -= array.strides[d] * array.extents[d];
      position[d] = 0;
    }
    if (d < 0)
      return;
  }
}

} // namespace

void packElements(const awgrt_array &array, void *to) {
  size_t size = elementSize(array.kind);
  overRuns(array, [&](int64_t offset, int64_t packed, int64_t count) {
    memcpy(static_cast<char *>(to) + packed * int64_t(size), static_cast<const char *>(array.data) + offset * int64_t(size),
           size_t(count) * size);
  });
}

void unpackElements(awgrt_array &array, const void *from) {
  size_t size = elementSize(array.kind);
  awgrt_array_data(&array, /*write=*/1);
  overRuns(array, [&](int64_t offset, int64_t packed, int64_t count) {
    memcpy(static_cast<char *>(array.data) + offset * int64_t(size), static_cast<const char *>(from) + packed * int64_t(size),
           size_t(count) * size);
  });
}

PackedElements::PackedElements(awgrt_array &array) : elements(awgrt_array_data(&array, 0)) {
  if (isContiguous(array))
    return;
  copy = allocate(std::max<size_t>(size_t(elementCount(array)) * elementSize(array.kind), 64), 64);
  packElements(array, copy);
  elements = copy;
}

PackedElements::~PackedElements() { free(copy); }

} // namespace awg::rt

using namespace awg::rt;

awgrt_array *awgrt_array_view(awgrt_array *array, const int64_t *begins, const int64_t *lengths) {
  auto *view = static_cast<awgrt_array *>(allocate(sizeof(awgrt_array), alignof(awgrt_array)));
  *view = *array;
  view->owner = array->owner ? array->owner : array;
  view->rank = 0;
  int64_t offset = 0;
  for (int32_t d = 0; d < array->rank; ++d) {
    offset += begins[d] * array->strides[d];
    if (lengths[d] < 0)
      continue;
    view->extents[view->rank] = lengths[d];
    view->strides[view->rank++] = array->strides[d];
  }
  view->data = static_cast<char *>(array->data) + offset * int64_t(elementSize(array->kind));
  return view;
}

awgrt_error *awgrt_array_reshape(const awgrt_place *place, awgrt_array *source, int32_t rank, const int64_t *extents,
                                 awgrt_array **out_array) {
  int64_t wanted;
  int64_t count = elementCount(*source);
  if (!countBytes(AWGRT_U8, rank, extents, wanted) || wanted != count) {
    Text message;
    message.add("extents differ: ").addSigned(count).add(" elements do not fill [");
    for (int32_t d = 0; d < rank; ++d)
      message.add(d ? ", " : "").addSigned(extents[d]);
    message.add(']');
    return createError(place, message);
  }
  awgrt_error *error = awgrt_array_copy(place, source, out_array);
  if (error)
    return error;
  awgrt_array &array = **out_array;
  array.rank = rank;
  int64_t stride = 1;
  for (int32_t d = AWGRT_MAX_RANK; d-- > 0;) {
    array.extents[d] = d < rank ? extents[d] : 0;
    array.strides[d] = stride;
    stride *= d < rank ? extents[d] : 1;
  }
  return nullptr;
}

awgrt_error *awgrt_array_replace(const awgrt_place *place, awgrt_array *old, awgrt_array *value,
                                 awgrt_array **out_array) {
  *out_array = value;
  if (!old || !old->owner) {
    awgrt_array_release(old);
    return nullptr;
  }
  *out_array = old;
  for (int32_t d = 0; d < old->rank; ++d)
    if (old->extents[d] != value->extents[d]) {
      Text message;
      message.add("extents differ: ").addSigned(old->extents[d]).add(" and ").addSigned(value->extents[d]);
      return createError(place, message);
    }
  awgrt_error *lost = awgrt_array_reach(place, old, /*write=*/1);
  if (!lost)
    lost = awgrt_array_reach(place, value, /*write=*/0);
  if (lost)
    return lost;
  PackedElements before(*old);
  size_t bytes = size_t(elementCount(*old)) * elementSize(old->kind);
  void *kept = allocate(std::max<size_t>(bytes, 64), 64);
  memcpy(kept, before.data(), bytes);
  unpackElements(*old, PackedElements(*value).data());
  unpackElements(*value, kept); // so that what they own is freed
  free(kept);
  awgrt_array_release(value);
  return nullptr;
}
