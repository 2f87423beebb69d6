#include "core/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "core/base/error.h"

namespace gradus {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path, size_t limit) {
  std::error_code code;
  if (fs::is_directory(path, code)) fail(path.string(), "is a folder, not a file");
  if (fs::exists(path, code) && !fs::is_regular_file(path, code)) {
    fail(path.string(), "is no plain file");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path.string(), "cannot be opened: is it there, and readable?");
  std::string text;
  char chunk[1 << 16];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    text.append(chunk, static_cast<size_t>(in.gcount()));
    if (text.size() > limit) fail(path.string(), "is larger than {} bytes", limit);
  }
  return text;
}

void require_writable(const fs::path& path) {
  std::error_code code;
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (fs::is_directory(path, code)) fail(path.string(), "is a folder, not a file");
  if (!fs::is_directory(parent, code) || access(parent.c_str(), W_OK) != 0) {
    fail(path.string(), "cannot be written: its folder is not there, or not writable");
  }
}

void write_file_atomically(const fs::path& wanted, std::span<const char> bytes) {
  std::error_code code;
  // A link is followed; what is no plain file (/dev/null) is written to, never replaced.
  const fs::path path = fs::exists(wanted, code) ? fs::canonical(wanted, code) : wanted;
  if (fs::exists(path, code) && !fs::is_regular_file(path, code)) {
    std::ofstream out(path, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) fail(wanted.string(), "could not be written in full");
    return;
  }
  const fs::path temporary = path.string() + ".tmp" + std::to_string(getpid());
  const auto give_up = [&](const char* what) {
    const std::string reason = std::strerror(errno);
    unlink(temporary.c_str());
    fail(path.string(), "{}: {}. What was there is unchanged", what, reason);
  };
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) give_up("cannot be written");
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = write(file, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      const int error = errno;
      close(file);
      errno = error;
      give_up("could not be written in full");
    }
    done += static_cast<size_t>(wrote);
  }
  const bool synced = fsync(file) == 0;
  if (close(file) != 0 || !synced) give_up("could not be written in full");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) give_up("cannot be replaced");
}

}  // namespace gradus
