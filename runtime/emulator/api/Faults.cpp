// Faults that are wished for.
#include "emulator/api/Faults.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

using namespace awg::emu;
using awg::cuda::Result;

namespace {
struct Kind {
  const char *name;
  FaultPoint point;
  Result result;
};
constexpr Kind kinds[] = {
    {"call", FaultPoint::Call, Result::Unknown},          {"oom", FaultPoint::Allocation, Result::OutOfMemory},
    {"launch", FaultPoint::Launch, Result::LaunchFailed}, {"illegal", FaultPoint::Launch, Result::IllegalAddress},
    {"copy", FaultPoint::Copy, Result::LaunchFailed},     {"lost", FaultPoint::Launch, Result::ECCUncorrectable},
};
} // namespace

Faults::Faults(const char *text) {
  std::istringstream items(text ? text : "");
  for (std::string item; std::getline(items, item, ',');)
    if (!item.empty() && !parse(item))
      std::fprintf(
          stderr,
          "awgemu: AWG_EMU_FAULTS: '%s' is no fault; there are call@N oom@N launch@N illegal@N copy@N lost@N slow=F\n",
          item.c_str());
}

bool Faults::parse(const std::string &item) {
  if (item.starts_with("slow=")) {
    char *end = nullptr;
    slow = std::strtod(item.c_str() + 5, &end);
    return *end == 0 && slow >= 1;
  }
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

Result Faults::next(FaultPoint point, int device) {
  if (wishes.empty())
    return Result::Success;
  std::lock_guard lock(mutex);
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
