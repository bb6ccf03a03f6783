// Modules and functions as a whole, and libraries, which are modules of the current context here: their kernels are functions.
#include "emulator/api/Driver.h"

using namespace awg::emu;
using namespace awg::cuda;

AWG_EMU_API Result awg::cuda::cuModuleGetFunctionCount(unsigned *outCount, Module module) {
  AWG_EMU_ENTER();
  if (!outCount)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Module, module))
    return Result::InvalidHandle;
  *outCount = module->functions.size();
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuModuleEnumerateFunctions(Function *outFunctions, unsigned count, Module module) {
  AWG_EMU_ENTER();
  if (!outFunctions)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Module, module))
    return Result::InvalidHandle;
  for (auto f = module->functions.begin(); count && f != module->functions.end(); ++f, --count)
    *outFunctions++ = &f->second;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuModuleGetLoadingMode(int *outMode) {
  if (!outMode)
    return Result::InvalidValue;
  *outMode = 1; // CU_MODULE_EAGER_LOADING
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncGetModule(Module *outModule, Function function) {
  AWG_EMU_ENTER();
  if (!outModule)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  *outModule = function->module;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncGetParamInfo(Function function, size_t index, size_t *outOffset, size_t *outBytes) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  if (!outOffset || index >= function->code->function->params.size())
    return Result::InvalidValue;
  const Variable &v = *function->code->function->params[index];
  *outOffset = v.address;
  if (outBytes)
    *outBytes = v.size;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncIsLoaded(int *outState, Function function) {
  AWG_EMU_ENTER();
  if (!outState)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  *outState = 1;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuFuncLoad(Function function) {
  AWG_EMU_ENTER();
  return driver.handles.isLive(HandleKind::Function, function) ? Result::Success : Result::InvalidHandle;
}

//--- Libraries

AWG_EMU_API Result awg::cuda::cuLibraryLoadData(Module *outLibrary, const void *image, JITOption *options, void **values,
                                                unsigned count, int *, void **, unsigned) {
  return cuModuleLoadDataEx(outLibrary, image, count, options, values);
}

AWG_EMU_API Result awg::cuda::cuLibraryLoadFromFile(Module *outLibrary, const char *path, JITOption *, void **, unsigned, int *,
                                                    void **, unsigned) {
  return cuModuleLoad(outLibrary, path);
}

AWG_EMU_API Result awg::cuda::cuLibraryUnload(Module library) { return cuModuleUnload(library); }

AWG_EMU_API Result awg::cuda::cuLibraryGetKernel(Function *outKernel, Module library, const char *name) {
  return cuModuleGetFunction(outKernel, library, name);
}

AWG_EMU_API Result awg::cuda::cuLibraryGetKernelCount(unsigned *outCount, Module library) {
  return cuModuleGetFunctionCount(outCount, library);
}

AWG_EMU_API Result awg::cuda::cuLibraryEnumerateKernels(Function *outKernels, unsigned count, Module library) {
  return cuModuleEnumerateFunctions(outKernels, count, library);
}

AWG_EMU_API Result awg::cuda::cuLibraryGetModule(Module *outModule, Module library) {
  AWG_EMU_ENTER();
  if (!outModule)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Module, library))
    return Result::InvalidHandle;
  *outModule = library;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuLibraryGetGlobal(Address *outAddress, size_t *outBytes, Module library, const char *name) {
  return cuModuleGetGlobal_v2(outAddress, outBytes, library, name);
}

AWG_EMU_API Result awg::cuda::cuKernelGetFunction(Function *outFunction, Function kernel) {
  AWG_EMU_ENTER();
  if (!outFunction)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, kernel))
    return Result::InvalidHandle;
  *outFunction = kernel;
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuKernelGetName(const char **outName, Function kernel) { return cuFuncGetName(outName, kernel); }

AWG_EMU_API Result awg::cuda::cuKernelGetAttribute(int *outValue, FunctionAttribute attribute, Function kernel,
                                                   awg::cuda::Device) {
  return cuFuncGetAttribute(outValue, attribute, kernel);
}

AWG_EMU_API Result awg::cuda::cuKernelSetAttribute(FunctionAttribute attribute, int value, Function kernel, awg::cuda::Device) {
  return cuFuncSetAttribute(kernel, attribute, value);
}
