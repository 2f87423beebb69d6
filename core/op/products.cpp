// Products of tensors of any ranks, composed of dot, mv, mm and bmm.
#include <algorithm>
#include <cctype>
#include <map>
#include <string>

#include "core/op/functions.h"

namespace gradus {

Tensor outer(const Tensor& a, const Tensor& b) {
  if (a.dim() != 1 || b.dim() != 1) {
    fail("outer", "multiplies two vectors, got shapes {} and {}", to_prose(a.sizes()),
         to_prose(b.sizes()));
  }
  return unsqueeze(a, 1) * b;
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  const size_t left = a.sizes().size();
  const size_t right = b.sizes().size();
  if (left == 0 || right == 0) {
    fail("matmul", "multiplies vectors and matrices, got shapes {} and {}: for a number, use *",
         to_prose(a.sizes()), to_prose(b.sizes()));
  }
  if (left == 1 && right == 1) return dot(a, b);
  if (left == 2 && right == 1) return mv(a, b);
  if (left == 1 && right == 2) return squeeze(mm(unsqueeze(a, 0), b), Dims{0});
  if (left == 2 && right == 2) return mm(a, b);
  const int64_t inner = right == 1 ? b.size(0) : b.size(-2);
  if (a.size(-1) != inner) {
    fail("matmul", "cannot multiply {} by {}: the inner sizes {} and {} differ",
         to_prose(a.sizes()), to_prose(b.sizes()), a.size(-1), inner);
  }
  if (left >= 3 && right <= 2) {  // all rows at once
    const Dims rows{-1, a.size(-1)};
    Dims sizes = a.sizes();
    sizes.pop_back();
    if (right == 1 && a.numel() > 0) return unsafe_view(mv(reshape(a, rows), b), sizes);
    if (right == 2) sizes.push_back(b.size(-1));
    if (right == 2 && a.numel() > 0) return unsafe_view(mm(reshape(a, rows), b), sizes);
  }
  // Batches of matrices, broadcast against each other.
  const Tensor x = left == 1 ? unsqueeze(a, 0) : a;
  const Tensor y = right == 1 ? unsqueeze(b, 1) : b;
  const auto batch_of = [](const Tensor& t) { return t.sizes().size() - 2; };
  const Dims batch = broadcast_sizes("matmul", DimsView(x.sizes().data(), batch_of(x)),
                                     DimsView(y.sizes().data(), batch_of(y)));
  const auto flat = [&](const Tensor& t) {
    Dims sizes = batch;
    sizes.push_back(t.size(-2));
    sizes.push_back(t.size(-1));
    return reshape(expand(t, sizes), Dims{numel(batch), t.size(-2), t.size(-1)});
  };
  const Tensor product = bmm(flat(x), flat(y));
  Dims sizes = batch;
  if (left > 1) sizes.push_back(x.size(-2));
  if (right > 1) sizes.push_back(y.size(-1));
  return unsafe_view(product, sizes);
}

namespace {

using Labels = std::vector<int>;  // 'a', …; below 0 what "..." stands for, -1 the last
constexpr const char* kEinsum = "einsum";

struct Equation {
  std::vector<Labels> inputs;
  Labels output;
};

// The labels of one operand, of `rank` dimensions.
Labels parse_operand(const std::string& text, size_t rank, size_t number) {
  const size_t dots = text.find("...");
  std::string letters = text;
  if (dots != std::string::npos) letters.erase(dots, 3);
  for (char c : letters) {
    if (!std::isalpha(static_cast<unsigned char>(c))) {
      fail(kEinsum, "{:?} in {:?}: subscripts are letters", c, text);
    }
  }
  if (dots == std::string::npos ? letters.size() != rank : letters.size() > rank) {
    fail(kEinsum, "subscripts {:?} do not fit operand {}, which has {} dimensions", text, number,
         rank);
  }
  Labels labels(letters.begin(), letters.end());
  if (dots != std::string::npos) {
    const int unnamed = static_cast<int>(rank - letters.size());
    for (int i = 0; i < unnamed; ++i) {
      labels.insert(labels.begin() + static_cast<std::ptrdiff_t>(dots) + i, i - unnamed);
    }
  }
  return labels;
}

Equation parse(std::string_view text, std::span<const Tensor> operands) {
  std::string equation;
  for (char c : text) {
    if (c != ' ') equation += c;
  }
  const size_t arrow = equation.find("->");
  const std::string left = equation.substr(0, arrow);
  Equation result;
  size_t begin = 0;
  std::map<int, int> count;
  for (size_t i = 0; i < operands.size(); ++i) {
    const size_t comma = std::min(left.find(',', begin), left.size());
    if (begin > left.size()) {
      fail(kEinsum, "{:?} names {} operands, got {}", equation, i, operands.size());
    }
    result.inputs.push_back(
        parse_operand(left.substr(begin, comma - begin), operands[i].sizes().size(), i));
    for (int label : result.inputs.back()) ++count[label];
    begin = comma + 1;
  }
  if (begin <= left.size()) {
    fail(kEinsum, "{:?} names more operands than the {} that came", equation, operands.size());
  }
  Labels unnamed;
  for (const auto& [label, times] : count) {
    if (label < 0) unnamed.push_back(label);
  }
  if (arrow == std::string::npos) {  // what stands once, in the order of the alphabet
    result.output = unnamed;
    for (const auto& [label, times] : count) {
      if (label > 0 && times == 1) result.output.push_back(label);
    }
    return result;
  }
  const std::string right = equation.substr(arrow + 2);
  const bool keeps_unnamed = right.find("...") != std::string::npos;
  result.output = parse_operand(
      right, right.size() - (keeps_unnamed ? 3 : 0) + (keeps_unnamed ? unnamed.size() : 0),
      operands.size());
  for (int label : result.output) {
    if (!count.contains(label)) {
      fail(kEinsum, "output subscript {} stands in no operand", static_cast<char>(label));
    }
    if (std::ranges::count(result.output, label) > 1) {
      fail(kEinsum, "output subscript {} stands twice", static_cast<char>(label));
    }
  }
  return result;
}

struct Labelled {
  Tensor tensor;
  Labels labels;
  int64_t size(int label) const {
    const auto at = std::ranges::find(labels, label);
    return at == labels.end() ? 1 : tensor.size(at - labels.begin());
  }
  bool has(int label) const { return std::ranges::find(labels, label) != labels.end(); }
};

// A label that stands twice takes the diagonal.
Labelled without_repeats(Labelled x) {
  for (size_t k = 1; k < x.labels.size(); ++k) {
    const auto first = std::ranges::find(x.labels, x.labels[k]) - x.labels.begin();
    const auto second = static_cast<std::ptrdiff_t>(k);
    if (first == second) continue;
    const int label = x.labels[k];
    if (x.tensor.size(first) != x.tensor.size(second)) {
      fail(kEinsum, "subscript {} stands for sizes {} and {}", static_cast<char>(label),
           x.tensor.size(first), x.tensor.size(second));
    }
    x.tensor = diagonal(x.tensor, 0, first, second);
    x.labels.erase(x.labels.begin() + second);
    x.labels.erase(x.labels.begin() + first);
    x.labels.push_back(label);
    k = 0;
  }
  return x;
}

Labelled summed(const Labelled& x, const Labels& gone) {
  Dims dims;
  Labelled result{x.tensor, {}};
  for (size_t i = 0; i < x.labels.size(); ++i) {
    if (std::ranges::find(gone, x.labels[i]) != gone.end()) {
      dims.push_back(static_cast<int64_t>(i));
    } else {
      result.labels.push_back(x.labels[i]);
    }
  }
  if (!dims.empty()) result.tensor = sum(x.tensor, dims);
  return result;
}

// With the dimensions in that order; those it lacks have size 1.
Tensor arranged(const Labelled& x, const Labels& order) {
  Tensor tensor = x.tensor;
  Labels labels = x.labels;
  for (int label : order) {
    if (x.has(label)) continue;
    tensor = unsqueeze(tensor, -1);
    labels.push_back(label);
  }
  Dims dims;
  bool moves = false;
  for (size_t i = 0; i < order.size(); ++i) {
    dims.push_back(std::ranges::find(labels, order[i]) - labels.begin());
    moves = moves || dims.back() != static_cast<int64_t>(i);
  }
  return moves ? permute(tensor, dims) : tensor;
}

// The product of two, with the labels in `gone` summed over.
Labelled product(const Labelled& a, const Labelled& b, const Labels& gone) {
  Labels both, left, right, inner;
  const auto is_gone = [&](int label) { return std::ranges::find(gone, label) != gone.end(); };
  for (int label : a.labels)
    (b.has(label) ? (is_gone(label) ? inner : both) : left).push_back(label);
  for (int label : b.labels) {
    if (!a.has(label)) right.push_back(label);
  }
  std::map<int, int64_t> size;
  const auto extent = [&](const Labels& labels) {
    int64_t count = 1;
    for (int label : labels) {
      const int64_t x = a.size(label);
      const int64_t y = b.size(label);
      if (x != y && x != 1 && y != 1) {
        fail(kEinsum, "a subscript stands for sizes {} and {}", x, y);
      }
      size[label] = x == 1 ? y : x;
      count *= size[label];
    }
    return count;
  };
  const int64_t batches = extent(both), rows = extent(left), columns = extent(right),
                terms = extent(inner);
  const auto flat = [&](const Labelled& x, const Labels& second, const Labels& third,
                        DimsView sizes) {
    Labels order = both;
    order.insert(order.end(), second.begin(), second.end());
    order.insert(order.end(), third.begin(), third.end());
    Dims spread;
    for (int label : order) spread.push_back(size[label]);
    const Tensor tensor = arranged(x, order);
    return reshape(tensor.sizes() == spread ? tensor : expand(tensor, spread), sizes);
  };
  Labelled result{bmm(flat(a, left, inner, Dims{batches, rows, terms}),
                      flat(b, inner, right, Dims{batches, terms, columns})),
                  both};
  result.labels.insert(result.labels.end(), left.begin(), left.end());
  result.labels.insert(result.labels.end(), right.begin(), right.end());
  Dims sizes;
  for (int label : result.labels) sizes.push_back(size[label]);
  result.tensor = reshape(result.tensor, sizes);
  return result;
}

}  // namespace

Tensor einsum(std::string_view equation, std::span<const Tensor> operands) {
  if (operands.empty()) fail(kEinsum, "needs at least one operand");
  const Equation parsed = parse(equation, operands);
  Labelled result;
  for (size_t i = 0; i < operands.size(); ++i) {
    // A label is summed over as soon as nothing later needs it.
    const auto needed_later = [&](int label) {
      if (std::ranges::find(parsed.output, label) != parsed.output.end()) return true;
      for (size_t k = i + 1; k < operands.size(); ++k) {
        if (std::ranges::find(parsed.inputs[k], label) != parsed.inputs[k].end()) return true;
      }
      return false;
    };
    const auto gone_of = [&](const Labelled& x, const Labelled* other, bool shared) {
      Labels gone;
      for (int label : x.labels) {
        const bool is_shared = other && other->has(label);
        if (!needed_later(label) && is_shared == shared) gone.push_back(label);
      }
      return gone;
    };
    Labelled next = without_repeats({operands[i], parsed.inputs[i]});
    if (i == 0) {
      result = summed(next, gone_of(next, nullptr, false));
      continue;
    }
    const Labels own = gone_of(next, &result, false);
    next = summed(next, own);
    result = product(result, next, gone_of(result, &next, true));
    result = summed(result, gone_of(result, nullptr, false));
  }
  return arranged(result, parsed.output);
}

}  // namespace gradus
