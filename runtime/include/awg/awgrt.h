// The C ABI between a compiled Awg program and the runtime that it links.
//
// Everything a program does that takes time is an *operation*: a coroutine that the compiler made from an
// `async fn` or an `async` block, a kernel launch, a timer, a file read. Each is an `awgrt_task`: a header of
// AWGRT_TASK_HEADER bytes followed by its results, one 8-byte slot a result. A task has exactly one owner (the scope
// that started it), which waits for it with awgrt_await, takes its failure with awgrt_join, reads its results and
// frees it with awgrt_task_free. A task that failed gives null for each result that would have to be freed. The header's
// fields are the runtime's own: compiled code knows its size and the two words that say how the task is.
//
// Threads: a function that takes `self` is called by the worker that runs `self`; all others may be called anywhere.
// Failures are values (`awgrt_error *`, null for none), owned by who receives them.
#ifndef AWG_AWGRT_H
#define AWG_AWGRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The runtime is built with hidden symbols, apart from this interface: a process that runs compiled code in memory
// finds these by name.
#pragma GCC visibility push(default)

/// Raised whenever compiled code and runtime of two versions would not fit together.
#define AWGRT_ABI_VERSION 4

/// Bytes from a task's start to its first result slot.
#define AWGRT_TASK_HEADER 64

/// What compiled code looks at by itself: where in a task stands a word (64 bits, atomic) that is AWGRT_TASK_DONE once it has
/// ended, and where its flags (32 bits, atomic): it was asked to stop, it has failed.
#define AWGRT_TASK_WAITER 16
#define AWGRT_TASK_DONE 1
#define AWGRT_TASK_FLAGS 24
#define AWGRT_TASK_CANCELLED 1
#define AWGRT_TASK_FAILED 16

/// The largest rank of an array.
#define AWGRT_MAX_RANK 8

typedef struct awgrt_runtime awgrt_runtime;
typedef struct awgrt_task awgrt_task;
typedef struct awgrt_error awgrt_error;
typedef struct awgrt_str awgrt_str;
typedef struct awgrt_array awgrt_array;
typedef struct awgrt_chan awgrt_chan;

//===-- Places and failures ------------------------------------------------------------------------------------===//

/// A place in the source. Static data of the compiled program.
typedef struct awgrt_place {
  const char *file;     ///< as given to the compiler
  const char *function; ///< the enclosing item, e.g. `brew_coffee` or `test "sums"`; "" if none
  uint32_t line;        ///< from 1
  uint32_t column;      ///< from 1
  const char *name;     ///< of a task: what is started there, e.g. `brew_coffee`, `async`, `sleep`; else null
  const struct awgrt_place *caller; ///< where the function was called, if it was put in place of the call; else null
} awgrt_place;

/// What a value in a format's argument list is. The same numbers are an array's element kind.
typedef enum awgrt_kind {
  AWGRT_BOOL = 0,
  AWGRT_I8, AWGRT_I16, AWGRT_I32, AWGRT_I64,
  AWGRT_U8, AWGRT_U16, AWGRT_U32, AWGRT_U64,
  AWGRT_F16, AWGRT_BF16, AWGRT_F32, AWGRT_F64,
  AWGRT_STR,        ///< an awgrt_str *, printed bare
  AWGRT_QUOTED_STR, ///< an awgrt_str *, printed in quotes with escapes (inside an aggregate)
  AWGRT_DURATION,   ///< i64 nanoseconds
  AWGRT_ARRAY,      ///< an awgrt_array *, printed `[1, 2]`, nested by extent
  AWGRT_TASK,       ///< an awgrt_task * (element kind of an array of futures; never printed)
  AWGRT_CSTR,       ///< a const char *, printed bare
  AWGRT_TEXT,       ///< an awgrt_str *, printed bare inside an aggregate too
  AWGRT_CHAN,       ///< an awgrt_chan * (never printed)
  AWGRT_DEVICE      ///< an i64, the number of a device
} awgrt_kind;

/// A text with holes and where it stands: what a rejection says. Static data of the compiled program.
///
/// `format` is UTF-8 with holes `{}` or `{:FORMAT}` (FORMAT as in the language: width, `.precision`, `<`, `>`, `x`,
/// `e`); `{{` and `}}` stand for the braces themselves. Hole k prints argument k, of kind `kinds[k]`. An argument is
/// 8 bytes: integers and bool extended by their own signedness to 64 bits, f16/bf16/f32/f64 as their bit pattern in
/// the low bits, pointers as they are.
typedef struct awgrt_site {
  awgrt_place place;
  const char *format;
  const uint8_t *kinds;
  uint32_t count;
} awgrt_site;

/// A new failure that says `site` with `args` filled in (formatted at once; `args` are borrowed).
awgrt_error *awgrt_error_create(const awgrt_site *site, const uint64_t *args);
/// A new failure that says `message` (borrowed).
awgrt_error *awgrt_error_from_str(const awgrt_place *place, awgrt_str *message);
/// Frees a failure; null is allowed.
void awgrt_error_release(awgrt_error *error);
/// 1 if the failure is a cancellation, which `catch` must pass on.
int32_t awgrt_error_is_cancellation(const awgrt_error *error);
/// The message, as a new string.
awgrt_str *awgrt_error_message(const awgrt_error *error);
/// `file:line:col` of where it arose, as a new string.
awgrt_str *awgrt_error_place(const awgrt_error *error);
/// Prints `error: message`, the place, the chain of awaits and what failed with it to standard error. Does not free it.
void awgrt_error_print(const awgrt_error *error);

//===-- Strings: immutable UTF-8, reference counted ---------------------------------------------------------------===//

/// The layout is known to compiled code, which emits literals as static data with `references` < 0 (never freed).
struct awgrt_str {
  int64_t references;
  int64_t length; ///< bytes, without the closing NUL
  char bytes[];   ///< `length` bytes and a NUL
};

awgrt_str *awgrt_str_retain(awgrt_str *text);
/// A new string of a text that ends with NUL; null is the empty one.
awgrt_str *awgrt_str_from_c(const char *text);
void awgrt_str_release(awgrt_str *text); ///< null is allowed
/// A new string: `format` with `args` filled in, by the rules of awgrt_site.
awgrt_str *awgrt_str_format(const char *format, const uint8_t *kinds, uint32_t count, const uint64_t *args);
awgrt_str *awgrt_str_concat(const awgrt_str *left, const awgrt_str *right);
/// Below 0, 0 or above 0, by bytes.
int32_t awgrt_str_compare(const awgrt_str *left, const awgrt_str *right);
/// Writes the text and a newline to standard output, as one write (so that two tasks' lines never mix).
void awgrt_print(const awgrt_str *text);
void awgrt_eprint(const awgrt_str *text);

//===-- Arrays ----------------------------------------------------------------------------------------------------===//

/// An array: row-major, owned by one variable of the program. The layout is known to compiled code.
struct awgrt_array {
  void *data;                       ///< host address of element 0, aligned to 64 bytes; valid after awgrt_array_data
  int64_t extents[AWGRT_MAX_RANK];  ///< the first `rank` count
  int32_t rank;
  int32_t kind;                     ///< awgrt_kind of the elements
  void *buffer;                     ///< the runtime's record of where the elements are valid
  int64_t strides[AWGRT_MAX_RANK];  ///< elements from one index of a dimension to the next
  awgrt_array *owner;               ///< of a view: the array whose elements these are; else null
};

/// Creates an array of zeros. `out_array` gets it. A negative extent or too large a size rejects at `place`
/// (`out of memory: ...`).
awgrt_error *awgrt_array_create(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                awgrt_array **out_array);
/// The same without setting the elements.
awgrt_error *awgrt_array_create_uninit(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                       awgrt_array **out_array);
awgrt_error *awgrt_array_copy(const awgrt_place *place, awgrt_array *source, awgrt_array **out_array);
/// Frees the array and its elements (strings are released); null is allowed.
void awgrt_array_release(awgrt_array *array);
/// Makes the elements valid on the host, for reading or for writing too, and returns `data`.
void *awgrt_array_data(awgrt_array *array, int32_t write);
/// Sets every element to the low bytes of `value`.
void awgrt_array_fill(awgrt_array *array, uint64_t value);
/// A new view of a part of an array, to be released before its owner is: of each dimension `lengths[d]` indices from
/// `begins[d]` on, which must be in range, or the one index `begins[d]`, without the dimension, if the length is -1.
awgrt_array *awgrt_array_view(awgrt_array *array, const int64_t *begins, const int64_t *lengths);
/// A new array of other extents with the same elements in row-major order. Rejects at `place` if it would have more or fewer
/// (`extents differ: ...`).
awgrt_error *awgrt_array_reshape(const awgrt_place *place, awgrt_array *source, int32_t rank, const int64_t *extents,
                                 awgrt_array **out_array);
/// `out_array` gets what stands for `old` once it is assigned `value`: `value`, and `old` is freed; or, if `old` is a view, `old`
/// with the elements of `value`, which is freed. Rejects at `place` if that has other extents (`extents differ: 4 and 3`), and
/// then leaves both.
awgrt_error *awgrt_array_replace(const awgrt_place *place, awgrt_array *old, awgrt_array *value,
                                 awgrt_array **out_array);
/// An array of the caller's elements, row-major, which it does not own: a view. An extent below 0 counts as 0. Freed with
/// awgrt_array_release.
awgrt_array *awgrt_array_wrap(void *elements, int32_t kind, int32_t rank, int64_t e0, int64_t e1, int64_t e2, int64_t e3,
                              int64_t e4, int64_t e5, int64_t e6, int64_t e7);
/// Puts an array's elements where the caller has them, if they are elsewhere.
void awgrt_array_unwrap(awgrt_array *array, void *elements);
/// The elements for a function of C, row-major: where they are, or copies of those of a view.
void *awgrt_array_lend(awgrt_array *array, int32_t write);
/// Ends that: copies are put back, if they were lent for writing, and freed.
void awgrt_array_take_back(awgrt_array *array, void *elements, int32_t write);
/// The text's bytes as a new u8 array.
awgrt_error *awgrt_bytes(const awgrt_place *place, const awgrt_str *text, awgrt_array **out_array);

//===-- Tasks -----------------------------------------------------------------------------------------------------===//

/// Memory for a coroutine's frame, aligned to 16 bytes (from AWGRT_ALIGNED_FRAME bytes on to 64), and back.
#define AWGRT_ALIGNED_FRAME ((size_t)512)
void *awgrt_frame_alloc(size_t size);
void awgrt_frame_free(void *frame);

/// Initialises the header of a task, which is the promise of a coroutine: the functions that resume and destroy it stand in
/// the two words in front. `parent` is the task whose scope starts it; `place` names it in traces.
void awgrt_task_begin(awgrt_task *task, awgrt_task *parent, const awgrt_place *place);
/// Makes a task ready to run on any worker; it must be suspended at its start.
void awgrt_task_spawn(awgrt_task *task);
/// 1 if little of the calling thread's stack is left: a coroutine that is awaited directly is then spawned instead of run in
/// its caller's stack, so that recursion through awaits is bounded by memory alone.
int32_t awgrt_stack_is_low(void);
/// The last act of a coroutine, after its results are stored and its final suspend point is saved: marks it done,
/// hands over its failure (null for none) and resumes who waits for it. The frame may be gone when this returns.
void awgrt_task_complete(awgrt_task *task, awgrt_error *error);
/// 1 if all `count` tasks are done: go on. 0: `self`, whose suspend point is saved, must suspend now; it is resumed
/// once all are done. May run them in place meanwhile. The first failure among several cancels the others.
/// If `self` is cancelled, it cancels the tasks it waits for and still waits until they have ended.
int32_t awgrt_await(awgrt_task *self, awgrt_task *const *tasks, int64_t count);
/// The same for one.
int32_t awgrt_await_one(awgrt_task *self, awgrt_task *task);
/// Waits for a time to pass, at `place`, as awgrt_await for a task: 1 if there is nothing to wait for.
int32_t awgrt_sleep_here(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds);
/// After awgrt_await: the failure to re-raise in `self`, with `place` added to its chain of awaits, or null. Of several
/// failed tasks it is the one that failed first; the others' are noted on it. A cancelled `self` gets the cancellation.
awgrt_error *awgrt_join(awgrt_task *self, awgrt_task *const *tasks, int64_t count, const awgrt_place *place);
/// The same for one.
awgrt_error *awgrt_join_one(awgrt_task *self, awgrt_task *task, const awgrt_place *place);
/// The same for what was carried out as a call in `self` and ended with `error` (owned; null for none). Nothing to do if
/// `error` is null and `self` not cancelled.
awgrt_error *awgrt_joined(awgrt_task *self, awgrt_error *error, const awgrt_place *place);
/// Has the failure of `task`, which was cancelled and has ended, reported with `error`, the reason why it was. Nothing to do if
/// it has none, or only the cancellation.
void awgrt_error_note(awgrt_error *error, awgrt_task *task);
/// Asks tasks to stop. Does not wait: awgrt_await does.
void awgrt_cancel(awgrt_task *const *tasks, int64_t count);
/// As awgrt_await, but the first of the tasks to end, well or not, cancels the others; of tasks that had ended before, the
/// first in the list counts. `tasks` has room for one more, in which the runtime notes the first.
int32_t awgrt_race(awgrt_task *self, awgrt_task **tasks, int64_t count);
/// After awgrt_race, with the same list: the position of the task that ended first.
int64_t awgrt_race_winner(awgrt_task *self, awgrt_task **tasks, int64_t count);
/// 1 if the task ended without a failure, so that its results may be read.
int32_t awgrt_task_succeeded(const awgrt_task *task);
/// Frees a done task, with its frame and an untaken failure. Its results must have been taken.
void awgrt_task_free(awgrt_task *task);

//===-- Channels ------------------------------------------------------------------------------------------------------===//

/// A new channel that holds up to `capacity` values, each of `leaves` 8-byte words; a channel of capacity 0 passes a value on
/// when both sides are there. `kinds` (copied) says what each word is (AWGRT_STR, AWGRT_ARRAY and AWGRT_CHAN are owned). A
/// negative capacity rejects at `place`.
awgrt_error *awgrt_chan_create(const awgrt_place *place, int64_t capacity, int32_t leaves, const uint8_t *kinds,
                               awgrt_chan **out_chan);
awgrt_chan *awgrt_chan_retain(awgrt_chan *chan);
/// Frees the channel, with the values still in it, once nobody uses it; null is allowed.
void awgrt_chan_release(awgrt_chan *chan);
/// Nothing can be sent any more; what was sent can still be received. What waits rejects with `channel closed`.
void awgrt_chan_close(awgrt_chan *chan);
/// No result. Takes over the value. Rejects with `channel closed`.
awgrt_task *awgrt_chan_send(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan, const uint64_t *value);
/// Results: the value. Rejects with `channel closed` once the channel is closed and empty.
awgrt_task *awgrt_chan_recv(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan);
/// Results: 1 and the value, or 0 once the channel is closed and empty.
awgrt_task *awgrt_chan_next(awgrt_task *self, const awgrt_place *place, awgrt_chan *chan);

//===-- Operations that the runtime offers: each starts and returns its task -----------------------------------------===//

/// No result. A negative duration is zero.
awgrt_task *awgrt_sleep(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds);
/// Result: an awgrt_array *, of exactly `kind` and `rank`. `extents[k]` >= 0 asks for that extent, -1 takes any.
awgrt_task *awgrt_read_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int32_t kind, int32_t rank,
                           const int64_t *extents);
/// No result. NumPy format 1.0, C order. The array is lent until the task is done.
awgrt_task *awgrt_write_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array);
/// No result. The array is u8: [height, width] grey, [height, width, 3] RGB or [height, width, 4] RGBA.
awgrt_task *awgrt_write_png(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array);
/// Result: an awgrt_array *, of exactly `kind` (a number, a bool or a str) and `rank` (1: a value a line; 2: lines and
/// columns) from a file of comma-separated values (RFC 4180). `extents` as above. `header_lines` are passed over; below 0:
/// the first line, if none of its cells is a number.
awgrt_task *awgrt_read_csv(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int64_t header_lines,
                           int32_t kind, int32_t rank, const int64_t *extents);
/// Result: an awgrt_str *. Bytes that are not UTF-8 reject.
awgrt_task *awgrt_read_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path);
/// No result.
awgrt_task *awgrt_write_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_str *text);

/// Nanoseconds since the program began.
int64_t awgrt_now(void);
/// The program's arguments after its name, as a new str array (empty outside awgrt_main).
awgrt_array *awgrt_args(void);
/// The value of an environment variable, as a new string; "" if unset.
awgrt_str *awgrt_env(const awgrt_str *name);

/// c = a b of row-major matrices by a vendor's library, with bits of its own. 1 if that was done; 0 if there is none, or it does not
/// take such extents. Array parameters as for any function of C that a program declares: the elements, then each extent.
int32_t awgrt_matmul_f32(const float *a, int64_t m, int64_t k, const float *b, int64_t b_rows, int64_t n, float *c,
                         int64_t c_rows, int64_t c_columns);

//===-- Kernels ---------------------------------------------------------------------------------------------------===//

/// Where a failing index of a launch leaves its record; one a launch, the lowest index wins.
typedef struct awgrt_failure {
  int64_t index;         ///< row-major launch index, of a block kernel the block's; INT64_MAX: none yet
  int32_t lock;
  int32_t site;          ///< index into the kernel's `sites`
  uint64_t args[4];
  int64_t inner;         ///< row-major index within a phase of the block, else 0
} awgrt_failure;

/// Records a failure from a host kernel: kept if `index`, then `inner` are lower than those there.
void awgrt_kernel_fail(awgrt_failure *failure, int64_t index, int64_t inner, int32_t site, const uint64_t *args,
                       int32_t count);

/// Runs indices (or blocks, or runs: see awgrt_kernel_shape) `begin` to `end` of a launch on the host.
/// `slots`: the launch's arguments, see awgrt_launch.
typedef void (*awgrt_host_kernel)(const uint64_t *slots, int64_t begin, int64_t end, awgrt_failure *failure);

/// Memory for a kernel's own use until it returns: AWGRT_SCRATCH_BYTES, aligned to 64. For code that a worker runs.
#define AWGRT_SCRATCH_BYTES (1 << 20)
void *awgrt_scratch(void);

typedef enum awgrt_kernel_shape {
  /// Runs over row-major indices. slots = {extents..., arguments...}.
  AWGRT_EACH = 0,
  /// A reduction over row-major indices in blocks of 4096: `host(b0, b1)` leaves block b's result in partials[b].
  /// slots = {extents..., arguments..., partials}. `combine(b0, b1)` does the same over an array of `count` partials, with
  /// slots = {count, input partials, output partials}; it is applied until one is left, the launch's result.
  AWGRT_REDUCE,
  /// An inclusive scan: runs of 16 from left to right, the runs' totals by the same rule, and the scanned total of the run before on
  /// the left. On the host it goes by blocks of 16 x 16 x 16 elements: `host(b0, b1)` leaves what awgrt_scan says of block b, `scan(b0, b1)`
  /// writes its elements, once `totals` are scanned. Where `lanes` is 1, `host` also puts the mapped elements into the output,
  /// from which `scan` takes them. slots = {extents..., arguments..., output elements, awgrt_scan *}.
  /// `combine(r0, r1)` scans runs of an array, with slots = {count, input elements, output elements, totals of the runs};
  /// `finish(r0, r1)` puts totals[r - 1] (by then scanned themselves) on the left of every element of run r > 0, with slots =
  /// {count, output elements, totals}. On a GPU the kernel itself goes by runs, as `combine` does.
  AWGRT_SCAN
} awgrt_kernel_shape;

/// What the blocks of a scan leave for each other: an element a block each.
typedef struct awgrt_scan {
  void *totals;         ///< of a block's elements
  const void *prefixes; ///< the totals, scanned
  void *last_totals;    ///< of a block's last 256 elements
  void *befores;        ///< of the block's elements before those
  int64_t is_large;     ///< 1: the output is not to be kept in caches
} awgrt_scan;

/// A kernel as compiled. Static data of the program.
typedef struct awgrt_kernel {
  awgrt_place place;
  const char *name;             ///< symbol in the PTX
  int32_t shape;                ///< awgrt_kernel_shape
  int32_t rank;                 ///< number of index variables
  int32_t slot_count;           ///< 8-byte argument slots
  int32_t partial_size;         ///< AWGRT_REDUCE, AWGRT_SCAN: bytes of one partial result (16: argmin, argmax)
  const void *empty;            ///< AWGRT_REDUCE: the result over no indices (8 bytes); null: rejects with `empty reduction`
  const uint8_t *access;        ///< a byte a slot: 0 plain, 1 array read, 2 array written (only at an array's first slot)
  const awgrt_site *sites;      ///< what can fail in it
  int32_t site_count;
  int32_t variant_count;        ///< entries of `host`, best first
  const struct awgrt_host_variant *host;
  const char *ptx;              ///< the module's PTX or cubin; null if built without
  const int64_t *ptx_size;      ///< its bytes; null if built without
  int32_t is_block;             ///< 1: an index is a group of threads on a GPU
  int32_t group_threads;        ///< threads of a group on a GPU; 0: as the runtime likes
} awgrt_kernel;

/// A kernel's code for one level of the host's instruction set.
typedef struct awgrt_host_variant {
  uint32_t level;               ///< 1: x86-64-v3 (AVX2, FMA), 2: x86-64-v4 (AVX-512), 0: any
  uint16_t lanes;               ///< AWGRT_EACH: so many indices are computed together, fewer cost as much; 0: one. AWGRT_SCAN: see there
  uint16_t rows;                ///< AWGRT_EACH: so many rows are, and prepare what others share: many make a good piece; 0: one
  awgrt_host_kernel host;
  awgrt_host_kernel combine;    ///< AWGRT_REDUCE, AWGRT_SCAN; else null
  awgrt_host_kernel finish;     ///< AWGRT_SCAN; else null
  awgrt_host_kernel scan;       ///< AWGRT_SCAN; else null
} awgrt_host_variant;

/// The numbers of devices: that of a GPU is its position among those that the runtime has.
#define AWGRT_CPU INT64_MIN              ///< the host's processor
#define AWGRT_ANY_DEVICE (INT64_MIN + 1) ///< the one that the runtime chooses
#define AWGRT_ANY_GPU (INT64_MIN + 2)    ///< a GPU that the runtime chooses

/// The devices of the runtime that the calling thread works for, or its GPUs alone, as a new array of AWGRT_DEVICE.
awgrt_array *awgrt_devices(int32_t gpus_only);

/// Whether a program on the devices that AWG_DEVICES calls so (null: those of the machine) needs code for GPUs.
int32_t awgrt_needs_gpu_code(const char *devices);
/// A line for each of those GPUs: its name, chip and memory. "" if there is none that was not asked for.
awgrt_error *awgrt_gpus_describe(const char *devices, awgrt_str **out_text);

/// Starts a launch over `extents[0] x ... x extents[rank - 1]` indices on `device`; it rejects with `no such device: ...` if
/// there is none of that number. `slots` (copied) has `slot_count` entries: first `rank` for the extents, then the arguments, then those that the shape adds; compiled code sets the arguments alone. A
/// plain argument is its value in the low bytes. An array of rank r takes 3 + 2r slots, a memref descriptor: compiled code
/// puts the awgrt_array * into the first; the runtime replaces it and the second by the elements' address on the
/// chosen device, the third by 0, and fills in extents and row-major strides.
/// `result` is an array that the launch fills (also the output of AWGRT_SCAN) and gives back in result slot 0 (null:
/// none); it is released if the launch fails. AWGRT_REDUCE: the last partial's bytes stand from result slot 0 on (`empty`
/// over no indices; a partial of argmin or argmax is {i64 index, value}, and index -1 rejects with `empty reduction`:
/// every value was a NaN). An extent below 0 counts as 0.
awgrt_task *awgrt_launch(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                         const int64_t *extents, const uint64_t *slots, awgrt_array *result);

/// The same for a launch that `self` awaits next. One that is known to be short is carried out on the spot, without a task: gives
/// null if it succeeded, and `out_results` (AWGRT_LAUNCH_RESULTS slots) has what would stand from result slot 0 on. Any other is
/// started, or has failed: gives its task, to be awaited.
#define AWGRT_LAUNCH_RESULTS 2
awgrt_task *awgrt_launch_here(awgrt_task *self, const awgrt_place *place, const awgrt_kernel *kernel, int64_t device,
                              const int64_t *extents, const uint64_t *slots, awgrt_array *result, uint64_t *out_results);

//===-- A program's entry -------------------------------------------------------------------------------------------===//

/// The compiled `main`: creates its coroutine (suspended at its start) as a child of `root` and returns its task.
/// `arguments` (owned by the callee) is a str array.
typedef awgrt_task *(*awgrt_entry)(awgrt_task *root, awgrt_array *arguments);

/// Runs a program: creates the runtime that AWG_DEVICES asks for, runs `entry`, prints an uncaught failure and
/// returns the exit code.
int32_t awgrt_main(int32_t argc, char **argv, awgrt_entry entry);

/// The pieces of awgrt_main for a host program: a runtime of its own, and a call into compiled code.
awgrt_error *awgrt_runtime_create(const char *devices, awgrt_runtime **out_runtime);
void awgrt_runtime_destroy(awgrt_runtime *runtime);
/// Blocks the calling thread (not a worker) until the task that `start(root, context)` returns has ended, hands its results'
/// address to `take` (null: to nobody) if it succeeded, and frees it. Returns its failure or null. A coroutine is suspended
/// at its start, or was spawned.
awgrt_error *awgrt_runtime_run(awgrt_runtime *runtime, awgrt_task *(*start)(awgrt_task *root, void *context),
                               void (*take)(const void *results, void *context), void *context);

/// What a runtime has done so far; what was awaited has ended on GPUs too. Times in nanoseconds; quantiles are right to a fifth.
typedef struct awgrt_stats {
  int32_t workers;
  int64_t elapsed;     ///< since the runtime was created
  int64_t tasks;       ///< tasks started; what `await f(x)` runs in place is not one
  int64_t runs;        ///< times that a worker took a task or a launch up
  int64_t steals;      ///< of them, from another worker
  int64_t launches;
  int64_t pieces;      ///< that those on the host were carried out in
  int32_t gpus;        ///< that were opened
  int64_t gpu_launches;
  int64_t uploads;     ///< copies from the host to a GPU
  int64_t uploaded;    ///< their bytes
  int64_t downloads;   ///< copies from a GPU to the host, results of reductions and failures aside
  int64_t downloaded;
  int64_t peer_copies; ///< copies from GPU to GPU
  int64_t peer_copied;
  int64_t graphs;      ///< launches of CUDA graphs, each of many kernels
  int64_t sleeps;
  int64_t files;       ///< file operations
  int64_t parks;       ///< times that a worker had nothing to do
  int64_t idle;        ///< time of that, of all workers together
  int64_t wake_median; ///< from a worker's wake-up until it runs
  int64_t wake_p99;
  int64_t late_median; ///< from a sleep's deadline until its task is made ready
  int64_t late_p99;
} awgrt_stats;

/// May be called while the runtime works: the numbers are of about the same moment.
void awgrt_runtime_stats(awgrt_runtime *runtime, awgrt_stats *out_stats);
/// Prints them to standard error. awgrt_main does at the program's end if AWG_STATS is set (and not 0).
void awgrt_stats_print(const awgrt_stats *stats);
/// Records what the runtime's threads do, before anything runs in it; the file is complete once the runtime is destroyed.
/// In the trace event format, which Perfetto reads. awgrt_main does for the path in AWG_TRACE.
awgrt_error *awgrt_runtime_trace(awgrt_runtime *runtime, const char *path);

/// Writes down where each launch is placed and from what that was decided, before anything runs in it: a line of JSON each
/// (runtime/place/Placements.h says which). awgrt_main does for the path in AWG_AUDIT.
awgrt_error *awgrt_runtime_audit(awgrt_runtime *runtime, const char *path);
/// Places launches as such a file says, before anything runs in it. awgrt_main does for the path in AWG_REPLAY.
awgrt_error *awgrt_runtime_replay(awgrt_runtime *runtime, const char *path);

/// From here on the exported functions of compiled code that the calling thread calls run in `runtime`, which must outlive those calls;
/// null: in the process's own again. Each thread chooses for itself, and several may choose the same.
void awgrt_runtime_use(awgrt_runtime *runtime);

/// What exported functions do: runs a task as awgrt_runtime_run does, in the runtime that the thread uses. If it chose none, that is one of
/// the process's own, which the first such call creates on the devices that AWG_DEVICES names. `count` 8-byte results are copied to `results`. Not to be called by a worker.
awgrt_error *awgrt_call(awgrt_task *(*start)(awgrt_task *root, void *arguments), void *arguments, void *results,
                        int64_t count);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif // AWG_AWGRT_H
