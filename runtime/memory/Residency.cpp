// Bringing elements to GPUs and back to the host.
#include "memory/Residency.h"

#include "async/Error.h"
#include "device/Gpus.h"
#include "memory/Elements.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <algorithm>
#include <new>

namespace awg::rt {

using cuda::Result;

Span spanOf(const awgrt_array &array) {
  const Buffer &buffer = bufferOf(array);
  int64_t last = 0;
  for (int32_t d = 0; d < array.rank; ++d) {
    if (array.extents[d] == 0)
      return {0, 0};
    last += (array.extents[d] - 1) * array.strides[d];
  }
  int64_t begin = static_cast<const char *>(array.data) - buffer.base;
  return {begin, begin + (last + 1) * int64_t(elementSize(array.kind))};
}

namespace {

/// Tells the host what it may do. Under the residency's mutex.
void publish(Residency &residency) {
  Places places = residency.where.everywhere();
  bool isElsewhere = residency.isFresh || !(places & onHost);
  bool isOwned = residency.where.any({0, INT64_MAX}) == onHost;
  residency.buffer->host.store(isElsewhere ? HostState::Elsewhere : isOwned ? HostState::Owned : HostState::Shared,
                               std::memory_order_release);
}

void addRead(Copy &copy, const Use &use) {
  for (Use &known : copy.reads)
    if (known.gpu == use.gpu && known.stream == use.stream) {
      known.number = use.number;
      return;
    }
  copy.reads.add(use);
}

//===-- To a GPU ----------------------------------------------------------------------------------------------------===//

/// What is copied beside kernels: less is not worth the events.
constexpr int64_t leastBeside = int64_t(64) << 10;

/// Where a part is brought: if the launch's stream has kernels to do, beside them.
Use useOfCopies(const Gpu &gpu, const Use &use, const Segment &part) {
  const GpuStream &stream = gpu.streams[use.stream];
  bool isBusy = stream.submitted > stream.completed.load(std::memory_order_acquire);
  bool isBeside = isBusy && (part.places & onHost) && part.span.end - part.span.begin >= leastBeside;
  return isBeside ? Use{gpu.number, Gpu::copyStream, 1} : use; // nobody is told of that stream: it is always waited for by an event
}

/// Has one part brought, which the GPU does not have.
Fault bringPart(Gpu &gpu, const Use &use, Residency &residency, const Segment &part) {
  Copy &copy = residency.copies[gpu.number];
  cuda::Address to = copy.address + cuda::Address(part.span.begin);
  auto bytes = size_t(part.span.end - part.span.begin);
  cuda::Stream stream = gpu.streams[use.stream].handle;
  gpu.streams[use.stream].chain.flush();
  if (part.places & onHost) {
    if (!residency.isFresh)
      return gpu.upload(use.stream, to, residency.buffer->base + part.span.begin, int64_t(bytes));
    if (residency.buffer->isZero)
      if (Result result = gpu.driver->cuMemsetD8Async(to, 0, bytes, stream); result != Result::Success)
        return {result, "cuMemsetD8Async"};
    return {};
  }
  int32_t k = holder(gpu.gpus, part.places);
  Gpu &source = gpu.gpus[k];
  if (source.isLost())
    return {source.lossReason(), "lost copy", 0, k};
  Copy &from = residency.copies[k];
  // An event of a stream comes, too, when its GPU is lost, and this GPU would not be told.
  if (Fault fault = source.confirm(from.written))
    return fault;
  Result result = gpu.driver->cuMemcpyPeerAsync(to, gpu.context, from.address + cuda::Address(part.span.begin),
                                                source.context, bytes, stream);
  if (result != Result::Success)
    return {result, "cuMemcpyPeerAsync", 0, source.turnsOutLost() ? k : -1};
  gpu.counts.peerCopies.fetch_add(1, std::memory_order_relaxed);
  gpu.counts.peerCopied.fetch_add(int64_t(bytes), std::memory_order_relaxed);
  addRead(from, use);
  return {};
}

/// Makes `use` come after all others of the copy, as one that changes it.
Fault followAll(Gpu &gpu, const Use &use, Copy &copy) {
  for (const Use &read : copy.reads)
    if (Fault fault = gpu.wait(use.stream, read))
      return fault;
  return {};
}

/// Has all parts brought in the order of `use`.
Fault bringIn(Gpu &gpu, const Use &use, Residency &residency, GpuArgument &argument, Segment part) {
  Copy &copy = residency.copies[gpu.number];
  if (!copy.address) {
    if (Fault fault = gpu.allocate(residency.buffer->bytes, use.stream, copy.address))
      return fault;
    copy.written = use;
    copy.reads.clear();
  }
  if (Fault fault = gpu.wait(use.stream, copy.written))
    return fault;
  if (argument.isWritten || !part.span.isEmpty())
    if (Fault fault = followAll(gpu, use, copy))
      return fault;
  for (; !part.span.isEmpty(); part = residency.where.firstWithout(argument.span, onGpu(gpu.number))) {
    if (Fault fault = bringPart(gpu, use, residency, part))
      return fault;
    residency.where.add(part.span, onGpu(gpu.number));
    copy.written = use;
    copy.reads.clear();
  }
  return {};
}

Fault bringParts(Gpu &gpu, const Use &use, Residency &residency, GpuArgument &argument) {
  Segment part = residency.where.firstWithout(argument.span, onGpu(gpu.number));
  Use copies = useOfCopies(gpu, use, part);
  Fault fault = bringIn(gpu, copies, residency, argument, part);
  if (Fault late = gpu.wait(use.stream, copies); !fault)
    fault = late;
  if (fault)
    return fault;
  if (part.span.isEmpty())
    return {};
  residency.copies[gpu.number].written = use; // from here on the launch's stream has them
  publish(residency);
  return {};
}

Fault bringPacked(Gpu &gpu, const Use &use, GpuArgument &argument) {
  int64_t bytes = argument.span.end;
  if (Fault fault = gpu.allocate(bytes, use.stream, argument.address))
    return fault;
  return gpu.upload(use.stream, argument.address, argument.packed, bytes);
}

} // namespace

Fault bringToGpu(Gpu &gpu, const Use &use, GpuArgument &argument) {
  if (argument.span.isEmpty())
    return {};
  if (argument.packed)
    return bringPacked(gpu, use, argument);
  Residency &residency = gpu.gpus.residencyOf(bufferOf(*argument.array));
  Guard guard(residency.mutex);
  if (Fault fault = bringParts(gpu, use, residency, argument))
    return fault;
  Copy &copy = residency.copies[gpu.number];
  ++copy.pins;
  argument.residency = &residency;
  argument.address = copy.address + cuda::Address(argument.span.begin);
  return {};
}

void noteUse(Gpu &gpu, const Use &use, const GpuArgument &argument) {
  if (!argument.residency)
    return;
  Residency &residency = *argument.residency;
  Guard guard(residency.mutex);
  Copy &copy = residency.copies[gpu.number];
  --copy.pins;
  if (!argument.isWritten)
    return addRead(copy, use);
  copy.written = use;
  copy.reads.clear();
  if (residency.where.any(argument.span) == onGpu(gpu.number)) // as after the launch before
    return;
  residency.where.set(argument.span, onGpu(gpu.number));
  publish(residency);
}

void unpin(Gpu &gpu, const GpuArgument &argument) {
  if (!argument.residency)
    return;
  Guard guard(argument.residency->mutex);
  --argument.residency->copies[gpu.number].pins;
}

//===-- To the host -------------------------------------------------------------------------------------------------===//

/// Brings what the host lacks of the span. Under the residency's mutex. The GPU that a part was lost with, or -1.
static int32_t fetch(Residency &residency, Span span, Fault &fault) {
  residency.isFresh = false;
  for (;;) {
    Segment part = residency.where.firstWithout(span, onHost);
    if (part.span.isEmpty())
      return -1;
    int32_t k = holder(*residency.gpus, part.places);
    Gpu &source = (*residency.gpus)[k];
    Copy &copy = residency.copies[k];
    if (source.isLost())
      fault = {source.lossReason(), "lost copy"};
    else
      fault = source.download(residency.buffer->base + part.span.begin, copy.address + cuda::Address(part.span.begin),
                              part.span.end - part.span.begin, copy.written);
    source.note(fault.result);
    if (fault)
      return k;
    residency.where.add(part.span, onHost);
  }
}

bool bringToHost(const awgrt_array &array, bool write) {
  Buffer &buffer = bufferOf(array);
  HostState fresh = HostState::Fresh;
  if (buffer.host.compare_exchange_strong(fresh, HostState::Owned, std::memory_order_acq_rel))
    return true;
  Residency *residency = buffer.residency.load(std::memory_order_acquire);
  if (!residency)
    return true;
  Guard guard(residency->mutex);
  Span span = spanOf(array);
  Fault fault;
  if (int32_t lost = fetch(*residency, span, fault); lost >= 0) {
    residency->problem = fault;
    residency->problemGpu = lost;
    return false;
  }
  if (write)
    residency->where.set(span, onHost);
  publish(*residency);
  return true;
}

//===-- Life --------------------------------------------------------------------------------------------------------===//

/// Frees a GPU's room once all that uses it is done. Under the residency's mutex.
static void freeCopy(Residency &residency, Gpu &gpu) {
  Copy &copy = residency.copies[gpu.number];
  if (!copy.address)
    return;
  int32_t stream = copy.written.stream;
  bool isOrdered = !gpu.wait(stream, copy.written) && !followAll(gpu, {gpu.number, stream, 0}, copy);
  for (int32_t k = 0; k < gpu.gpus.count() && !isOrdered; ++k) // whichever uses it
    gpu.gpus[k].synchronize();
  gpu.release(copy.address, stream);
  copy.address = 0;
  copy.written = {};
  copy.reads.clear();
  residency.where.remove(onGpu(gpu.number));
}

Residency &Gpus::residencyOf(Buffer &buffer) {
  Residency *known = buffer.residency.load(std::memory_order_acquire);
  if (known && known->gpus == this)
    return *known;
  if (known) { // another runtime's
    known->gpus->fetchAll(*known);
    dropResidency(buffer);
  }
  Guard guard(registry);
  if (Residency *other = buffer.residency.load(std::memory_order_acquire))
    return *other;
  auto *residency = new (allocate(sizeof(Residency), alignof(Residency))) Residency;
  residency->gpus = this;
  residency->buffer = &buffer;
  residency->where.reset(buffer.bytes, onHost);
  residency->copies = static_cast<Copy *>(allocate(sizeof(Copy) * size_t(count()), alignof(Copy)));
  for (int32_t k = 0; k < count(); ++k)
    new (&residency->copies[k]) Copy;
  residency->next = firstResidency;
  residency->previous = nullptr;
  if (firstResidency)
    firstResidency->previous = residency;
  firstResidency = residency;
  // The host asks from here on, and finds the residency.
  Guard own(residency->mutex);
  buffer.residency.store(residency, std::memory_order_release);
  residency->isFresh = buffer.host.exchange(HostState::Elsewhere, std::memory_order_acq_rel) == HostState::Fresh;
  return *residency;
}

/// Takes a residency apart. It was taken out of the registry, and nobody uses it.
static void destroy(Residency *residency) {
  for (int32_t k = 0; k < residency->gpus->count(); ++k) {
    freeCopy(*residency, (*residency->gpus)[k]);
    residency->copies[k].~Copy();
  }
  free(residency->copies);
  residency->buffer->residency.store(nullptr, std::memory_order_release);
  residency->~Residency();
  free(residency);
}

void Gpus::unlink(Residency &residency) {
  (residency.previous ? residency.previous->next : firstResidency) = residency.next;
  if (residency.next)
    residency.next->previous = residency.previous;
}

void dropResidency(Buffer &buffer) {
  Residency *residency = buffer.residency.load(std::memory_order_acquire);
  if (!residency)
    return;
  {
    Guard guard(residency->gpus->registry);
    residency->gpus->unlink(*residency);
  }
  destroy(residency);
}

void Gpus::fetchAll(Residency &residency) {
  Guard guard(residency.mutex);
  Fault fault;
  fetch(residency, {0, residency.buffer->bytes}, fault); // what is lost is lost
  residency.buffer->host.store(HostState::Owned, std::memory_order_release);
}

void Gpus::leaveToHost() {
  while (Residency *residency = firstResidency) {
    fetchAll(*residency);
    unlink(*residency);
    destroy(residency);
  }
}

void Gpus::makeRoom(Gpu &gpu, Spill spill) {
  Guard guard(registry);
  for (Residency *residency = firstResidency; residency; residency = residency->next) {
    // Who holds it is at work with it.
    if (!residency->mutex.tryLock())
      continue;
    Copy &copy = residency->copies[gpu.number];
    Span all = {0, residency->buffer->bytes};
    if (copy.address && copy.pins == 0) {
      Fault fault;
      Segments &where = residency->where;
      bool isNeeded = false;
      for (int64_t i = 0; i < where.count(); ++i)
        isNeeded |= where[i].places == onGpu(gpu.number);
      if (isNeeded && spill == Spill::All && fetch(*residency, all, fault) < 0)
        isNeeded = false;
      if (!isNeeded)
        freeCopy(*residency, gpu);
      publish(*residency);
    }
    residency->mutex.unlock();
  }
}

} // namespace awg::rt

awgrt_error *awgrt_array_lost(const awgrt_place *place, awgrt_array *array) {
  using namespace awg::rt;
  Residency &residency = *bufferOf(*array).residency.load(std::memory_order_acquire);
  Guard guard(residency.mutex);
  Gpu &gpu = (*residency.gpus)[residency.problemGpu];
  gpu.noteTold();
  return gpu.failure(place, residency.problem);
}
