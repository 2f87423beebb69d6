#include "app/cli/output.h"

#include <unistd.h>

#include <cerrno>

#include "app/cli/commands.h"

namespace gradus::cli {
namespace {
bool lost = false;
}  // namespace

bool output_lost() { return lost; }

void say_text(std::string_view text) {
  while (!lost && !text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR || interruptions() > 1) {
      lost = true;
    }
  }
}

void say_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i + 1 < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    say("{}{}\n", line, row.empty() ? "" : row.back());
  }
}

std::string moved_text(const event::Moved& moved) {
  return fmt::format("{}. Going on with {}; {} batch{} done again.", moved.lost,
                     to_string(moved.to), moved.batches_redone,
                     moved.batches_redone == 1 ? " is" : "es are");
}

}  // namespace gradus::cli
