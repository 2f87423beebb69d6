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

struct Operand {
  char* data = nullptr;
  Dims strides;  // in elements, over the output's sizes
  int64_t item = 0;
};

Operand operand(const Tensor& t, const Dims& sizes) {
  Operand result;
  result.item = static_cast<int64_t>(item_size(t.dtype()));
  result.data = t.data<char>() - t.offset() + t.offset() * result.item;
  result.strides =
      t.sizes() == sizes ? t.strides() : broadcast_strides(t.sizes(), t.strides(), sizes);
  return result;
}

// Merges neighbouring dimensions wherever all operands step through them evenly.
void merge_dims(Dims& sizes, std::span<Operand> operands) {
  for (size_t i = sizes.size(); i-- > 1;) {
    bool even = true;
    for (const Operand& o : operands) {
      even = even &&
             (sizes[i - 1] == 1 || sizes[i] == 1 || o.strides[i - 1] == o.strides[i] * sizes[i]);
    }
    if (!even) continue;
    for (Operand& o : operands) {
      if (sizes[i] == 1) o.strides[i] = o.strides[i - 1];
      o.strides.erase(i - 1);
    }
    sizes[i] *= sizes[i - 1];
    sizes.erase(i - 1);
  }
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
      const int64_t item = static_cast<int64_t>(item_size(t.dtype()));
      return t.data<char>() - t.offset() + (t.offset() + i) * item;
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
  Operand operands[3];
  operands[0] = operand(out, sizes);
  operands[1] = a ? operand(*a, sizes) : operands[0];
  operands[2] = b ? operand(*b, sizes) : operands[1];
  if (sizes.empty()) {
    row(operands[0].data, operands[1].data, operands[2].data, 1, 1, 1, 1, params);
    return;
  }
  merge_dims(sizes, operands);

  const int64_t length = sizes.back();
  const auto part = [&](int64_t outer, int64_t from, int64_t number) {
    char* at[3];
    for (int k = 0; k < 3; ++k) {
      int64_t offset = from * operands[k].strides.back();
      int64_t rest = outer;
      for (size_t d = sizes.size() - 1; d-- > 0;) {
        offset += rest % sizes[d] * operands[k].strides[d];
        rest /= sizes[d];
      }
      at[k] = operands[k].data + offset * operands[k].item;
    }
    row(at[0], at[1], at[2], number, operands[0].strides.back(), operands[1].strides.back(),
        operands[2].strides.back(), params);
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

double as_number(const AttrValue& value) {
  if (const auto* d = std::get_if<double>(&value)) return *d;
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* b = std::get_if<bool>(&value)) return *b ? 1.0 : 0.0;
  return 0.0;
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

void clone(const KernelCall& call) {
  const size_t dtype = static_cast<size_t>(call.inputs[0].dtype());
  run_rows(kernel_table().copy[dtype], call.outputs[0], &call.inputs[0], nullptr, nullptr);
}

Tensor dense(const Tensor& tensor) {
  if (tensor.is_contiguous()) return tensor;
  Tensor copy = Tensor::empty(tensor.sizes(), tensor.dtype(), tensor.device());
  run_rows(kernel_table().copy[static_cast<size_t>(tensor.dtype())], copy, &tensor, nullptr,
           nullptr);
  return copy;
}

void copy(const KernelCall& call) {
  const size_t dtype = static_cast<size_t>(call.outputs[0].dtype());
  run_rows(kernel_table().copy[dtype], call.outputs[0], &call.inputs[1], nullptr, nullptr);
}

void fill(const KernelCall& call) {
  const size_t dtype = static_cast<size_t>(call.outputs[0].dtype());
  const double value = as_number(call.attrs[0]);
  run_rows(kernel_table().fill[dtype], call.outputs[0], nullptr, nullptr, &value);
}

}  // namespace gradus::cpu
