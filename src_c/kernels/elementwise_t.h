/* The elementwise kernels of one type: F names it, S is the number, V the vector. */
#define MAP1(name, args, expression) static void N(name) args LOOP1(expression)
#define MAP2(name, args, expression) static void N(name) args LOOP2(expression)
#define MAP3(name, args, expression) static void N(name) args LOOP3(expression)

#define ONE (S * y, const S *xa, int64_t n)
#define ONE_SLOPE (S * y, const S *xa, int64_t n, S slope)
#define ONE_NUMBER (S * y, const S *xa, S s, int64_t n)
#define ONE_AFFINE (S * y, const S *xa, S scale, S shift, int64_t n)
#define TWO (S * y, const S *xa, const S *xb, int64_t n)
#define TWO_SLOPE (S * y, const S *xa, const S *xb, int64_t n, S slope)
#define TWO_NUMBER (S * y, const S *xa, const S *xb, S s, int64_t n)
#define THREE (S * y, const S *xa, const S *xb, const S *xc, int64_t n)

MAP1(leaky_relu, ONE_SLOPE, N(ug_leaky_relu)(a, slope))
MAP1(relu, ONE, N(ug_relu)(a))
MAP1(sigmoid, ONE, N(ug_sigmoid)(a))
MAP1(tanh, ONE, N(ug_tanh)(a))
MAP2(prelu, TWO, N(ug_select)(a > 0, a, a *b))
MAP1(scale_shift, ONE_AFFINE, N(ug_scale_shift)(a, SET(scale), SET(shift)))
MAP3(scale_shift_each, THREE, N(ug_scale_shift)(a, b, c))
MAP2(add, TWO, a + b)
MAP3(mul_add_to, THREE, N(ug_fma)(a, b, c))
MAP2(mul_add_one_to, TWO_NUMBER, N(ug_fma)(a, SET(s), b))
MAP2(leaky_relu_grad_, TWO_SLOPE, N(ug_select)(a > 0, b, b *slope))
MAP2(relu_grad_, TWO, N(ug_select)(a > 0, b, SET(0)))
MAP3(prelu_grad, THREE, N(ug_select)(a > 0, b, b *c))
MAP2(prelu_grad_slope, TWO, N(ug_select)(a > 0, SET(0), a *b))
MAP2(sigmoid_grad, TWO, b * a * (1 - a))
MAP2(tanh_grad, TWO, b * (1 - a * a))
MAP2(exp_shift, TWO, N(ug_exp)(a - b))
MAP1(exp_shift_one, ONE_NUMBER, N(ug_exp)(a - s))
MAP2(div, TWO, a / b)
MAP1(div_one, ONE_NUMBER, a / s)
MAP3(mul_diff, THREE, a *(b - c))
MAP2(mul_diff_one, TWO_NUMBER, a *(b - s))

static void N(mul_add)(S *y, const S *a, const S *b, int64_t n) { N(mul_add_to)(y, a, b, y, n); }
static void N(mul_add_one)(S *y, const S *a, S b, int64_t n) { N(mul_add_one_to)(y, a, y, b, n); }

static void N(leaky_relu_grad)(S *y, const S *x, const S *g, int64_t n, S slope) {
    if (slope == 0)
        N(relu_grad_)(y, x, g, n);
    else
        N(leaky_relu_grad_)(y, x, g, n, slope);
}

#undef ONE
#undef ONE_SLOPE
#undef ONE_NUMBER
#undef ONE_AFFINE
#undef TWO
#undef TWO_SLOPE
#undef TWO_NUMBER
#undef THREE
#undef MAP1
#undef MAP2
#undef MAP3
#undef F
#undef S
#undef V
