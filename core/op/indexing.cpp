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

int64_t dimensions_of(const IndexItem& item) {
  if (std::holds_alternative<int64_t>(item) || std::holds_alternative<Slice>(item)) return 1;
  if (const auto* tensor = std::get_if<Tensor>(&item)) {
    const bool mask = tensor->dtype() == DType::boolean || tensor->dtype() == DType::uint8;
    return mask ? tensor->dim() : 1;
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
      const bool mask = index.dtype() == DType::boolean || index.dtype() == DType::uint8;
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
        for (int64_t d = 0; d < index.dim(); ++d) {
          if (index.size(d) == view.size(dim + d)) continue;
          fail(kIndex, "a mask of shape {} does not fit {}: sizes {} and {} differ in dimension {}",
               to_prose(index.sizes()), to_prose(view.sizes()), index.size(d), view.size(dim + d),
               dim + d);
        }
        whole_up_to_here();
        append_places(result.indices, index);
        dim += index.dim();
      }
    }
  }
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
  index_put_(looked.view, std::span<const Tensor>(looked.indices), fitted);
}

}  // namespace gradus
