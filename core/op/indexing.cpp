#include "core/op/indexing.h"

#include "core/autograd/grad_mode.h"

namespace gradus {
namespace {

constexpr const char* kIndex = "index";

// The indices, one tensor for each dimension, that a mask stands for.
void append_places(std::vector<Tensor>& indices, const Tensor& mask) {
  for (const Tensor& places : unbind(nonzero(mask), 1)) indices.push_back(places);
}

struct Looked {
  Tensor view;                  // after all that only views
  std::vector<Tensor> indices;  // what is left to look up; undefined for whole dimensions
};

bool is_mask(const Tensor& index) {
  return index.dtype() == DType::boolean || index.dtype() == DType::uint8;
}

// Puts the places that masks stand for in their stead. As in PyTorch a mask has counted as one
// dimension until now, whatever it is: x[mask, 0] selects first, in what is then dimension 1.
void spread_masks(Looked& looked) {
  std::vector<Tensor> all;
  for (const Tensor& index : looked.indices) {
    if (!index.defined() || !is_mask(index)) {
      all.push_back(index);
      continue;
    }
    const auto from = static_cast<int64_t>(all.size());
    for (int64_t d = 0; d < index.dim(); ++d) {
      const int64_t at = from + d;
      if (at < looked.view.dim() && index.size(d) == looked.view.size(at)) continue;
      if (at >= looked.view.dim()) {
        fail(kIndex, "a mask of shape {} is too much for what is left of the tensor, {}",
             to_prose(index.sizes()), to_prose(looked.view.sizes()));
      }
      fail(kIndex, "a mask of shape {} does not fit {}: sizes {} and {} differ in dimension {}",
           to_prose(index.sizes()), to_prose(looked.view.sizes()), index.size(d),
           looked.view.size(at), at);
    }
    append_places(all, index);
  }
  if (static_cast<int64_t>(all.size()) > looked.view.dim()) {
    fail(kIndex, "{} indices are too many for what is left of the tensor, {}", all.size(),
         to_prose(looked.view.sizes()));
  }
  looked.indices = std::move(all);
}

int64_t dimensions_of(const IndexItem& item) {
  if (std::holds_alternative<int64_t>(item) || std::holds_alternative<Slice>(item)) return 1;
  if (const auto* tensor = std::get_if<Tensor>(&item)) {
    return is_mask(*tensor) ? tensor->dim() : 1;
  }
  return 0;
}

Looked look(const Tensor& x, std::span<const IndexItem> items) {
  int64_t named = 0;
  int64_t ellipses = 0;
  for (const IndexItem& item : items) {
    named += dimensions_of(item);
    ellipses += std::holds_alternative<Ellipsis>(item);
  }
  if (named > x.dim()) {
    fail(kIndex, "{} indices are too many for a tensor of {} dimensions ({})", named, x.dim(),
         to_prose(x.sizes()));
  }
  if (ellipses > 1) fail(kIndex, "only one ... may stand in an index");

  Looked result{x, {}};
  Tensor& view = result.view;
  int64_t dim = 0;  // of the view, that the next item is about
  // A truth is an index of its own into a new dimension of size 1.
  const auto choose = [&](bool yes) {
    view = unsqueeze(view, dim);
    result.indices.resize(static_cast<size_t>(dim));
    result.indices.push_back(zeros(Dims{yes ? 1 : 0}, DType::int64, x.device()));
    ++dim;
  };
  const auto whole_up_to_here = [&] { result.indices.resize(static_cast<size_t>(dim)); };
  for (const IndexItem& item : items) {
    if (const auto* place = std::get_if<int64_t>(&item)) {
      view = select(view, dim, *place);
    } else if (const auto* slices = std::get_if<Slice>(&item)) {
      if (slices->step <= 0) {
        fail(kIndex, "a slice's step must be greater than 0, got {}: use flip", slices->step);
      }
      const int64_t start = slices->start.value_or(0);
      const int64_t end = slices->end.value_or(INT64_MAX);
      const bool all = start == 0 && end >= view.size(dim) && slices->step == 1;
      if (!all) view = slice(view, dim, start, end, slices->step);
      ++dim;
    } else if (std::holds_alternative<Ellipsis>(item)) {
      dim += x.dim() - named;
    } else if (std::holds_alternative<NewAxis>(item)) {
      view = unsqueeze(view, dim++);
    } else if (const auto* yes = std::get_if<bool>(&item)) {
      choose(*yes);
    } else {
      const Tensor& index = std::get<Tensor>(item);
      const bool mask = is_mask(index);
      if (is_floating_point(index.dtype())) {
        fail(kIndex, "tensors of whole numbers or bools can be indices, got {}",
             to_string(index.dtype()));
      }
      if (!mask && index.dim() == 0) {
        view = select(view, dim, static_cast<int64_t>(index.item()));
      } else if (!mask) {
        whole_up_to_here();
        result.indices.push_back(to(index, DType::int64));
        ++dim;
      } else if (index.dim() == 0) {
        choose(index.item() != 0);
      } else {
        whole_up_to_here();
        result.indices.push_back(index);
        ++dim;
      }
    }
  }
  spread_masks(result);
  return result;
}

}  // namespace

Tensor nonzero(const Tensor& x) {
  const std::vector<bool> truth = x.to_vector<bool>();
  const size_t rank = x.sizes().size();
  std::vector<int64_t> places;
  int64_t count = 0;
  Dims at(rank, 0);
  for (bool yes : truth) {
    if (yes) {
      places.insert(places.end(), at.begin(), at.end());
      ++count;
    }
    for (size_t d = rank; d-- > 0;) {
      if (++at[d] < x.sizes()[d]) break;
      at[d] = 0;
    }
  }
  return Tensor::from(std::span<const int64_t>(places), Dims{count, x.dim()}, x.device());
}

Tensor index(const Tensor& x, std::span<const IndexItem> items) {
  const Looked looked = look(x, items);
  if (looked.indices.empty() && looked.view.is(x)) {  // x[:] and x[...] are views as well
    return x.dim() > 0 ? slice(x, 0, 0, INT64_MAX) : view(x, Dims{});
  }
  return looked.indices.empty() ? looked.view
                                : index(looked.view, std::span<const Tensor>(looked.indices));
}

void index_put_(const Tensor& x, std::span<const IndexItem> items, const Tensor& value) {
  const Looked looked = look(x, items);
  Tensor fitted = value;
  // Leading dimensions of size 1 may be more than there are places for.
  while (fitted.dim() > 0 && fitted.size(0) == 1) fitted = squeeze(fitted, Dims{0});
  if (looked.indices.empty()) {
    copy_(looked.view, fitted);
    return;
  }
  if (fitted.is_wrapped_number()) {
    const Tensor place = Tensor::empty(Dims{}, x.dtype(), x.device());
    const NoGradGuard no_grad;
    fitted = copy_(place, fitted);
  }
  const bool one = fitted.numel() == 1 && fitted.dim() == 0 && fitted.dtype() != x.dtype();
  if (one && items.size() == 1 && std::holds_alternative<Tensor>(items[0]) &&
      is_mask(std::get<Tensor>(items[0]))) {  // as masked_fill, which converts the number
    fitted = to(fitted, x.dtype());
  }
  index_put_(looked.view, std::span<const Tensor>(looked.indices), fitted);
}

}  // namespace gradus
