// Dependencies point one way: a wrong #include fails here by name.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = GRADUS_SOURCE_DIR;

struct Include {
  std::string file;    // relative to the root
  std::string target;  // as written
  bool system;
};

std::vector<Include> includes_under(const std::string& folder) {
  static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<Include> result;
  if (!fs::exists(kRoot / folder)) return result;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".h" && extension != ".inc") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, pattern)) continue;
      result.push_back({fs::relative(entry.path(), kRoot).string(), match[2], match[1] == "<"});
    }
  }
  return result;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

// What each part may include of ours.
const std::map<std::string, std::vector<std::string>> kAllowed = {
    {"core", {"core/"}},
    {"compute", {"compute/", "core/base/", "core/tensor/", "core/op/", "shaders/"}},
    {"ui", {"ui/", "core/"}},
    {"app", {"app/", "ui/", "core/", "compute/"}},
};

TEST(Architecture, PartsDependOneWay) {
  for (const auto& [part, allowed] : kAllowed) {
    for (const Include& include : includes_under(part)) {
      if (include.system) continue;
      EXPECT_TRUE(starts_with_any(include.target, allowed))
          << include.file << " includes " << include.target << ": " << part << " must not";
    }
  }
}

// Core's folders, lowest first; op and autograd are one layer, since call() records nodes and
// nodes call ops.
const std::vector<std::vector<std::string>> kLayers = {
    {"base"}, {"random"}, {"tensor"}, {"op", "autograd"}, {"nn", "optim", "data"},
    {"net"},  {"io"},     {"session"}};

TEST(Architecture, CoreFoldersDependDownwards) {
  const auto level = [](const std::string& path) {
    for (size_t i = 0; i < kLayers.size(); ++i) {
      for (const std::string& folder : kLayers[i]) {
        if (path.starts_with("core/" + folder + "/")) return static_cast<int>(i);
      }
    }
    return -1;
  };
  for (const Include& include : includes_under("core")) {
    if (include.system) continue;
    const int from = level(include.file);
    const int to = level(include.target);
    ASSERT_GE(from, 0) << include.file << " is in a folder this test does not know";
    ASSERT_GE(to, 0) << include.file << " includes " << include.target;
    // The one upward look: tensor.cpp frees nodes, which only autograd knows in full.
    if (include.file == "core/tensor/tensor.cpp" && include.target == "core/autograd/node.h") {
      continue;
    }
    EXPECT_LE(to, from) << include.file << " includes " << include.target << ", which is above it";
  }
}

TEST(Architecture, CoreHasNoQt) {
  const std::vector<std::string> foreign = {"Q",      "vulkan",   "volk",  "dnnl",
                                            "oneapi", "graphviz", "omp.h", "CLI"};
  for (const Include& include : includes_under("core")) {
    if (!include.system) continue;
    EXPECT_FALSE(starts_with_any(include.target, foreign))
        << include.file << " includes <" << include.target << ">";
  }
}

TEST(Architecture, KernelFilesLeaveNothingBehind) {
  // Compiled for instruction sets that the machine may lack: an inline function of a heavier
  // header could be kept in that form for the whole program.
  const std::vector<std::string> light = {
      "math.h",          "type_traits", "cstdint", "compute/cpu/kernels/", "core/op/all_ops.inc",
      "core/op/op_id.h", "shaders/"};
  for (const Include& include : includes_under("compute/cpu/kernels")) {
    EXPECT_TRUE(starts_with_any(include.target, light))
        << include.file << " includes " << include.target;
  }
}

TEST(Architecture, FilesAreParagraphs) {
  for (const std::string part : {"core", "compute", "app", "ui", "tests"}) {
    if (!fs::exists(kRoot / part)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / part)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cpp" && extension != ".h") continue;
      std::ifstream in(entry.path());
      const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
      EXPECT_LE(lines, 500) << fs::relative(entry.path(), kRoot) << " has " << lines
                            << " lines: does it still have one reason to exist?";
    }
  }
}

}  // namespace
