// Reading and writing the elements of a buffer of 32-bit words, by their type. TYPE is one of
// these; `element` is what a shader computes with.
#define FLOAT32 0
#define INT64 1
#define BOOL 2
#define INT32 3
#define UINT8 4

#if TYPE == FLOAT32
#define element float
#define READ(words, i) uintBitsToFloat(words[i])
#define WRITE(words, i, value) words[i] = floatBitsToUint(value)
#define NUMBER(low, high) uintBitsToFloat(low)
#elif TYPE == INT32
#define element int
#define READ(words, i) int(words[i])
#define WRITE(words, i, value) words[i] = uint(value)
#define NUMBER(low, high) int(low)
#elif TYPE == INT64
#define element uvec2
#define READ(words, i) uvec2(words[2u * (i)], words[2u * (i) + 1u])
#define WRITE(words, i, value) \
  words[2u * (i)] = (value).x; \
  words[2u * (i) + 1u] = (value).y
#define NUMBER(low, high) uvec2(low, high)
#else
// A byte. Four share a word, so neighbours may write it at the same time. A bool is 0 or 1; what is
// not 0 is written as 1.
#define element uint
#define READ(words, i) ((words[(i) >> 2] >> (8u * ((i) & 3u))) & 0xffu)
#if TYPE == BOOL
#define AS_BYTE(value) ((value) != 0u ? 1u : 0u)
#else
#define AS_BYTE(value) ((value) & 0xffu)
#endif
#define WRITE(words, i, value)                               \
  atomicAnd(words[(i) >> 2], ~(0xffu << (8u * ((i) & 3u)))); \
  atomicOr(words[(i) >> 2], AS_BYTE(value) << (8u * ((i) & 3u)))
#define NUMBER(low, high) (low)
#endif
