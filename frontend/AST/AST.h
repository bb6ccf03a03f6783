// The syntax tree: what the parser makes, and what the checker fills in (types, resolved names, captures).
//
// Nodes live in an ASTContext and are never freed singly; lists are ArrayRefs into it. Fields under "checked" are null or
// empty until Check has run. IRGen reads checked trees only. A `switch` over kinds lives in one dispatcher a phase;
// each construct's handler is in the file of its name.
//
// What a program declares is in Declarations.h, its expressions are in Expressions.h (values), Control.h and Tasks.h,
// its statements in Statements.h; the kinds of all of them are in Nodes.def.
#ifndef AWG_FRONTEND_AST_AST_H
#define AWG_FRONTEND_AST_AST_H

#include "frontend/AST/Context.h"
#include "frontend/AST/Statements.h"

#endif // AWG_FRONTEND_AST_AST_H
