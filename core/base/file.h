// Reading and writing whole files. Writing is atomic: a crash or a full disk leaves the old file.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace gradus {

// Throws Error naming the file; files above `limit` bytes are refused.
std::string read_file(const std::filesystem::path& path, size_t limit = size_t{1} << 30);
// Throws Error unless a file of that name could be written now: found before the work, not after.
void require_writable(const std::filesystem::path& path);
// Writes beside the target, syncs, then renames over it. Throws Error naming the file.
void write_file_atomically(const std::filesystem::path& path, std::span<const char> bytes);

}  // namespace gradus
