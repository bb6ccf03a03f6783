# Writes StandardLibrary.cpp: the texts of lang/std and lang/errors as C++ arrays.
# cmake -DROOT=... -DOUT=... -P embed.cmake
function(embed list prefix pattern out_var)
  set(result "static const awg::StandardModule ${list}[] = {\n")
  file(GLOB files ${ROOT}/${pattern})
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
    string(LENGTH "${hex}" length)
    math(EXPR length "${length} / 2")
    string(APPEND result "  {\"${prefix}${name}\", llvm::StringRef(\"${bytes}\", ${length})},\n")
  endforeach()
  string(APPEND result "};\n")
  set(${out_var} "${result}" PARENT_SCOPE)
endfunction()

embed(modules "std/" "lang/std/*.awg" modules)
embed(imports "std/" "lang/std/import/*.awg" imports)
embed(pages "" "lang/errors/*.md" pages)
file(WRITE ${OUT} "// Made by driver/embed.cmake.\n#include \"driver/StandardLibrary.h\"\n${modules}${imports}${pages}
llvm::ArrayRef<awg::StandardModule> awg::standardModules() { return modules; }
llvm::ArrayRef<awg::StandardModule> awg::importedModules() { return imports; }
llvm::ArrayRef<awg::StandardModule> awg::errorPages() { return pages; }
")
