// How ops that look elements up by whole numbers walk over memory, for their shape rules and for
// backends.
#pragma once

#include "core/op/op_def.h"

namespace gradus {

// A place in `sizes` is an element of the tensor x that is looked into at
//   Σ i·x_strides + where[Σ i·where_strides]
// where `where`, dense and of shape `where_sizes`, is what the index tensors say: the sum over
// `looked_up` of the index times that dimension's stride.
struct IndexWalk {
  Dims sizes;
  Dims x_strides;
  Dims where_strides;
  Dims where_sizes;
  struct Dimension {
    size_t dim;           // of x
    const Tensor* index;  // broadcast to where_sizes
  };
  InlineVector<Dimension, 3> looked_up;
  bool from_the_end = false;  // whether -1 is the last
};

// x[indices]: undefined ones stand for all of their dimension. Throws on too many, on another dtype
// than int64, and where they do not broadcast.
IndexWalk walk_of_index(const char* op, const Tensor& x, std::span<const Tensor> indices);
IndexWalk walk_of_index_select(const char* op, const Tensor& x, int64_t dim, const Tensor& index);
// x with dimension `dim` looked up for each place of index: gather and scatter.
IndexWalk walk_of_gather(const char* op, const Tensor& x, int64_t dim, const Tensor& index);
// That of a call of one of the ops below.
IndexWalk walk_of(const OpDef& op, std::span<const Tensor> inputs, const Attrs& attrs);

// "index 5 is out of range for dimension 1, whose size is 3"
std::string index_out_of_range(int64_t index, int64_t dim, int64_t size);

namespace shape {

void index(const InferCall& call, Outputs& outputs);
void index_put(const InferCall& call, Outputs& outputs);
void index_select(const InferCall& call, Outputs& outputs);
void gather(const InferCall& call, Outputs& outputs);
void scatter(const InferCall& call, Outputs& outputs);

}  // namespace shape

}  // namespace gradus
