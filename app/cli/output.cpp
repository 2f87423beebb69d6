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

std::string moved_text(const event::Moved& moved) {
  return fmt::format("{}. Going on with {}; {} batch{} done again.", moved.lost,
                     to_string(moved.to), moved.batches_redone,
                     moved.batches_redone == 1 ? " is" : "es are");
}

}  // namespace gradus::cli
