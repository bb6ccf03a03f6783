// Writing the record, and numbering launches.
#include "place/Placements.h"

#include "async/Error.h"
#include "async/Runtime.h"
#include "place/Devices.h"
#include "std/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace awg::rt {

namespace {

/// `"at":"FILE:LINE:COLUMN","kernel":"NAME"`: the name of a site, as the record spells it.
void addSite(Text &out, const awgrt_place *place, const awgrt_kernel &kernel) {
  Text at;
  if (place && place->file)
    at.add(place->file).add(':').addUnsigned(place->line).add(':').addUnsigned(place->column);
  at.add('\0');
  out.add("\"at\":").addQuoted(at.data()).add(",\"kernel\":").addQuoted(kernel.name);
}

void addQuotedDevice(Text &out, int64_t device) {
  out.add('"');
  addDevice(out, device);
  out.add('"');
}

void addCandidates(Text &out, const Decision &decision) {
  for (int32_t k = 0; k < decision.count; ++k) {
    const Candidate &candidate = decision.candidates[k];
    out.add(k ? "," : "").add("{\"device\":");
    addQuotedDevice(out, candidate.isGpu ? k : AWGRT_CPU);
    if (candidate.isUsable)
      out.add(",\"end_ns\":").addSigned(estimateEnd(candidate));
    else
      out.add(",\"usable\":false");
    out.add(",\"backlog\":").addSigned(candidate.backlog).add(",\"missing_bytes\":").addSigned(candidate.missingBytes);
    out.add(",\"computing_ns\":").addSigned(candidate.computing);
    if (candidate.isGpu)
      out.add(",\"launch_ns\":").addSigned(candidate.costs.launch);
    out.add(",\"backlog_ns\":").addSigned(candidate.costs.backlog).add(",\"copy_ns\":").addSigned(candidate.costs.copy);
    out.add(",\"bytes_per_us\":").addSigned(candidate.costs.bytesPerMicrosecond).add('}');
  }
}

std::string_view view(const Text &text) { return {text.data(), text.size()}; }

} // namespace

//===-- Numbering ---------------------------------------------------------------------------------------------------===//

LaunchCounter::~LaunchCounter() {
  for (Site &site : sites)
    free(const_cast<char *>(site.name.data()));
}

int64_t LaunchCounter::next(std::string_view name) {
  Site *site = std::lower_bound(sites.begin(), sites.end(), name,
                                [](const Site &one, std::string_view other) { return one.name < other; });
  if (site != sites.end() && site->name == name)
    return site->launches++;
  auto *copy = static_cast<char *>(allocate(name.size()));
  memcpy(copy, name.data(), name.size());
  sites.insert(site - sites.begin(), {{copy, name.size()}, 1});
  return 0;
}

//===-- The record --------------------------------------------------------------------------------------------------===//

Placements::~Placements() {
  if (audit) {
    bool isLost = ferror(audit);
    if (fclose(audit) != 0 || isLost)
      fprintf(stderr, "error: cannot write all of the placements to %s\n", auditPath);
  }
  free(auditPath);
  free(replayPath);
}

awgrt_error *Placements::startAudit(const char *path) {
  audit = fopen(path, "we");
  auditPath = strdup(path);
  if (audit)
    return nullptr;
  char reason[128];
  Text message;
  message.add("cannot write the placements ").add(path).add(": ").add(strerror_r(errno, reason, sizeof reason));
  return createError(nullptr, message);
}

awgrt_error *Placements::startReplay(const char *path) {
  replayPath = strdup(path);
  Text message, problem;
  if (replay.load(path, problem))
    return nullptr;
  message.add("cannot repeat the placements ").add(path).add(": ").add(problem.data(), problem.size());
  return createError(nullptr, message);
}

int64_t Placements::number(const awgrt_place *place, const awgrt_kernel &kernel) {
  Text site;
  addSite(site, place, kernel);
  Guard guard(mutex);
  return counter.next(view(site));
}

bool Placements::repeats(const awgrt_place *place, const awgrt_kernel &kernel, int64_t launch, int64_t &outDevice) {
  if (!replay.isLoaded())
    return false;
  Text site;
  addSite(site, place, kernel);
  if (replay.find(view(site), launch, outDevice))
    return true;
  Guard guard(mutex);
  if (!hasWarned && place && place->file)
    fprintf(stderr, "warning: %s does not place launch %lld of %s at %s:%u:%u; it is placed anew, as others may be\n",
            replayPath, static_cast<long long>(launch), kernel.name, place->file, unsigned(place->line),
            unsigned(place->column));
  hasWarned = true;
  return false;
}

void Placements::record(const awgrt_place *place, const awgrt_kernel &kernel, int64_t launch, const Decision &decision) {
  if (!audit)
    return;
  Text line;
  line.add('{');
  addSite(line, place, kernel);
  line.add(",\"launch\":").addSigned(launch).add(",\"device\":");
  addQuotedDevice(line, decision.device);
  line.add(",\"why\":").addQuoted(decision.why).add(",\"asked\":");
  if (decision.asked == AWGRT_ANY_DEVICE)
    line.add("\"any\"");
  else
    addQuotedDevice(line, decision.asked);
  line.add(",\"indices\":").addSigned(decision.indices).add(",\"candidates\":[");
  addCandidates(line, decision);
  line.add("]}\n");
  Guard guard(mutex);
  fwrite(line.data(), 1, line.size(), audit);
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_runtime_audit(awgrt_runtime *runtime, const char *path) { return runtime->placements.startAudit(path); }

awgrt_error *awgrt_runtime_replay(awgrt_runtime *runtime, const char *path) { return runtime->placements.startReplay(path); }
