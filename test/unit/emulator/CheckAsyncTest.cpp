// Asynchronous copies and mbarriers, used too early and as they should be.
#include "CheckCase.h"

using namespace emutest;

namespace {
const Case faulty[] = {
    {"MbarrierUsedBeforeItIsMade", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s], 32; mbarrier.arrive.shared.b64 %w, [s];", "a race:"},
    {"MbarrierOfNone", 1, 1, "mbarrier.init.shared.b64 [s], 0;", "with a count of 0", Result::IllegalInstruction},
    {"MbarrierTooManyArrivals", 1, 2,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s], 3; bar.sync 0; mbarrier.arrive.shared.b64 %w, [s], 2;",
     "arrivals to come", Result::IllegalInstruction},
    {"BulkCopyNotWaitedFor", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s+248], 1; bar.sync 0; @%p mbarrier.arrive.expect_tx.shared.b64 _, "
     "[s+248], 128; @%p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a], 128, [s+248];"
     "ld.shared.u32 %x, [%s];",
     "asynchronous copy of thread 0 writes"},
    {"BulkCopyOutOfBounds", 1, 1,
     "mbarrier.init.shared.b64 [s+248], 1; mbarrier.arrive.expect_tx.shared.b64 _, [s+248], 128; add.u64 %w, %a, 144;"
     "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%w], 128, [s+248];",
     "past the end", illegal},
    {"MisalignedBulkCopy", 1, 1,
     "mbarrier.init.shared.b64 [s+248], 1; cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a+8], "
     "64, [s+248];",
     "not aligned to 16", misaligned},
    {"BulkStoreOfWhatWasNeverWritten", 1, 1,
     "cp.async.bulk.global.shared::cta.bulk_group [%b], [s], 16; cp.async.bulk.commit_group;", "never written"},
    {"BulkStoreNotWaitedFor", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; setp.eq.u32 %p, %t, 0; @!%p bra E; fence.proxy.async; cp.async.bulk.global.shared::cta"
     ".bulk_group [%b], [s], 128; cp.async.bulk.commit_group; ld.global.u32 %x, [%b+124]; cp.async.bulk.wait_group 0; E:",
     "asynchronous copy of thread 0 writes"},
    {"AsyncCopyOutOfBounds", 1, 1, "cp.async.ca.shared.global [%s], [%a+256], 4;", "past the end", illegal},
    {"AsyncCopyNotWaitedFor", 1, 1, "cp.async.ca.shared.global [%s], [%at], 4; ld.shared.u32 %x, [%s];",
     "asynchronous copy of thread 0 writes"},
    {"AsyncCopyOfAnotherNotWaitedFor", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; cp.async.ca.shared.global [%s], [%at], 4; bar.sync 0; ld.shared.u32 %x, [s+252];"
     "cp.async.wait_all;",
     "asynchronous copy of thread 63 writes"},
    {"AsyncCopyWithoutBarrier", 1, 64,
     "st.shared.u32 [%s], 0; bar.sync 0; cp.async.ca.shared.global [%s], [%at], 4; cp.async.wait_all;"
     "xor.b32 %x, %t, 32; shl.b32 %x, %x, 2; ld.shared.u32 %y, [%x];",
     "a race:"},
    {"MisalignedAsyncCopy", 1, 1, "cp.async.cg.shared.global [%s], [%a+8], 16;", "not aligned", misaligned},
};

const Case clean[] = {
    {"AsyncCopyInGroups", 1, 32,
     "cp.async.ca.shared.global [%s], [%at], 4; cp.async.commit_group; cp.async.ca.shared.global [%s+128], [%at+128], 4;"
     "cp.async.commit_group; cp.async.wait_group 1; ld.shared.u32 %x, [%s]; cp.async.wait_group 0; ld.shared.u32 %y, "
     "[%s+128];"},
    {"BulkCopyWaitedFor", 1, 32,
     "setp.eq.u32 %p, %t, 0; @%p mbarrier.init.shared.b64 [s+248], 1; bar.sync 0; @%p mbarrier.arrive.expect_tx.shared.b64 _, "
     "[s+248], 128; @%p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [s], [%a], 128, [s+248];"
     "L: mbarrier.try_wait.parity.shared.b64 %q, [s+248], 0; @!%q bra L; ld.shared.u32 %x, [%s]; st.global.u32 [%bt], %x;"},
    {"BulkStoreWaitedFor", 1, 32,
     "st.shared.u32 [%s], %t; bar.sync 0; setp.eq.u32 %p, %t, 0; @!%p bra E; fence.proxy.async; cp.async.bulk.global.shared::cta"
     ".bulk_group [%b], [s], 128; cp.async.bulk.commit_group; cp.async.bulk.wait_group 0; ld.global.u32 %x, [%b+124]; E:"},
    {"AsyncCopy", 1, 64,
     "cp.async.ca.shared.global [%s], [%at], 4; cp.async.commit_group; cp.async.wait_group 0; bar.sync 0; "
     "ld.shared.u32 %x, [s+252];"},
    {"AsyncCopyOfNothing", 1, 1,
     "cp.async.ca.shared.global [%s], [%a+256], 4, 0; cp.async.wait_all; ld.shared.u32 %x, [%s];"},
    {"MbarrierHandOver", 1, 64,
     "setp.ne.u32 %p, %t, 0; @%p bra A; mbarrier.init.shared.b64 [s], 64; A: bar.sync 0; st.global.u32 [%bt], %t;"
     "mbarrier.arrive.shared.b64 %w, [s]; W: mbarrier.test_wait.shared.b64 %q, [s], %w; @!%q bra W; ld.global.u32 %x, "
     "[%b+100];"},
};

class AsyncChecks : public testing::TestWithParam<Case> {};
TEST_P(AsyncChecks, AreAsExpected) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Faulty, AsyncChecks, testing::ValuesIn(faulty), nameOf);
INSTANTIATE_TEST_SUITE_P(Clean, AsyncChecks, testing::ValuesIn(clean), nameOf);
} // namespace
