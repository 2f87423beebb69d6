#include "core/io/examples.h"

#include "core/base/error.h"
#include "core/io/project.h"

namespace gradus {

NetGraph example(std::string_view name) {
  std::string known;
  for (const Example& one : all_examples()) {
    if (one.name == name) return graph_from_json(std::string(one.json), std::string(name));
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  fail("example", "there is none called {:?}; there are {}", name, known);
}

}  // namespace gradus
