// A growing list of plain values.
#ifndef AWG_RUNTIME_MEMORY_LIST_H
#define AWG_RUNTIME_MEMORY_LIST_H

#include "async/Sync.h"

#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace awg::rt {

/// Owns its elements, which are plain data; ends the process if there is no memory. Not synchronised.
template <typename T> class List {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

public:
  List() = default;
  ~List() { free(elements); }
  List(const List &) = delete;
  List &operator=(const List &) = delete;

  int64_t size() const { return count; }
  T &operator[](int64_t at) { return elements[at]; }
  const T &operator[](int64_t at) const { return elements[at]; }
  T *begin() { return elements; }
  T *end() { return elements + count; }
  const T *begin() const { return elements; }
  const T *end() const { return elements + count; }
  void clear() { count = 0; }

  void insert(int64_t at, const T &value) {
    T copy = value;
    if (count == room)
      grow();
    memmove(elements + at + 1, elements + at, size_t(count - at) * sizeof(T));
    elements[at] = copy;
    ++count;
  }
  void add(const T &value) { insert(count, value); }
  void remove(int64_t at) {
    --count;
    memmove(elements + at, elements + at + 1, size_t(count - at) * sizeof(T));
  }

private:
  void grow() {
    room = room ? 2 * room : 4;
    elements = static_cast<T *>(realloc(elements, size_t(room) * sizeof(T)));
    if (!elements)
      fatal("out of memory");
  }

  T *elements = nullptr;
  int64_t count = 0;
  int64_t room = 0;
};

} // namespace awg::rt

#endif // AWG_RUNTIME_MEMORY_LIST_H
