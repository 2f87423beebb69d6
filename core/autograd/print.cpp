#include "core/autograd/print.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/autograd/node.h"

namespace gradus {
namespace {

// Where a summary leaves elements out: of a dimension longer than two edges, the ends are shown.
struct Shown {
  bool summarised = false;
  int64_t edge = 0;
  bool cuts(int64_t size) const { return summarised && size > 2 * edge; }
};

// One element as text, all of them as wide as the widest.
template <typename T>
class Formatter {
 public:
  Formatter(const std::vector<T>& sample, const PrintOptions& options)
      : precision_(options.precision) {
    if constexpr (std::is_floating_point_v<T>) {
      double least = INFINITY;
      double most = 0;
      bool whole = true;
      for (T x : sample) {
        if (x == 0 || !std::isfinite(x)) continue;
        const double size = std::abs(static_cast<double>(x));
        least = std::min(least, size);
        most = std::max(most, size);
        whole = whole && x == std::ceil(x);
      }
      if (most > 0) {
        const bool wide = most / least > 1000.0 || most > 1e8;
        style_ = wide || (!whole && least < 1e-4) ? Style::scientific
                 : whole                          ? Style::whole
                                                  : Style::decimal;
        for (T x : sample) {
          if (x != 0 && std::isfinite(x)) width_ = std::max(width_, text(x).size());
        }
      }
      if (options.scientific) {
        if (*options.scientific) style_ = Style::scientific;
        if (!*options.scientific && style_ == Style::scientific) {
          style_ = whole ? Style::whole : Style::decimal;
        }
      }
    } else {
      for (T x : sample) width_ = std::max(width_, text(x).size());
    }
  }

  size_t width() const { return width_; }
  std::string operator()(T x) const {
    const std::string bare = text(x);
    return fmt::format("{:>{}}", bare, width_);
  }

 private:
  enum class Style { whole, decimal, scientific };

  std::string text(T x) const {
    if constexpr (std::is_same_v<T, bool>) {
      return x ? "True" : "False";
    } else if constexpr (std::is_integral_v<T>) {
      return fmt::format("{}", static_cast<int64_t>(x));
    } else {
      const auto value = static_cast<double>(x);
      if (std::isnan(value)) return "nan";
      if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
      switch (style_) {
        case Style::whole:
          return fmt::format("{:.0f}.", value);
        case Style::decimal:
          return fmt::format("{:.{}f}", value, precision_);
        case Style::scientific:
          return fmt::format("{:.{}e}", value, precision_);
      }
      return {};
    }
  }

  Style style_ = Style::whole;
  int precision_;
  size_t width_ = 1;
};

template <typename T>
class Printer {
 public:
  Printer(const std::vector<T>& values, const Dims& sizes, const PrintOptions& options)
      : values_(values),
        sizes_(sizes),
        strides_(contiguous_strides(sizes)),
        shown_{static_cast<int64_t>(values.size()) > options.threshold, options.edge_items},
        format_(sample(), options),
        line_width_(options.line_width) {}

  std::string operator()(size_t indent) const {
    return sizes_.empty() ? format_(values_[0]) : part(0, 0, indent);
  }

 private:
  // The elements that are shown.
  std::vector<T> sample() const {
    std::vector<T> result;
    collect(0, 0, result);
    return result;
  }
  void collect(size_t dim, int64_t at, std::vector<T>& into) const {
    if (dim == sizes_.size()) {
      into.push_back(values_[static_cast<size_t>(at)]);
      return;
    }
    for_each_shown(sizes_[dim], [&](int64_t i) { collect(dim + 1, at + i * strides_[dim], into); });
  }
  template <typename F>
  void for_each_shown(int64_t size, F&& f) const {
    for (int64_t i = 0; i < size; ++i) {
      if (shown_.cuts(size) && i == shown_.edge) i = size - shown_.edge;
      f(i);
    }
  }

  std::string part(size_t dim, int64_t at, size_t indent) const {
    const int64_t size = sizes_[dim];
    const bool last = dim + 1 == sizes_.size();
    std::vector<std::string> items;
    for_each_shown(size, [&](int64_t i) {
      if (shown_.cuts(size) && i == size - shown_.edge) items.push_back(last ? " ..." : "...");
      const int64_t place = at + i * strides_[dim];
      items.push_back(last ? format_(values_[static_cast<size_t>(place)])
                           : part(dim + 1, place, indent + 1));
    });
    const std::string margin(indent + 1, ' ');
    std::string text = "[";
    // Numbers side by side as far as the line goes, rows below each other, and an empty line more
    // between matrices for each dimension they have around them.
    const auto room = line_width_ - static_cast<int>(indent);
    const int per_line = std::max(1, room / (static_cast<int>(format_.width()) + 2));
    const std::string between =
        fmt::format(",{}{}", std::string(sizes_.size() - dim - 1, '\n'), margin);
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0 && last) {
        text += i % static_cast<size_t>(per_line) == 0 ? fmt::format(",\n{}", margin) : ", ";
      } else if (i > 0) {
        text += between;
      }
      text += items[i];
    }
    text += "]";
    return text;
  }

  const std::vector<T>& values_;
  const Dims& sizes_;
  Dims strides_;
  Shown shown_;
  Formatter<T> format_;
  int line_width_;
};

std::vector<std::string> suffixes_of(const Tensor& tensor) {
  std::vector<std::string> suffixes;
  const DType dtype = tensor.dtype();
  const bool empty = tensor.numel() == 0;
  if (!(tensor.device() == kCpu)) {
    suffixes.push_back(fmt::format("device='{}'", to_string(tensor.device())));
  }
  const bool is_meta = tensor.device() == kMeta;
  if (is_meta || (empty && tensor.dim() != 1)) {
    suffixes.push_back(
        fmt::format("size=({}{})", fmt::join(tensor.sizes(), ", "), tensor.dim() == 1 ? "," : ""));
  }
  const bool expected = dtype == DType::float32 ||
                        (!empty && !is_meta && (dtype == DType::int64 || dtype == DType::boolean));
  if (!expected) suffixes.push_back(fmt::format("dtype=torch.{}", to_string(dtype)));
  if (tensor.grad_fn()) {
    suffixes.push_back(fmt::format("grad_fn=<{}>", tensor.grad_fn()->name()));
  } else if (tensor.requires_grad()) {
    suffixes.push_back("requires_grad=True");
  }
  return suffixes;
}

}  // namespace

std::string to_string(const Tensor& tensor, const PrintOptions& options) {
  if (!tensor.defined()) return "None";
  const std::string prefix = "tensor(";
  std::string text = prefix;
  if (tensor.device() == kMeta) {
    text += "...";
  } else if (tensor.numel() == 0) {
    text += "[]";
  } else {
    visit_dtype(tensor.dtype(), [&](auto zero) {
      using T = decltype(zero);
      text += Printer<T>(tensor.to_vector<T>(), tensor.sizes(), options)(prefix.size());
    });
  }
  size_t column = text.size() - (text.rfind('\n') + 1);
  if (text.rfind('\n') == std::string::npos) column = text.size();
  column += 2;  // as PyTorch counts
  for (const std::string& suffix : suffixes_of(tensor)) {
    if (column + suffix.size() + 2 > static_cast<size_t>(options.line_width)) {
      text += fmt::format(",\n{}{}", std::string(prefix.size(), ' '), suffix);
      column = prefix.size() + suffix.size();
    } else {
      text += fmt::format(", {}", suffix);
      column += suffix.size() + 2;
    }
  }
  text += ")";
  return text;
}

}  // namespace gradus
