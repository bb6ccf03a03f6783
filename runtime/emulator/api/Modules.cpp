// Modules: PTX in, functions and variables out.
#include "emulator/api/Driver.h"

#include "emulator/api/Images.h"

#include <algorithm>
#include <cstring>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
bool loadVariables(Driver &driver, ModuleImpl &module, PtxModule &ptx) {
  for (auto &v : ptx.variables) {
    if (v->space != Space::Global && v->space != Space::Const)
      continue;
    v->address = driver.memory.allocate(module.context->device, v->size, MemoryKind::Variable, std::max(v->align, 256u),
                                        std::string(v->name), v->space == Space::Const);
    if (!v->address)
      return false;
    module.allocations.push_back(v->address);
    auto *bytes = reinterpret_cast<char *>(v->address);
    std::memset(bytes, 0, v->size);
    std::ranges::copy(v->init, bytes);
  }
  return true;
}

/// Addresses of symbols in the variables' initial values.
void relocate(const Program &program, const PtxModule &ptx) {
  for (auto &v : ptx.variables) {
    for (const Variable::Relocation &r : v->relocations) {
      uint64_t value = r.addend;
      if (r.variable) {
        value += r.variable->address;
      } else {
        for (size_t i = 0; i < program.functions.size(); ++i)
          if (program.functions[i]->function == r.function)
            value += codeWindow + i;
      }
      value >>= r.shift;
      std::memcpy(reinterpret_cast<char *>(v->address) + r.offset, &value, r.size);
    }
  }
}

void addFunctions(ModuleImpl &module) {
  for (auto &code : module.program->functions) {
    if (!code->isEntry)
      continue;
    int mostShared = std::max<int>(0, dynamicSharedOffset - code->sharedBytes);
    module.functions.emplace(code->name, FunctionImpl{&module, code.get(), mostShared});
  }
  Handles &handles = Driver::get()->handles;
  handles.add(HandleKind::Module, &module);
  for (auto &[name, function] : module.functions)
    handles.add(HandleKind::Function, &function);
}

Result load(Driver &driver, ContextImpl &context, Module *out, const std::string &text, const Logs &logs) {
  auto module = std::make_unique<ModuleImpl>();
  module->context = &context;
  auto giveUp = [&](Result result) {
    for (uint64_t address : module->allocations)
      driver.memory.release(address, MemoryKind::Variable);
    return result;
  };
  try {
    std::unique_ptr<PtxModule> ptx = parseModule(text);
    if (!isForChip(logs, *ptx, driver.settings.chip))
      return Result::NoBinaryForGPU;
    requireDefinitions(*ptx);
    if (!loadVariables(driver, *module, *ptx))
      return giveUp(Result::OutOfMemory);
    module->program = translate(std::move(ptx));
    relocate(*module->program, *module->program->module);
  } catch (const PtxError &error) {
    return giveUp(refuse(logs, text, error));
  }
  addFunctions(*module);
  *out = module.get();
  std::lock_guard lock(driver.mutex);
  context.modules.push_back(std::move(module));
  return Result::Success;
}
} // namespace

AWG_EMU_API Result awg::cuda::cuModuleLoadDataEx(Module *outModule, const void *image, unsigned count,
                                                 JITOption *options, void **values) {
  AWG_EMU_ENTER();
  if (!outModule || !image || (count && (!options || !values)))
    return Result::InvalidValue;
  Logs logs(count, options, values);
  auto *text = static_cast<const char *>(image);
  if (isMachineCode(logs, std::string_view(text, strnlen(text, 4))))
    return Result::NoBinaryForGPU;
  return load(driver, *context, outModule, text, logs);
}

AWG_EMU_API Result awg::cuda::cuModuleLoadData(Module *outModule, const void *image) {
  return cuModuleLoadDataEx(outModule, image, 0, nullptr, nullptr);
}

AWG_EMU_API Result awg::cuda::cuModuleLoad(Module *outModule, const char *path) {
  AWG_EMU_ENTER();
  std::optional<std::string> text = contentsOf(path);
  return text ? cuModuleLoadData(outModule, text->c_str()) : fileNotFound;
}

AWG_EMU_API Result awg::cuda::cuModuleUnload(Module module) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Module, module))
    return Result::InvalidHandle;
  driver.synchronize(*module->context);
  if (!driver.handles.remove(module)) // another thread was faster
    return Result::InvalidHandle;
  driver.release(*module);
  std::lock_guard lock(driver.mutex);
  std::erase_if(module->context->modules, [&](auto &m) { return m.get() == module; });
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuModuleGetFunction(Function *outFunction, Module module, const char *name) {
  AWG_EMU_ENTER();
  if (!outFunction || !name)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Module, module))
    return Result::InvalidHandle;
  auto found = module->functions.find(std::string_view(name));
  if (found == module->functions.end())
    return Result::NotFound;
  *outFunction = &found->second;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuModuleGetGlobal_v2(Address *outAddress, size_t *outBytes, Module module,
                                                   const char *name) {
  AWG_EMU_ENTER();
  if (!name)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Module, module))
    return Result::InvalidHandle;
  const auto &variables = module->program->module->variableOf;
  auto found = variables.find(name);
  if (found == variables.end() || (found->second->space != Space::Global && found->second->space != Space::Const))
    return Result::NotFound;
  if (outAddress)
    *outAddress = found->second->address;
  if (outBytes)
    *outBytes = found->second->size;
  return Result::Success;
}

//--- Functions

AWG_EMU_API Result awg::cuda::cuFuncGetName(const char **outName, Function function) {
  AWG_EMU_ENTER();
  if (!outName)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  *outName = function->code->name.c_str();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncGetAttribute(int *outValue, FunctionAttribute attribute, Function function) {
  AWG_EMU_ENTER();
  if (!outValue)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  const Code &code = *function->code;
  const PtxModule &ptx = *function->module->program->module;
  switch (attribute) {
  case FunctionAttribute::MaxThreadsPerBlock: {
    const uint32_t *most = code.function->maxThreads;
    *outValue = most[0] ? std::min(1024u, most[0] * most[1] * most[2]) : 1024;
    return Result::Success;
  }
  case FunctionAttribute::SharedSizeBytes:
    *outValue = code.sharedBytes;
    return Result::Success;
  case FunctionAttribute::ConstSizeBytes:
    *outValue = 0;
    for (auto &v : ptx.variables)
      *outValue += v->space == Space::Const ? v->size : 0;
    return Result::Success;
  case FunctionAttribute::LocalSizeBytes:
    *outValue = code.localBytes;
    return Result::Success;
  case FunctionAttribute::NumRegs:
    *outValue = std::clamp<int>(code.registerBytes / 128, 16, 64);
    return Result::Success;
  case FunctionAttribute::PTXVersion:
  case FunctionAttribute::BinaryVersion:
    *outValue = chipOf(ptx.target);
    return Result::Success;
  case FunctionAttribute::MaxDynamicSharedSizeBytes:
    *outValue = function->mostDynamicShared;
    return Result::Success;
  default:
    *outValue = 0;
    return int(attribute) < 20 ? Result::Success : Result::InvalidValue;
  }
}

AWG_EMU_API Result awg::cuda::cuFuncSetAttribute(Function function, FunctionAttribute attribute, int value) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  if (attribute != FunctionAttribute::MaxDynamicSharedSizeBytes)
    return int(attribute) == 9 ? Result::Success : Result::InvalidValue; // 9: the carveout, a hint
  int most = 0;
  cuDeviceGetAttribute(&most, DeviceAttribute::MaxSharedMemoryPerBlockOptin, context->device);
  if (value < 0 || value + int(function->code->sharedBytes) > most)
    return Result::InvalidValue;
  function->mostDynamicShared = value;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncSetCacheConfig(Function function, int) {
  AWG_EMU_ENTER();
  return driver.handles.isLive(HandleKind::Function, function) ? Result::Success : Result::InvalidHandle;
}
