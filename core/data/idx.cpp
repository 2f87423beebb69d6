#include "core/data/idx.h"

#include <zlib.h>

#include <limits>
#include <memory>

#include "core/base/error.h"

namespace gradus {
namespace {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};

class GzReader {
 public:
  explicit GzReader(const std::filesystem::path& path)
      : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) {
      fail(path.string(),
           "cannot be opened: is it there, and readable? Install the package "
           "dataset-fashion-mnist, or name its folder with --data");
    }
    gzbuffer(file_.get(), 1 << 18);
  }

  // Throws unless exactly `count` bytes come.
  void read(uint8_t* out, size_t count) {
    while (count > 0) {
      const unsigned chunk = static_cast<unsigned>(std::min<size_t>(count, 1u << 30));
      const int got = gzread(file_.get(), out, chunk);
      check();
      if (got <= 0)
        fail(path_.string(), "ends too early: {} bytes are missing. Get it again", count);
      out += got;
      count -= static_cast<size_t>(got);
    }
  }

  void expect_end() {
    uint8_t extra;
    const int got = gzread(file_.get(), &extra, 1);
    check();
    if (got != 0) fail(path_.string(), "has more bytes than its header says. Get it again");
    // Only closing tells that the end of the gzip data itself is missing.
    if (gzclose(file_.release()) != Z_OK) fail_cut();
  }

 private:
  void check() {
    int code = Z_OK;
    const char* message = gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR) fail_cut();
    if (code != Z_OK && code != Z_STREAM_END) {
      fail(path_.string(), "cannot be read: {}. Get it again", message);
    }
  }

  [[noreturn]] void fail_cut() const {
    fail(path_.string(), "ends too early: the gzip data is cut. Get it again");
  }

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, GzClose> file_;
};

uint32_t big_endian(const uint8_t* b) {
  return static_cast<uint32_t>(b[0]) << 24 | static_cast<uint32_t>(b[1]) << 16 |
         static_cast<uint32_t>(b[2]) << 8 | b[3];
}

}  // namespace

IdxFile read_idx(const std::filesystem::path& file, size_t rank) {
  std::error_code code;  // what cannot be asked cannot be opened either
  if (std::filesystem::is_directory(file, code)) {
    fail(file.string(), "is a folder, not an IDX file. Name the data's folder with --data");
  }
  if (std::filesystem::exists(file, code) && !std::filesystem::is_regular_file(file, code)) {
    fail(file.string(), "is no plain file. Get it again");
  }
  GzReader reader(file);
  uint8_t header[4];
  reader.read(header, 4);
  if (header[0] != 0 || header[1] != 0 || header[2] != 8) {
    fail(file.string(), "is not an IDX file of bytes (it starts with {:02x}{:02x}{:02x}{:02x})",
         header[0], header[1], header[2], header[3]);
  }
  if (header[3] != rank) {
    fail(file.string(), "has {} dimensions, expected {}: are images and labels swapped?", header[3],
         rank);
  }
  IdxFile result;
  int64_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    uint8_t size[4];
    reader.read(size, 4);
    const int64_t value = big_endian(size);
    result.sizes.push_back(value);
    if (value != 0 && count > (int64_t{1} << 34) / value) {
      fail(file.string(), "claims a size of {}, more than a data set this lab reads",
           to_prose(result.sizes));
    }
    count *= value;
  }
  // Grow as bytes arrive, so that a false header cannot take memory that the file does not fill.
  constexpr int64_t kChunk = int64_t{64} << 20;
  for (int64_t done = 0; done < count;) {
    const int64_t step = std::min(kChunk, count - done);
    result.bytes.resize(static_cast<size_t>(done + step));
    reader.read(result.bytes.data() + done, static_cast<size_t>(step));
    done += step;
  }
  reader.expect_end();
  return result;
}

}  // namespace gradus
