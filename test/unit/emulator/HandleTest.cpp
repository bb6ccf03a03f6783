// Handles that are gone, or of another kind than they are given for: told from those that are there, and never followed.
#include "Emulator.h"

using namespace emutest;
using namespace awg::cuda;

namespace {
const char *const kernels = R"(
.visible .entry store(.param .u64 a, .param .u32 v) { .reg .b32 %v; .reg .b64 %a;
  ld.param.u64 %a, [a]; ld.param.u32 %v, [v]; st.global.u32 [%a], %v; ret; }
)";

void expectReport(Result result, const std::string &text, Result wanted = Result::InvalidHandle) {
  EXPECT_EQ(result, wanted) << text;
  EXPECT_EQ(awgemu_last_report(), "a use of " + text);
}
void expectGone(Result result, const std::string &what, Result wanted = Result::InvalidHandle) {
  expectReport(result, what + " that has been destroyed, or never was", wanted);
}

/// A graph of one launch of `store`, and a stream to launch it in.
class Handles : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(program.result, Result::Success) << program.log;
    ASSERT_EQ(cuStreamCreate(&stream, streamNonBlocking), Result::Success);
    ASSERT_EQ(cuEventCreate(&event, 0), Result::Success);
    graph = capture();
    ASSERT_EQ(cuGraphInstantiateWithFlags(&exec, graph, 0), Result::Success);
  }
  void TearDown() override {
    if (exec)
      EXPECT_EQ(cuGraphExecDestroy(exec), Result::Success);
    EXPECT_EQ(cuGraphDestroy(graph), Result::Success);
    EXPECT_EQ(cuEventDestroy_v2(event), Result::Success);
    EXPECT_EQ(cuStreamDestroy_v2(stream), Result::Success);
  }
  Graph capture() {
    Graph made = nullptr;
    unsigned value = 5;
    void *args[] = {&buffer.address, &value};
    EXPECT_EQ(cuStreamBeginCapture_v2(stream, CaptureMode::Relaxed), Result::Success);
    EXPECT_EQ(cuLaunchKernel(program.function("store"), 1, 1, 1, 1, 1, 1, 0, stream, args, nullptr), Result::Success);
    EXPECT_EQ(cuEventRecord(event, stream), Result::Success);
    EXPECT_EQ(cuStreamEndCapture(stream, &made), Result::Success);
    return made;
  }
  template <class To, class From> static To as(From handle) { return reinterpret_cast<To>(handle); }

  Program program{module(kernels)};
  Buffer<uint32_t> buffer{1};
  Stream stream = nullptr;
  Event event = nullptr;
  Graph graph = nullptr;
  GraphExec exec = nullptr;
};

TEST_F(Handles, OfStreamsEventsAndModulesThatAreGone) {
  Stream other = nullptr;
  ASSERT_EQ(cuStreamCreate(&other, 0), Result::Success);
  ASSERT_EQ(cuStreamDestroy_v2(other), Result::Success);
  expectGone(cuStreamSynchronize(other), "a stream");
  expectGone(cuStreamDestroy_v2(other), "a stream");
  Event gone = nullptr;
  ASSERT_EQ(cuEventCreate(&gone, 0), Result::Success);
  ASSERT_EQ(cuEventDestroy_v2(gone), Result::Success);
  expectGone(cuEventRecord(gone, nullptr), "an event");
  expectGone(cuEventDestroy_v2(gone), "an event");
  Module handle = nullptr;
  Function function = nullptr;
  ASSERT_EQ(cuModuleLoadData(&handle, module(kernels).c_str()), Result::Success);
  ASSERT_EQ(cuModuleGetFunction(&function, handle, "store"), Result::Success);
  ASSERT_EQ(cuModuleUnload(handle), Result::Success);
  expectGone(launch(function, 1, 1, 0, buffer.address, 0u), "a function");
  const char *name = nullptr;
  expectGone(cuFuncGetName(&name, function), "a function");
  int number = 0, size = 0;
  expectGone(cuOccupancyMaxPotentialBlockSize(&number, &size, function, nullptr, 0, 0), "a function");
  expectGone(cuModuleUnload(handle), "a module");
  unsigned count = 0;
  expectGone(cuModuleGetFunctionCount(&count, handle), "a module");
}

TEST_F(Handles, OfGraphsThatAreGone) {
  Graph gone = capture();
  ASSERT_EQ(cuGraphDestroy(gone), Result::Success);
  GraphExec made = nullptr;
  size_t count = 0;
  expectGone(cuGraphInstantiateWithFlags(&made, gone, 0), "a graph");
  expectGone(cuGraphGetNodes(gone, nullptr, &count), "a graph");
  expectGone(cuGraphDestroy(gone), "a graph");
  ASSERT_EQ(cuGraphInstantiateWithFlags(&made, graph, 0), Result::Success);
  ASSERT_EQ(cuGraphExecDestroy(made), Result::Success);
  expectGone(cuGraphLaunch(made, stream), "an executable graph");
  expectGone(cuGraphUpload(made, stream), "an executable graph");
  expectGone(cuGraphExecDestroy(made), "an executable graph");
  EXPECT_EQ(cuGraphLaunch(exec, stream), Result::Success); // the others are not touched
  EXPECT_EQ(cuStreamSynchronize(stream), Result::Success);
  EXPECT_EQ(buffer.read(), std::vector<uint32_t>(1, 5));
}

TEST_F(Handles, OfAnotherKind) {
  size_t count = 0;
  GraphExec made = nullptr;
  expectReport(cuGraphLaunch(as<GraphExec>(graph), stream), "a graph as an executable graph");
  expectReport(cuGraphInstantiateWithFlags(&made, as<Graph>(exec), 0), "an executable graph as a graph");
  expectReport(cuGraphGetNodes(as<Graph>(stream), nullptr, &count), "a stream as a graph");
  expectReport(cuGraphLaunch(exec, as<Stream>(event)), "an event as a stream");
  expectReport(cuEventSynchronize(as<Event>(stream)), "a stream as an event");
  expectReport(cuModuleUnload(as<Module>(event)), "an event as a module");
  expectReport(cuCtxSetCurrent(as<Context>(stream)), "a stream as a context", Result::InvalidContext);
  void *image = nullptr;
  expectReport(cuLinkComplete(as<Link>(graph), &image, nullptr), "a graph as a link");
  int anything = 0;
  expectGone(cuGraphDestroy(as<Graph>(&anything)), "a graph");
  expectGone(cuGraphExecDestroy(as<GraphExec>(&anything)), "an executable graph");
}

TEST_F(Handles, Null) {
  GraphExec made = nullptr;
  size_t count = 0;
  EXPECT_EQ(cuGraphDestroy(nullptr), Result::InvalidValue);
  EXPECT_EQ(cuGraphExecDestroy(nullptr), Result::InvalidValue);
  EXPECT_EQ(cuGraphLaunch(nullptr, stream), Result::InvalidValue);
  EXPECT_EQ(cuGraphUpload(nullptr, stream), Result::InvalidValue);
  EXPECT_EQ(cuGraphInstantiateWithFlags(&made, nullptr, 0), Result::InvalidValue);
  EXPECT_EQ(cuGraphInstantiateWithFlags(nullptr, graph, 0), Result::InvalidValue);
  EXPECT_EQ(cuGraphGetNodes(nullptr, nullptr, &count), Result::InvalidValue);
  EXPECT_EQ(cuGraphGetNodes(graph, nullptr, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuStreamIsCapturing(stream, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuStreamGetFlags(stream, nullptr), Result::InvalidValue);
  EXPECT_EQ(cuCtxGetCurrent(nullptr), Result::InvalidValue);
  EXPECT_EQ(cuEventElapsedTime(nullptr, event, event), Result{907});
}

/// A graph that launches what was unloaded since.
TEST_F(Handles, OfAModuleInAGraph) {
  ASSERT_EQ(cuModuleUnload(program.handle), Result::Success);
  program.handle = nullptr;
  expectGone(cuGraphLaunch(exec, stream), "a function");
}

/// The event knows a capture that has ended, whose graph may be gone.
TEST_F(Handles, OfAnEventOfACaptureThatHasEnded) {
  EXPECT_EQ(cuStreamWaitEvent(stream, event, 0), Result{907}); // CUDA_ERROR_CAPTURED_EVENT
  EXPECT_EQ(cuEventQuery(event), Result{907});
  EXPECT_EQ(cuEventSynchronize(event), Result{907});
  CaptureStatus status = CaptureStatus::Active;
  EXPECT_EQ(cuStreamIsCapturing(stream, &status), Result::Success);
  EXPECT_EQ(status, CaptureStatus::None);
  EXPECT_EQ(cuEventRecord(event, stream), Result::Success); // again, and it is like any other
  EXPECT_EQ(cuStreamWaitEvent(stream, event, 0), Result::Success);
  EXPECT_EQ(cuEventSynchronize(event), Result::Success);
}

TEST_F(Handles, OfAStreamThatIsCaptured) {
  Graph made = graph;
  ASSERT_EQ(cuStreamBeginCapture_v2(stream, CaptureMode::Relaxed), Result::Success);
  EXPECT_EQ(cuStreamDestroy_v2(stream), Result::StreamCaptureUnsupported);
  EXPECT_EQ(cuStreamEndCapture(stream, &made), Result::StreamCaptureInvalidated);
  EXPECT_EQ(made, nullptr);
}

TEST_F(Handles, OfAContextThatIsGone) {
  Context own = nullptr, made = nullptr;
  ASSERT_EQ(cuCtxGetCurrent(&own), Result::Success);
  ASSERT_EQ(cuCtxCreate_v2(&made, 0, 0), Result::Success);
  cuCtxSetCurrent(own);
  ASSERT_EQ(cuCtxDestroy_v2(made), Result::Success);
  expectGone(cuCtxSetCurrent(made), "a context", Result::InvalidContext);
  expectGone(cuCtxPushCurrent_v2(made), "a context", Result::InvalidContext);
  expectGone(cuCtxDestroy_v2(made), "a context", Result::InvalidContext);
  expectGone(cuCtxEnablePeerAccess(made, 0), "a context", Result::InvalidContext);
  EXPECT_EQ(cuCtxSynchronize(), Result::Success);
}
} // namespace
