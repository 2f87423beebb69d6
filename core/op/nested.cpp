// Numbers in lists, read from text as Python would.
#include <charconv>
#include <cmath>

#include "core/op/creation.h"

namespace gradus {
namespace {

constexpr int kDeepest = 16;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Nested whole() {
    Nested value = item(0);
    skip_spaces();
    if (at_ < text_.size()) refuse("the end");
    return value;
  }

 private:
  Nested item(int depth) {  // a list may not nest deep, so this does not either
    if (!take('[') && !take('(')) return number();
    if (depth == kDeepest) fail("tensor", "lists stand in each other {} deep at most", kDeepest);
    const bool bracket = text_[at_ - 1] == '[';
    const char close = bracket ? ']' : ')';
    std::vector<Nested> items;
    while (!take(close)) {
      items.push_back(item(depth + 1));
      if (take(',')) continue;
      if (!take(close)) refuse(bracket ? "a comma or ]" : "a comma or )");
      if (!bracket && items.size() == 1) return items[0];  // (1) is 1, (1,) is a tuple
      break;
    }
    return Nested::list(std::move(items));
  }

  Nested number() {
    skip_spaces();
    const size_t end = std::min(text_.find_first_of(",[]() \t\r\n", at_), text_.size());
    std::string_view word = text_.substr(at_, end - at_);
    if (word.empty()) refuse("a number or a list");
    if (word == "True" || word == "true") return at_ = end, Nested(true);
    if (word == "False" || word == "false") return at_ = end, Nested(false);
    if (word.starts_with('+') && !word.starts_with("+-")) word.remove_prefix(1);
    // What is too large is read all the same, and told apart.
    bool too_large = false;
    const auto read = [&](auto& value) {
      const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      too_large = error == std::errc::result_out_of_range;
      return error != std::errc::invalid_argument && stop == word.data() + word.size();
    };
    int64_t whole = 0;
    if (read(whole)) {
      if (too_large) fail("tensor", "{} does not fit into int64: write a point behind it", word);
      return at_ = end, Nested(whole);
    }
    double real = 0;
    if (!read(real)) refuse("a number or a list");
    if (too_large) {  // or too small, which is 0
      const bool small = word.find("e-") != word.npos || word.find("E-") != word.npos;
      real = small ? 0 : word.starts_with('-') ? -INFINITY : INFINITY;
    }
    return at_ = end, Nested(real);
  }

  void skip_spaces() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  bool take(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  [[noreturn]] void refuse(const char* wanted) {
    constexpr size_t kShown = 20;
    const std::string_view rest = text_.substr(at_, kShown);
    fail("tensor", "expects {} {}. Write numbers as in Python: 2., or [[1, 2], [3, 4]]", wanted,
         rest.empty() ? "where the text ends" : fmt::format("where {:?} stands", rest));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Nested Nested::list(std::vector<Nested> items) {
  Nested result(false);
  result.items_ = std::move(items);
  result.is_list_ = true;
  return result;
}

Nested Nested::parse(std::string_view text) { return Parser(text).whole(); }

}  // namespace gradus
