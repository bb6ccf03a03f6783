// Streams, events and what the host is told of them.
#include "emulator/api/Driver.h"

#include <algorithm>

using namespace awg::emu;
using namespace awg::cuda;

AWG_EMU_API Result awg::cuda::cuStreamCreate(Stream *outStream, unsigned flags) {
  AWG_EMU_CALL();
  return cuStreamCreateWithPriority(outStream, flags, 0);
}

AWG_EMU_API Result awg::cuda::cuStreamCreateWithPriority(Stream *outStream, unsigned flags, int priority) {
  AWG_EMU_ENTER();
  if (!outStream || flags & ~streamNonBlocking)
    return Result::InvalidValue;
  *outStream = driver.newStream(*context, flags, std::clamp(priority, -5, 0));
  return Result::Success;
}

/// The stream's work goes on to its end; only then it is gone.
AWG_EMU_API Result awg::cuda::cuStreamDestroy_v2(Stream handle) {
  AWG_EMU_ENTER();
  if (reinterpret_cast<uintptr_t>(handle) <= 2 || !driver.handles.isLive(HandleKind::Stream, handle))
    return Result::InvalidHandle;
  if (Result result = driver.synchronize(*handle); result == Result::StreamCaptureUnsupported)
    return result;
  if (!driver.handles.remove(handle)) // another thread was faster
    return Result::InvalidHandle;
  std::lock_guard lock(driver.mutex);
  std::erase_if(handle->context->streams, [&](auto &stream) { return stream.get() == handle; });
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuStreamQuery(Stream handle) {
  ApiCall asked(__func__, __builtin_return_address(0));
  asked.isCounted = true; // how often one asks depends on the time: the calls that come after keep their numbers
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  std::lock_guard lock(driver.mutex);
  if (stream->capture) {
    stream->capture->isInvalid = true;
    return Result::StreamCaptureUnsupported;
  }
  if (!driver.isIdle(*stream))
    return Result::NotReady;
  learn(driver.hostClock, stream->clock);
  return stream->context->error;
}

AWG_EMU_API Result awg::cuda::cuStreamSynchronize(Stream handle) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  return driver.synchronize(*stream);
}

AWG_EMU_API Result awg::cuda::cuStreamGetFlags(Stream handle, unsigned *outFlags) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  if (!outFlags)
    return Result::InvalidValue;
  *outFlags = stream->flags;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuStreamGetPriority(Stream handle, int *outPriority) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  if (!outPriority)
    return Result::InvalidValue;
  *outPriority = stream->priority;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuStreamGetCtx(Stream handle, Context *outContext) {
  AWG_EMU_ENTER();
  AWG_EMU_STREAM(stream, handle);
  if (!outContext)
    return Result::InvalidValue;
  *outContext = stream->context;
  return Result::Success;
}

/// An event of a capture draws the stream into that capture.
AWG_EMU_API Result awg::cuda::cuStreamWaitEvent(Stream handle, Event event, unsigned) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, event))
    return Result::InvalidHandle;
  AWG_EMU_STREAM(stream, handle);
  Work work;
  {
    std::lock_guard lock(driver.mutex);
    if (event->capture) {
      if (!event->capture->graph)
        return capturedEvent; // that capture has ended
      if (stream->capture && stream->capture != event->capture)
        return captureIsolation;
      stream->capture = event->capture;
      stream->frontier.insert(stream->frontier.end(), event->frontier.begin(), event->frontier.end());
      return Result::Success;
    }
    if (stream->capture)
      return captureIsolation;
    if (!event->completion)
      return Result::Success;
    work.waitsFor = event->completion;
  }
  return driver.submit(*stream, std::move(work));
}

AWG_EMU_API Result awg::cuda::cuLaunchHostFunc(Stream handle, HostFunction function, void *argument) {
  AWG_EMU_ENTER();
  if (!function)
    return Result::InvalidValue;
  Work work;
  work.run = [=, &driver](const Turn &turn) {
    driver.learnOf(turn);
    function(argument);
    return Result::Success;
  };
  AWG_EMU_STREAM(stream, handle);
  return driver.submit(*stream, std::move(work));
}

AWG_EMU_API Result awg::cuda::cuStreamAddCallback(Stream handle, StreamCallback function, void *argument,
                                                  unsigned flags) {
  AWG_EMU_ENTER();
  if (!function || flags)
    return Result::InvalidValue;
  AWG_EMU_STREAM(stream, handle);
  if (stream->capture)
    return Result::StreamCaptureUnsupported;
  Work work;
  work.runsAfterErrors = true;
  work.run = [=, &driver](const Turn &turn) {
    driver.learnOf(turn);
    function(handle, turn.before, argument);
    return Result::Success;
  };
  return driver.submit(*stream, std::move(work));
}

//--- Events

AWG_EMU_API Result awg::cuda::cuEventCreate(Event *outEvent, unsigned flags) {
  AWG_EMU_ENTER();
  if (!outEvent || flags & ~7u)
    return Result::InvalidValue;
  *outEvent = new EventImpl;
  driver.handles.add(HandleKind::Event, *outEvent);
  (*outEvent)->flags = flags;
  (*outEvent)->device = context->device;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuEventDestroy_v2(Event event) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, event) || !driver.handles.remove(event))
    return Result::InvalidHandle;
  delete event; // who waits for it has the completion
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuEventRecord(Event event, Stream handle) {
  AWG_EMU_CALL();
  return cuEventRecordWithFlags(event, handle, 0);
}

AWG_EMU_API Result awg::cuda::cuEventRecordWithFlags(Event event, Stream handle, unsigned) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, event))
    return Result::InvalidHandle;
  AWG_EMU_STREAM(stream, handle);
  if (stream->context->device != event->device)
    return Result::InvalidHandle;
  auto completion = std::make_shared<Completion>();
  {
    std::lock_guard lock(driver.mutex);
    event->capture = stream->capture;
    event->frontier = stream->frontier;
    if (stream->capture)
      return stream->capture->isInvalid ? Result::StreamCaptureInvalidated : Result::Success;
    event->completion = completion;
  }
  Work work;
  work.runsAfterErrors = true;
  work.completes = completion;
  return driver.submit(*stream, std::move(work));
}

AWG_EMU_API Result awg::cuda::cuEventQuery(Event event) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, event))
    return Result::InvalidHandle;
  std::lock_guard lock(driver.mutex);
  if (event->capture)
    return capturedEvent;
  if (event->completion && !event->completion->isDone)
    return Result::NotReady;
  if (event->completion)
    learn(driver.hostClock, event->completion->clock);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuEventSynchronize(Event event) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, event))
    return Result::InvalidHandle;
  std::unique_lock lock(driver.mutex);
  if (event->capture)
    return capturedEvent;
  std::shared_ptr<Completion> completion = event->completion;
  driver.changed.wait(lock, [&] { return !completion || completion->isDone; });
  if (completion)
    learn(driver.hostClock, completion->clock);
  return context->error;
}

AWG_EMU_API Result awg::cuda::cuEventElapsedTime_v2(float *outMilliseconds, Event start, Event end) {
  return cuEventElapsedTime(outMilliseconds, start, end);
}

AWG_EMU_API Result awg::cuda::cuEventElapsedTime(float *outMilliseconds, Event start, Event end) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Event, start) || !driver.handles.isLive(HandleKind::Event, end))
    return Result::InvalidHandle;
  std::lock_guard lock(driver.mutex);
  if (start->capture || end->capture)
    return capturedEvent;
  if (!outMilliseconds)
    return Result::InvalidValue;
  if (!start->completion || !end->completion || (start->flags | end->flags) & eventDisableTiming)
    return Result::InvalidHandle;
  if (!start->completion->isDone || !end->completion->isDone)
    return Result::NotReady;
  *outMilliseconds = std::chrono::duration<float, std::milli>(end->completion->time - start->completion->time).count();
  return Result::Success;
}
