// read_csv: the text is looked through once for its extents and once for its values.
#include "memory/Elements.h"
#include "std/CsvText.h"
#include "std/File.h"
#include "std/FileThreads.h"
#include "std/ParseNumber.h"
#include "std/Str.h"

#include <cstring>

namespace awg::rt {

namespace {

/// What of a text is data.
struct Table {
  int64_t skipped = 0; ///< lines before it
  int64_t rows = 0, columns = 0;
};

/// The start of a text, short enough for a message.
void addExcerpt(Text &out, const Text &text) {
  constexpr size_t longest = 40;
  size_t size = text.size() < longest ? text.size() : utf8Prefix(text.data(), longest);
  out.add('\'').add(text.data(), size).add(size < text.size() ? "...'" : "'");
}

/// The first line names the columns if none of its cells is a number (or a bool, where those are read). Gives the lines up to and with it.
int64_t headerLines(const Text &text, int32_t kind) {
  Text ignored;
  CsvText csv(text.data(), text.size(), ignored);
  if (kind == AWGRT_STR || !csv.nextRow())
    return 0;
  while (csv.nextCell()) {
    uint64_t bits;
    if (parseNumber(kind == AWGRT_BOOL ? AWGRT_BOOL : AWGRT_F64, csv.cell(), bits))
      return 0;
  }
  return csv.isMalformed() ? 0 : csv.lines();
}

bool measure(const Text &text, Table &table, Text &problem) {
  CsvText csv(text.data(), text.size(), problem);
  csv.skipLines(table.skipped);
  for (; csv.nextRow(); ++table.rows) {
    int64_t columns = 0;
    while (csv.nextCell())
      ++columns;
    if (csv.isMalformed())
      return false;
    if (table.rows == 0)
      table.columns = columns;
    if (columns == table.columns)
      continue;
    csv.complain().addSigned(columns).add(columns == 1 ? " value in the line" : " values in the line");
    problem.add(", and the first line of values has ").addSigned(table.columns);
    return false;
  }
  return true;
}

bool checkExtent(const char *what, int64_t found, int64_t wanted, Text &problem) {
  if (wanted < 0 || wanted == found)
    return true;
  problem.add("it has ").addSigned(found).add(' ').add(what).add(", and ").addSigned(wanted).add(" were asked for");
  return false;
}

/// Compares the table with what was asked for; gives the extents of the array.
bool fitTable(const Table &table, const FileOperation &wanted, int64_t *extents, Text &problem) {
  extents[0] = table.rows;
  extents[1] = table.columns;
  if (table.rows == 0 && wanted.rank == 2 && wanted.extents[1] >= 0)
    extents[1] = wanted.extents[1];
  if (!checkExtent("lines of values", extents[0], wanted.extents[0], problem))
    return false;
  if (wanted.rank == 1)
    return table.rows == 0 || checkExtent("columns", extents[1], 1, problem);
  return checkExtent("columns", extents[1], wanted.extents[1], problem);
}

bool fill(awgrt_array &array, const Text &text, const Table &table, Text &problem) {
  CsvText csv(text.data(), text.size(), problem);
  csv.skipLines(table.skipped);
  size_t size = elementSize(array.kind);
  auto *element = static_cast<char *>(awgrt_array_data(&array, /*write=*/1));
  while (csv.nextRow())
    for (; csv.nextCell(); element += size) {
      uint64_t bits;
      if (array.kind == AWGRT_STR) {
        bits = reinterpret_cast<uintptr_t>(csv.cell().toStr());
      } else if (!parseNumber(array.kind, csv.cell(), bits)) {
        addExcerpt(csv.complain(), csv.cell());
        problem.add(" is no ").add(kindName(array.kind));
        return false;
      }
      memcpy(element, &bits, size);
    }
  return true;
}

awgrt_error *readCsv(FileOperation &operation) {
  Text problem, text;
  File file(problem, operation.interrupt);
  if (!file.openToRead(*operation.path) || !file.readText(text))
    return cannotRead(operation.place(), operation.path, problem);
  Table table;
  table.skipped = operation.headerLines < 0 ? headerLines(text, operation.kind) : operation.headerLines;
  int64_t extents[2];
  if (!measure(text, table, problem) || !fitTable(table, operation, extents, problem))
    return cannotRead(operation.place(), operation.path, problem);
  awgrt_array *array = nullptr;
  if (awgrt_error *error = awgrt_array_create(operation.place(), operation.kind, operation.rank, extents, &array))
    return error;
  if (!fill(*array, text, table, problem)) {
    awgrt_array_release(array);
    return cannotRead(operation.place(), operation.path, problem);
  }
  operation.result = array;
  return nullptr;
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_read_csv(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int64_t header_lines,
                           int32_t kind, int32_t rank, const int64_t *extents) {
  FileOperation *operation = createFileOperation(self, place, path, readCsv);
  operation->headerLines = header_lines;
  operation->kind = kind;
  operation->rank = rank;
  for (int32_t d = 0; d < rank; ++d)
    operation->extents[d] = extents[d];
  return startFileOperation(operation);
}
