// Faults that are wished for.
#include "emulator/api/Faults.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <sstream>

using namespace awg::emu;
using awg::cuda::Result;

namespace {
struct Kind {
  const char *name;
  FaultPoint point;
  Result result;
};
thread_local ApiCall *currentCall = nullptr;
constexpr const char *pointNames[] = {"call", "oom", "launch", "copy"};
constexpr Kind kinds[] = {
    {"call", FaultPoint::Call, Result::Unknown},          {"oom", FaultPoint::Allocation, Result::OutOfMemory},
    {"refuse", FaultPoint::Call, Result::InvalidValue},
    {"launch", FaultPoint::Launch, Result::LaunchFailed}, {"illegal", FaultPoint::Launch, Result::IllegalAddress},
    {"copy", FaultPoint::Copy, Result::LaunchFailed},     {"lost", FaultPoint::Launch, Result::ECCUncorrectable},
};
} // namespace

ApiCall::ApiCall(const char *function, const void *caller)
    : function(function), caller(caller), isOutermost(!currentCall) {
  if (isOutermost)
    currentCall = this;
}

ApiCall::~ApiCall() {
  if (isOutermost)
    currentCall = nullptr;
}

ApiCall *ApiCall::get() { return currentCall; }

Faults::Faults(const char *text) {
  std::istringstream items(text ? text : "");
  for (std::string item; std::getline(items, item, ',');)
    if (!item.empty() && !parse(item))
      std::fprintf(
          stderr,
          "awgemu: AWG_EMU_FAULTS: '%s' is no fault; there are call@N refuse@N oom@N launch@N illegal@N copy@N lost@N "
          "slow=F list=FILE\n",
          item.c_str());
}

bool Faults::parse(const std::string &item) {
  if (item.starts_with("slow=")) {
    char *end = nullptr;
    slow = std::strtod(item.c_str() + 5, &end);
    return *end == 0 && slow >= 1;
  }
  if (item.starts_with("list="))
    return (list = std::fopen(item.c_str() + 5, "w"));
  for (const Kind &kind : kinds) {
    std::string start = kind.name + std::string("@");
    if (!item.starts_with(start))
      continue;
    char *end = nullptr;
    uint64_t at = std::strtoull(item.c_str() + start.size(), &end, 10);
    int device = *end == ':' ? std::strtol(end + 1, &end, 10) : -1;
    if (!at || *end)
      return false;
    wishes.push_back({kind.point, kind.result, at, device, start == "lost@"});
    return true;
  }
  return false;
}

void Faults::write(FaultPoint point) {
  std::fprintf(list, "%s %llu", pointNames[int(point)], static_cast<unsigned long long>(++counts[int(point)]));
  if (ApiCall *call = ApiCall::get(); call && point == FaultPoint::Call) {
    Dl_info file = {};
    dladdr(call->caller, &file);
    auto offset = static_cast<const char *>(call->caller) - static_cast<const char *>(file.dli_fbase);
    std::fprintf(list, " %s %#zx", call->function, size_t(offset));
  }
  std::fputc('\n', list);
}

Result Faults::next(FaultPoint point, int device) {
  if (wishes.empty() && !list)
    return Result::Success;
  std::lock_guard lock(mutex);
  if (list)
    write(point);
  Result result = Result::Success;
  for (Wish &wish : wishes) {
    if (wish.point != point || (wish.device >= 0 && wish.device != device) || ++wish.count != wish.at)
      continue;
    result = wish.result;
    if (wish.isLoss)
      lost.push_back(device);
  }
  return result;
}

bool Faults::isLost(int device) const {
  if (wishes.empty())
    return false;
  std::lock_guard lock(mutex);
  return std::find(lost.begin(), lost.end(), device) != lost.end();
}
