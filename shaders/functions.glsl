// scalar_ops.glsl for shaders, on our own elementary functions.
#define OP
#define OUT(type, name) out type name
#define real float
#include "math.glsl"
#define IF_NAN(x, this_, that) (m_isnan(x) ? (this_) : (that))
#define exp m_exp
#define log m_log
#define log1p m_log1p
#define expm1 m_expm1
#define erf m_erf
#define pow m_pow
#define sin m_sin
#define cos m_cos
#define tan m_tan
#define tanh m_tanh
#include "scalar_ops.glsl"
