// What the commands print. Nothing is thrown when it gets lost (a closed pipe, a full disk):
// training must still end cleanly and save what is learnt, and main() reports the loss.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "core/session/engine_thread.h"

namespace gradus::cli {

// Whether something printed with say() has been lost.
bool output_lost();
// Writes to stdout at once.
void say_text(std::string_view text);

template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  say_text(fmt::format(format, std::forward<Args>(args)...));
}

// Columns as wide as what stands in them; the last one is left as it is.
void say_table(const std::vector<std::vector<std::string>>& rows);

// Why and where the run goes on elsewhere, in a sentence or two.
std::string moved_text(const event::Moved& moved);

// Writes to stderr; a loss is nobody's business.
template <typename... Args>
void complain(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace gradus::cli
