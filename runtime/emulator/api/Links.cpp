// Linking: PTX texts in, one image out, which cuModuleLoadData takes.
#include "emulator/api/Driver.h"

#include "emulator/api/Images.h"
#include "emulator/ptx/Units.h"

#include <cstring>

using namespace awg::emu;
using namespace awg::cuda;

namespace awg::cuda {
struct LinkImpl {
  Logs logs;
  std::vector<UnitText> units;
  std::string image; ///< once it is complete
};
} // namespace awg::cuda

namespace {
constexpr int ptxInput = 1; ///< CU_JIT_INPUT_PTX

Result add(Driver &driver, LinkImpl &link, int type, std::string_view data, const char *name) {
  if (!link.image.empty())
    return Result::InvalidValue;
  if (isMachineCode(link.logs, data) || type != ptxInput) {
    link.logs.writeError("the emulator links PTX alone");
    return Result::NoBinaryForGPU;
  }
  std::string text(data.substr(0, data.find('\0')));
  try {
    if (!isForChip(link.logs, *parseModule(text), driver.settings.chip))
      return Result::NoBinaryForGPU;
  } catch (const PtxError &error) {
    return refuse(link.logs, text, error);
  }
  std::string unit = name ? name : "<unnamed " + std::to_string(link.units.size() + 1) + ">";
  link.units.push_back({std::move(unit), std::move(text)});
  return Result::Success;
}
} // namespace

/// What follows AWG_EMU_ENTER where a link is needed.
#define AWG_EMU_LINK(LINK)                                                                                             \
  if (!driver.handles.isLive(HandleKind::Link, LINK))                                                                  \
  return LINK ? Result::InvalidHandle : Result::InvalidValue

AWG_EMU_API Result awg::cuda::cuLinkCreate_v2(unsigned count, JITOption *options, void **values, Link *outLink) {
  AWG_EMU_ENTER();
  if (!outLink || (count && (!options || !values)))
    return Result::InvalidValue;
  *outLink = new LinkImpl{Logs(count, options, values), {}, {}};
  driver.handles.add(HandleKind::Link, *outLink);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuLinkAddData_v2(Link link, int type, void *data, size_t size, const char *name,
                                               unsigned count, JITOption *options, void **values) {
  AWG_EMU_ENTER();
  if (!data || (count && (!options || !values)))
    return Result::InvalidValue;
  AWG_EMU_LINK(link);
  return add(driver, *link, type, std::string_view(static_cast<const char *>(data), size), name);
}

AWG_EMU_API Result awg::cuda::cuLinkAddFile_v2(Link link, int type, const char *path, unsigned count,
                                               JITOption *options, void **values) {
  AWG_EMU_ENTER();
  if (!path || (count && (!options || !values)))
    return Result::InvalidValue;
  AWG_EMU_LINK(link);
  std::optional<std::string> data = contentsOf(path);
  return data ? add(driver, *link, type, *data, path) : fileNotFound;
}

/// The image is the link's, and ends with it.
AWG_EMU_API Result awg::cuda::cuLinkComplete(Link link, void **outImage, size_t *outSize) {
  AWG_EMU_ENTER();
  if (!outImage)
    return Result::InvalidValue;
  AWG_EMU_LINK(link);
  if (link->units.empty())
    return Result::InvalidValue;
  std::string image = joinUnits(link->units);
  try {
    std::unique_ptr<PtxModule> ptx = parseModule(image);
    requireDefinitions(*ptx);
    translate(std::move(ptx)); // as far as can be told without a device
  } catch (const PtxError &error) {
    return refuse(link->logs, image, error);
  }
  link->image = std::move(image);
  *outImage = link->image.data();
  if (outSize)
    *outSize = link->image.size() + 1;
  return Result::Success;
}

/// Also in a context that has failed.
AWG_EMU_API Result awg::cuda::cuLinkDestroy(Link link) {
  Driver *driver = Driver::get();
  if (!driver)
    return Result::NotInitialized;
  if (!driver->handles.isLive(HandleKind::Link, link) || !driver->handles.remove(link))
    return link ? Result::InvalidHandle : Result::InvalidValue;
  delete link;
  return Result::Success;
}
