// What a step did, as plain data: ids, names, shapes and copied windows of values, never a Tensor.
// It may be kept, queued and sent anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/net/net_graph.h"
#include "core/tensor/tensor.h"

namespace gradus {

// The amounts in which one can go: the run stops after a step that ends one.
enum class Grain : uint8_t { op, layer, phase, batch, epoch, all };
const char* to_string(Grain grain);

// A step in a few numbers; costs nothing to make.
struct StepResult {
  enum class Kind : uint8_t {
    nothing,  // the run is over
    fetch,    // a batch was taken
    zero_grad,
    retain_grad,
    call,      // one op of the forward pass
    gradient,  // one node of the backward pass
    update,    // one parameter
  };
  Kind kind = Kind::nothing;
  Phase phase = Phase::fetch;
  int64_t step = 0;        // its number, from 1
  int64_t epoch = 0;       // from 0
  int64_t batch = 0;       // within the epoch, or within the evaluation
  int32_t index = -1;      // call of the plan
  int32_t parameter = -1;  // of an update, and of the gradient step of a leaf
  NodeId node = 0;         // of the NetGraph; 0 where none is concerned
  bool ends_layer = false;
  bool ends_phase = false;
  bool ends_batch = false;
  bool ends_epoch = false;
  bool ends(Grain grain) const;
};

// Where a value can be asked for.
struct ValueRef {
  enum class Kind : uint8_t {
    value,            // of the plan, by ValueId
    value_grad,       // likewise: its .grad, if it is retained
    parameter,        // by its index
    parameter_grad,   // likewise
    momentum_buffer,  // likewise
    grad_in,          // of the last gradient step, by position
    grad_out,
  };
  Kind kind = Kind::value;
  int32_t index = 0;
  friend bool operator==(const ValueRef&, const ValueRef&) = default;
};

struct ValueRequest {
  ValueRef ref;
  size_t numbers = 8;  // the first elements, row-major, at most
  // The tensor as a matrix (see TensorPicture): at most so many cells a side; 0 for none.
  int32_t picture = 0;
};

// A tensor as a matrix of numbers: its last two dimensions, at the first place of those before
// them; a vector is one row. Where it is larger than was asked for, cells are means of blocks.
struct TensorPicture {
  int64_t rows = 0;  // of the tensor
  int64_t columns = 0;
  int32_t cell_rows = 0;  // of the picture
  int32_t cell_columns = 0;
  std::vector<float> cells;           // row-major
  double min = 0, max = 0, mean = 0;  // of all finite elements of the tensor
  int64_t not_finite = 0;

  float cell(int32_t row, int32_t column) const {
    return cells[static_cast<size_t>(row) * static_cast<size_t>(cell_columns) +
                 static_cast<size_t>(column)];
  }
};

// A window of a tensor's values.
struct ValueWindow {
  ValueRef ref;
  std::string name;          // "linear_relu_stack.0.weight", "grad of output"
  bool computed = false;     // false is not the same as zero
  std::string why_not = {};  // where a gradient is not there: the reason
  Dims sizes;
  DType dtype = DType::float32;
  std::vector<double> first;  // the first elements, row-major
  TensorPicture picture;      // empty unless asked for
};

// How far the autograd graph of the batch under way has grown, and been consumed.
struct GraphProgress {
  int32_t calls = 0;              // of the plan, that have run
  std::vector<int32_t> consumed;  // places in Plan::grad_nodes that backward is done with
  int32_t current = -1;           // the place of the last step's node; -1 if it has none
};

struct StepEvent {
  StepResult result;
  std::string op;     // "addmm", "AddmmBackward0", "SGD", "fetch"
  std::string where;  // the layer's name
  std::vector<ValueWindow> inputs;
  std::vector<ValueWindow> outputs;
};

}  // namespace gradus
