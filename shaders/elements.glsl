// Reading and writing the elements of a buffer of 32-bit words, by their type. TYPE is one of
// these; `element` is what a shader computes with.
#define FLOAT32 0
#define INT64 1
#define BOOL 2

#if TYPE == FLOAT32
#define element float
#define READ(words, i) uintBitsToFloat(words[i])
#define WRITE(words, i, value) words[i] = floatBitsToUint(value)
#define NUMBER(low, high) uintBitsToFloat(low)
#elif TYPE == INT64
#define element uvec2
#define READ(words, i) uvec2(words[2u * (i)], words[2u * (i) + 1u])
#define WRITE(words, i, value) \
  words[2u * (i)] = (value).x; \
  words[2u * (i) + 1u] = (value).y
#define NUMBER(low, high) uvec2(low, high)
#else
#define element bool
#define READ(words, i) (((words[(i) >> 2] >> (8u * ((i) & 3u))) & 0xffu) != 0u)
// Four share a word, so neighbours may write it at the same time.
#define WRITE(words, i, value)                                   \
  atomicAnd(words[(i) >> 2], ~(0xffu << (8u * ((i) & 3u)))); \
  atomicOr(words[(i) >> 2], ((value) ? 1u : 0u) << (8u * ((i) & 3u)))
#define NUMBER(low, high) ((low) != 0u)
#endif
