// The driver of all elementwise ops: broadcasts, merges dimensions into long rows, splits the rows
// between threads, and calls the row kernels.
#include <variant>

#include "compute/cpu/cpu_ops.h"
#include "compute/cpu/kernels/table.h"
#include "compute/cpu/parallel.h"
#include "core/base/error.h"

namespace gradus::cpu {
namespace {

constexpr int64_t kGrain = 32768;  // elements below which a second thread costs more than it gains

char* first_byte(const Tensor& t) {
  return t.data<char>() - t.offset() + t.offset() * static_cast<int64_t>(item_size(t.dtype()));
}

// Whether `t` runs along the dense tensor `out` element by element, or is a single number.
bool is_one_row(const Tensor& t, const Tensor& out) {
  return t.is_contiguous() && (t.numel() == out.numel() || t.numel() == 1);
}

void run_rows(RowFn row, const Tensor& out, const Tensor* a, const Tensor* b,
              const double* params) {
  const int64_t count = out.numel();
  if (count == 0) return;
  if (is_one_row(out, out) && (!a || is_one_row(*a, out)) && (!b || is_one_row(*b, out))) {
    const auto at = [](const Tensor& t, int64_t i) {
      return first_byte(t) + i * static_cast<int64_t>(item_size(t.dtype()));
    };
    const int64_t sa = a && a->numel() == 1 ? 0 : 1;
    const int64_t sb = b && b->numel() == 1 ? 0 : 1;
    parallel_ranges(count, kGrain, [&](int64_t begin, int64_t end) {
      row(at(out, begin), a ? at(*a, begin * sa) : nullptr, b ? at(*b, begin * sb) : nullptr,
          end - begin, 1, sa, sb, params);
    });
    return;
  }
  Dims sizes = out.sizes();
  // Operands that are not there stand for the one before.
  const Tensor* const tensors[3] = {&out, a ? a : &out, b ? b : a ? a : &out};
  Dims strides[3];
  for (size_t k = 0; k < 3; ++k) {
    const Tensor& t = *tensors[k];
    strides[k] =
        t.sizes() == sizes ? t.strides() : broadcast_strides(t.sizes(), t.strides(), sizes);
  }
  if (sizes.empty()) {
    row(first_byte(*tensors[0]), first_byte(*tensors[1]), first_byte(*tensors[2]), 1, 1, 1, 1,
        params);
    return;
  }
  merge_dims(sizes, strides);

  const int64_t length = sizes.back();
  const auto part = [&](int64_t outer, int64_t from, int64_t number) {
    char* at[3];
    for (size_t k = 0; k < 3; ++k) {
      int64_t offset = from * strides[k].back();
      int64_t rest = outer;
      for (size_t d = sizes.size() - 1; d-- > 0;) {
        offset += rest % sizes[d] * strides[k][d];
        rest /= sizes[d];
      }
      at[k] =
          first_byte(*tensors[k]) + offset * static_cast<int64_t>(item_size(tensors[k]->dtype()));
    }
    row(at[0], at[1], at[2], number, strides[0].back(), strides[1].back(), strides[2].back(),
        params);
  };
  if (sizes.size() == 1) {
    parallel_ranges(length, kGrain,
                    [&](int64_t begin, int64_t end) { part(0, begin, end - begin); });
    return;
  }
  const int64_t rows = count / length;
  const int64_t grain = std::max<int64_t>(2, kGrain / std::max<int64_t>(length, 1));
  parallel_ranges(rows, std::max<int64_t>(grain, 128), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) part(r, 0, length);
  });
}

}  // namespace

void elementwise(const KernelCall& call) {
  const DType dtype = call.inputs[0].dtype();
  const RowFn row =
      kernel_table().rows[static_cast<size_t>(call.op.id)][static_cast<size_t>(dtype)];
  if (!row) {
    fail(call.op.name(), "does not work on {} tensors", to_string(dtype));
  }
  double params[4] = {};
  for (size_t i = 0; i < call.attrs.size() && i < 4; ++i) params[i] = as_number(call.attrs[i]);
  run_rows(row, call.outputs[0], &call.inputs[0],
           call.inputs.size() > 1 ? &call.inputs[1] : nullptr, params);
}

void copy_elements(const Tensor& from, const Tensor& to) {
  run_rows(
      kernel_table().convert[static_cast<size_t>(from.dtype())][static_cast<size_t>(to.dtype())],
      to, &from, nullptr, nullptr);
}

void fill_elements(const Tensor& tensor, double value) {
  run_rows(kernel_table().fill[static_cast<size_t>(tensor.dtype())], tensor, nullptr, nullptr,
           &value);
}

Tensor dense(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor copy = Tensor::empty(tensor.sizes(), tensor.dtype(), tensor.device());
  copy_elements(tensor, copy);
  return copy;
}

void clone(const KernelCall& call) { copy_elements(call.inputs[0], call.outputs[0]); }
void to(const KernelCall& call) { copy_elements(call.inputs[0], call.outputs[0]); }
void copy(const KernelCall& call) { copy_elements(call.inputs[1], call.outputs[0]); }
void fill(const KernelCall& call) { fill_elements(call.outputs[0], as_number(call.attrs[0])); }

}  // namespace gradus::cpu
