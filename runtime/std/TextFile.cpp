// read_text and write_text.
#include "std/File.h"
#include "std/FileThreads.h"
#include "std/Text.h"

namespace awg::rt {

namespace {

awgrt_error *readText(FileOperation &operation) {
  Text problem, text;
  File file(problem, operation.interrupt);
  if (!file.openToRead(*operation.path) || !file.readText(text))
    return cannotRead(operation.place(), operation.path, problem);
  operation.result = text.toStr();
  return nullptr;
}

awgrt_error *writeText(FileOperation &operation) {
  Text problem;
  File file(problem, operation.interrupt);
  const awgrt_str &text = *operation.text;
  if (!file.openToWrite(*operation.path) || !file.write(text.bytes, size_t(text.length)) || !file.close())
    return cannotWrite(operation.place(), operation.path, problem);
  return nullptr;
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_task *awgrt_read_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path) {
  return startFileOperation(createFileOperation(self, place, path, readText));
}

awgrt_task *awgrt_write_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_str *text) {
  FileOperation *operation = createFileOperation(self, place, path, writeText);
  operation->text = awgrt_str_retain(text);
  return startFileOperation(operation);
}
