// An op, declared once, as data. Everything else (the table of `gradus-cli ops`, the tests, the
// palette, the DAG's labels) is read from here; a second list of op names anywhere is a defect.
//
// To add one, see CONTRIBUTING.md, "Add an op".
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "core/op/attrs.h"
#include "core/op/op_id.h"
#include "core/tensor/tensor.h"

namespace gradus {

enum class Category : uint8_t {
  arithmetic,
  comparison,
  activation,
  product,
  reduction,
  loss,
  movement,
  indexing,
  creation,
  optimizer
};
const char* to_string(Category category);

// What an op's result looks like: fresh memory of that shape, or a view of the first input.
struct OutputSpec {
  TensorMeta meta;
  bool is_view = false;
  Dims strides = {};   // of a view; of fresh memory, unless it lies row by row
  int64_t offset = 0;  // of a view
  bool alone = false;  // nobody else holds the input: as far as gradients go it is no view
};
using Outputs = InlineVector<OutputSpec, 2>;

using Tensors = InlineVector<Tensor, 3>;

// What shape inference sees. Inputs are real or meta tensors; only sizes, strides and dtype count.
struct InferCall {
  const char* op;
  std::span<const Tensor> inputs;
  const Attrs& attrs;
  const Tensor& input(size_t i) const { return inputs[i]; }
};

struct Edge;  // core/autograd/node.h

// What a backward rule sees. It is written in ops, so it runs on every device.
struct BackwardCall {
  std::span<const Tensor> grads;    // of the outputs; zeros where nothing came
  std::span<const Tensor> inputs;   // saved ones; undefined unless declared in `saves`
  std::span<const Tensor> outputs;  // likewise
  std::span<const TensorMeta> input_metas;
  const Attrs& attrs;
  std::span<const Edge> edges;  // where the gradient of each input goes

  const Tensor& grad() const { return grads[0]; }
  // Whether the gradient of input i is wanted.
  bool needs_grad(size_t i) const;
};

struct InputSpec {
  const char* name;
  const char* help;
  bool optional = false;
};

// Which tensors the gradient of one input is computed from.
struct Saves {
  uint16_t inputs = 0;   // bit i: input i
  uint16_t outputs = 0;  // bit i: output i
};
constexpr Saves save_nothing() { return {}; }
constexpr Saves save_input(int i) { return {static_cast<uint16_t>(1u << i), 0}; }
constexpr Saves save_output(int i) { return {0, static_cast<uint16_t>(1u << i)}; }

// One call on which an op is tried by the generated tests, here and in PyTorch.
struct Sample {
  std::vector<Tensor> inputs;
  Attrs attrs;
};
struct Samples {
  std::vector<Sample> all;
  void add(std::vector<Tensor> inputs, Attrs attrs = {}) {
    all.push_back({std::move(inputs), std::move(attrs)});
  }
};

// What an op asks of its inputs' dtypes.
enum class Dtypes : uint8_t {
  any,                // its shape rule looks at each
  same,               // they must agree
  promoted,           // they are converted to PyTorch's common dtype, see promotion.h
  promoted_to_float,  // likewise, and whole numbers to float32
};

using InferFn = void (*)(const InferCall& call, Outputs& outputs);
using BackwardFn = Tensors (*)(const BackwardCall& call);
using SamplesFn = void (*)(Samples& samples);

struct OpDef {
  OpId id;
  const char* torch;  // PyTorch's spelling as a Python expression, "torch.add"
  Category category;
  std::vector<InputSpec> inputs;
  std::vector<AttrSpec> attrs = {};
  InferFn infer;
  // Backward. `saves[i]` belongs to input i; no rule means no gradient flows through.
  std::vector<Saves> saves = {};
  BackwardFn backward = nullptr;
  const char* grad_name = nullptr;  // PyTorch's node name where it isn't NameBackward0
  // Which of PyTorch's overloads a call is: SumBackward0 or SumBackward1. Null: always 0.
  int (*overload)(const Attrs& attrs) = nullptr;
  Dtypes dtypes = Dtypes::any;
  uint8_t promoted_from = 0;  // inputs before this one stand aside
  bool takes_bool = true;     // before promotion
  bool works_on_bool = true;  // after it
  // Inputs the op overwrites; its outputs are those inputs. Zero for functional ops.
  uint16_t writes = 0;
  bool variadic = false;     // the last input stands for any number of them, one at least
  bool has_inplace = false;  // name_() exists: the result overwrites the first input
  // What only the values can tell, asked before the op runs. Throws Error.
  void (*check_values)(const char* op, std::span<const Tensor> inputs) = nullptr;

  const char* summary;       // one line, plain words
  const char* formula;       // TeX
  const char* grad_formula;  // TeX; "" where there is no gradient
  SamplesFn samples;

  const char* name() const;                                   // "log_softmax"
  const std::string& backward_name(const Attrs& call) const;  // "LogSoftmaxBackward0"
  const InputSpec& input(size_t i) const { return inputs[std::min(i, inputs.size() - 1)]; }
  Saves saves_for(size_t i) const { return saves[std::min(i, saves.size() - 1)]; }
};

const char* op_name(OpId id);
const OpDef& op_def(OpId id);
// Null if there is no op of that name.
const OpDef* find_op(std::string_view name);
std::span<const OpDef* const> all_ops();

namespace ops {  // defined in core/op/ops/<name>.cpp
#define GRADUS_OP(name) extern const OpDef name;
#include "core/op/all_ops.inc"
}  // namespace ops

}  // namespace gradus
