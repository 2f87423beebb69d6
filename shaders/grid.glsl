// Lanes over the elements of a tensor of up to RANK dimensions. There may be fewer lanes than
// elements: each takes every lanes()-th.
#define RANK 4

layout(local_size_x = 64) in;

uint first() { return gl_GlobalInvocationID.x; }
uint lanes() { return gl_NumWorkGroups.x * gl_WorkGroupSize.x; }

struct Shape {
  uint count;        // of elements
  uint sizes[RANK];  // 1 where there are fewer dimensions
};

uint[RANK] place_of(Shape shape, uint i) {
  uint index[RANK];
  for (int d = RANK - 1; d >= 0; --d) {
    index[d] = i % shape.sizes[d];
    i /= shape.sizes[d];
  }
  return index;
}

uint dot_strides(uint index[RANK], uint strides[RANK]) {
  uint offset = 0u;
  for (int d = 0; d < RANK; ++d) offset += index[d] * strides[d];
  return offset;
}
