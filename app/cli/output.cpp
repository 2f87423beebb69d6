#include "app/cli/output.h"

namespace gradus::cli {
namespace {
bool lost = false;
}  // namespace

bool output_lost() { return lost; }

void say_text(std::string_view text) {
  if (lost) return;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) lost = true;
}

}  // namespace gradus::cli
