// scalar_ops.glsl for shaders, by the TYPE of elements.glsl: of float on our own elementary
// functions, of whole numbers and bools on what GLSL has. int64 has int64.glsl instead.
#define OP
#if TYPE == FLOAT32
#define OUT(type, name) out type name
#define real float
#include "math.glsl"
#define IF_NAN(x, this_, that) (m_isnan(x) ? (this_) : (that))
#define IS_NAN(x) m_isnan(x)
#define IS_INF(x) ((floatBitsToUint(x) & 0x7fffffffu) == 0x7f800000u)
#define IS_NEGATIVE(x) ((floatBitsToUint(x) >> 31) != 0u)
#define ROUND_EVEN roundEven
#define exp m_exp
#define exp2 m_exp2
#define expm1 m_expm1
#define log m_log
#define log2 m_log2
#define log10 m_log10
#define log1p m_log1p
#define erf m_erf
#define pow m_pow
#define fmod m_fmod
#define sin m_sin
#define cos m_cos
#define tan m_tan
#define asin m_asin
#define acos m_acos
#define atan m_atan
#define sinh m_sinh
#define cosh m_cosh
#define tanh m_tanh
#else
#define GRADUS_INTEGER
#if TYPE == INT32
#define real int
#else
#define real uint
#endif
#if TYPE == BOOL
#define GRADUS_BOOL
#endif
#endif
#include "scalar_ops.glsl"
