/* Custom operators: a shared library that brings operators which Slipway does not have. This header is all
 * that such a library needs: C99 and C++11, nothing to link. docs/custom_operators.md goes through it step by
 * step.
 *
 * A whole library, for the operator com.example:Asinh:
 *
 *   #include <math.h>
 *   #include <slipway/custom_op.h>
 *
 *   static slipway_status infer(const slipway_op_api* api, slipway_op_call* call, const void* state) {
 *     (void)state;
 *     return api->set_shape_like(call, 0, 0);      // output 0 has the shape of input 0
 *   }
 *
 *   static slipway_status run(const slipway_op_api* api, slipway_op_call* call, const void* state) {
 *     const slipway_op_tensor* x = api->input(call, 0);
 *     const float* from = x->data;
 *     float* to = api->output(call, 0);            // of the shape that infer stated
 *     if (!to) return api->status(call);
 *     for (size_t i = 0; i < x->count; ++i) to[i] = asinhf(from[i]);
 *     (void)state;
 *     return SLIPWAY_OK;
 *   }
 *
 *   static const slipway_op operators[] = {{
 *       .domain = "com.example", .name = "Asinh", .version = 1,
 *       .inputs = "x: float", .outputs = "y: float",
 *       .infer = infer, .run = run}};
 *
 *   SLIPWAY_CUSTOM_OPS(operators)
 *
 *   cc -std=c99 -O2 -shared -fPIC -I PREFIX/include asinh.c -o libasinh.so -lm
 *   slipway run MODEL.onnx --custom-ops libasinh.so ...
 *
 * What Slipway checks, so that a mistake is an error that names the node, the operator and the library, not a
 * wrong number: the node against the schema (inputs, attributes, element types) before any function is
 * called; infer with the real shapes before every run, so that run never sees what infer refuses; that every
 * output was made, has the shape that infer stated and was not written beyond its end; names of attributes
 * and indices against the schema. An error once made by a call stays: a function that goes on and returns
 * SLIPWAY_OK has failed all the same. A C++ exception that leaves a function is an error like any other. What
 * nobody can catch is what ends any program: a read or write of foreign memory, abort(), exit().
 *
 * Memory. Whatever a function is given belongs to Slipway and is valid until the function returns; texts that
 * it gives are copied. State belongs to the library.
 *
 * Threads. create, infer, run and flops of one operator may be called from several threads at once. A state
 * is shared: it is const after create, or its own lock guards what changes. The functions of slipway_op_api
 * are for the thread in which the call was made.
 *
 * ABI. Structures and slipway_op_api only grow at their ends, and what is there keeps its meaning. A library
 * states which version of the interface it was written for; Slipway loads those of its own version and of
 * every older one. */
#ifndef SLIPWAY_CUSTOM_OP_H
#define SLIPWAY_CUSTOM_OP_H

#include <stddef.h>
#include <stdint.h>

/* The version of the interface that a library asks for. To load into an older Slipway too, define a lower one
 * before the include: what came later is then not declared. */
#ifndef SLIPWAY_CUSTOM_OP_ABI
#define SLIPWAY_CUSTOM_OP_ABI 1
#endif

/* The statuses and element types are those of slipway.h, word for word. */
#ifndef SLIPWAY_STATUSES
#define SLIPWAY_STATUSES
/* How a call ended: one of the constants below. Later versions may add some. */
typedef int32_t slipway_status;
enum {
  SLIPWAY_OK = 0,
  SLIPWAY_INVALID_ARGUMENT = 1, /* the request is wrong: a name, shape or type that the model does not have */
  SLIPWAY_INVALID_MODEL = 2,    /* the file does not say what its format demands, or contradicts itself */
  SLIPWAY_INVALID_PICTURE = 3,  /* a picture that cannot be decoded */
  SLIPWAY_UNSUPPORTED = 4,      /* valid, but not something that this version can do */
  SLIPWAY_NOT_FOUND = 5,        /* a file or a library that is not there */
  SLIPWAY_IO = 6,               /* reading or writing failed */
  SLIPWAY_OUT_OF_MEMORY = 7,    /* a limit or the machine's memory does not suffice */
  SLIPWAY_CANCELLED = 8,        /* slipway_cancel was called */
  SLIPWAY_INTERNAL = 9 /* a fault of Slipway: report it; or of custom operators, which the text names */
};
#endif

#ifndef SLIPWAY_ELEMENT_TYPES
#define SLIPWAY_ELEMENT_TYPES
/* ONNX's element types with ONNX's numbers (TensorProto.DataType). */
typedef int32_t slipway_element_type;
enum {
  SLIPWAY_UNDEFINED = 0,
  SLIPWAY_FLOAT = 1,
  SLIPWAY_UINT8 = 2,
  SLIPWAY_INT8 = 3,
  SLIPWAY_UINT16 = 4,
  SLIPWAY_INT16 = 5,
  SLIPWAY_INT32 = 6,
  SLIPWAY_INT64 = 7,
  SLIPWAY_STRING = 8,
  SLIPWAY_BOOL = 9, /* one byte, 0 or 1 */
  SLIPWAY_FLOAT16 = 10,
  SLIPWAY_DOUBLE = 11,
  SLIPWAY_UINT32 = 12,
  SLIPWAY_UINT64 = 13,
  SLIPWAY_COMPLEX64 = 14,
  SLIPWAY_COMPLEX128 = 15,
  SLIPWAY_BFLOAT16 = 16,
  SLIPWAY_FLOAT8E4M3FN = 17,
  SLIPWAY_FLOAT8E4M3FNUZ = 18,
  SLIPWAY_FLOAT8E5M2 = 19,
  SLIPWAY_FLOAT8E5M2FNUZ = 20,
  SLIPWAY_UINT4 = 21, /* types below 8 bits are packed, the first element in the lowest bits of a byte */
  SLIPWAY_INT4 = 22,
  SLIPWAY_FLOAT4E2M1 = 23,
  SLIPWAY_FLOAT8E8M0 = 24,
  SLIPWAY_UINT2 = 25,
  SLIPWAY_INT2 = 26
};
#endif

#if defined(__GNUC__)
#define SLIPWAY_OP_PRINTF(text, arguments) __attribute__((format(printf, text, arguments)))
#define SLIPWAY_OP_EXPORT __attribute__((visibility("default")))
#else
#define SLIPWAY_OP_PRINTF(text, arguments)
#define SLIPWAY_OP_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* -- What a function sees -----------------------------------------------------------------------------------
 */

/* One call of create, infer, run or flops: a node with its attributes and, but for create, its inputs and
 * outputs. */
typedef struct slipway_op_call slipway_op_call;

/* A tensor: elements row-major without gaps. Types below 8 bits are packed, the first element in the lowest
 * bits. A bool is one byte, 0 or 1. */
typedef struct slipway_op_tensor {
  const void* data;    /* aligned for its type; not NULL; for strings not to be touched: see string() */
  const int64_t* dims; /* `rank` sizes; not NULL */
  size_t rank;
  size_t count; /* elements */
  size_t bytes; /* that the elements take; 0 for strings */
  slipway_element_type element_type;
} slipway_op_tensor;

/* What is known of a tensor before there is one. */
typedef struct slipway_op_type {
  const int64_t* dims; /* `rank` sizes. A negative one is not known: do not calculate with it. Given to an
                          output as it is, it says "the same size as there" */
  int32_t rank;        /* -1: not known */
  slipway_element_type element_type; /* SLIPWAY_UNDEFINED: not known */
} slipway_op_type;

/* A size that is not known; a rank that is not known. */
#define SLIPWAY_OP_UNKNOWN (-1)

/* What Slipway offers to an operator's functions. A wrong argument (an index or a name that the schema does
 * not have, a function that is not for this moment) makes the call fail, with a text that says so. */
typedef struct slipway_op_api {
  /* -- Errors, at any time ------------------------------------------------------------------------------- */

  /* Makes the call fail and returns `status`: return api->fail(call, SLIPWAY_INVALID_ARGUMENT, "rank %d",
   * rank). Node, operator and library are added to the text. The first error of a call counts. */
  slipway_status (*fail)(slipway_op_call* call, slipway_status status, const char* format, ...)
      SLIPWAY_OP_PRINTF(3, 4);
  /* SLIPWAY_OK unless the call has failed. */
  slipway_status (*status)(const slipway_op_call* call);

  /* -- The node; the counts not in create ------------------------------------------------------------------
   */

  /* How many inputs and outputs the node states, absent ones before the last among them. */
  size_t (*input_count)(slipway_op_call* call);
  size_t (*output_count)(slipway_op_call* call);
  /* Does somebody want the output? One that nobody wants may be left out, or made all the same. */
  int (*wants_output)(slipway_op_call* call, size_t index);

  /* Attributes by name, which the schema must have with this kind. `otherwise` is for nodes without it. */
  int (*has_attribute)(slipway_op_call* call, const char* name);
  int64_t (*attribute_int)(slipway_op_call* call, const char* name, int64_t otherwise);
  float (*attribute_float)(slipway_op_call* call, const char* name, float otherwise);
  /* Ends with NUL, which `length`, in bytes, does not count; `length` may be NULL. */
  const char* (*attribute_string)(slipway_op_call* call, const char* name, const char* otherwise,
                                  size_t* length);
  /* NULL and *count 0 without the attribute. */
  const int64_t* (*attribute_ints)(slipway_op_call* call, const char* name, size_t* count);
  const float* (*attribute_floats)(slipway_op_call* call, const char* name, size_t* count);
  /* Of a list of strings: how many, and one of them. 0 without the attribute; NULL where there is no such
   * one. */
  size_t (*attribute_strings)(slipway_op_call* call, const char* name);
  const char* (*attribute_string_at)(slipway_op_call* call, const char* name, size_t index, size_t* length);
  /* NULL without the attribute. */
  const slipway_op_tensor* (*attribute_tensor)(slipway_op_call* call, const char* name);

  /* -- In infer and flops -------------------------------------------------------------------------------- */

  /* Of an input that is there; NULL for one that is absent. */
  const slipway_op_type* (*input_type)(slipway_op_call* call, size_t index);
  /* The input's value, where it is known already: a constant of the model. NULL for others. */
  const slipway_op_tensor* (*input_constant)(slipway_op_call* call, size_t index);

  /* In infer: states the shape of an output. `dims` are sizes, negative ones of an input's type, or
   * SLIPWAY_OP_UNKNOWN; `rank` SLIPWAY_OP_UNKNOWN says that the rank is not known, which holds for outputs of
   * which infer states nothing. */
  slipway_status (*set_shape)(slipway_op_call* call, size_t output, const int64_t* dims, int32_t rank);
  slipway_status (*set_shape_like)(slipway_op_call* call, size_t output, size_t input);
  /* In infer: needed only where the schema leaves the element type open, because no input binds its
   * constraint. */
  slipway_status (*set_element_type)(slipway_op_call* call, size_t output, slipway_element_type type);

  /* In flops: all sizes are known. */
  const slipway_op_type* (*output_type)(slipway_op_call* call, size_t index);

  /* -- In run -------------------------------------------------------------------------------------------- */

  /* NULL for an input that is absent. */
  const slipway_op_tensor* (*input)(slipway_op_call* call, size_t index);
  /* The string at `index` of a tensor of strings; as attribute_string. */
  const char* (*string)(slipway_op_call* call, const slipway_op_tensor* tensor, size_t index, size_t* length);

  /* Makes an output of the shape that infer stated and returns its elements, which are not initialised
   * (strings: empty); aligned to 64 bytes. NULL when it cannot be made: return api->status(call). Each output
   * is made once. */
  void* (*output)(slipway_op_call* call, size_t index);
  /* The same for a shape that is only known now; where infer stated sizes, they must be these. */
  void* (*output_of_shape)(slipway_op_call* call, size_t index, const int64_t* dims, size_t rank);
  /* Sets one element of an output of strings that was made. */
  slipway_status (*set_string)(slipway_op_call* call, size_t output, size_t index, const char* text,
                               size_t length);
} slipway_op_api;

/* -- What an operator is ------------------------------------------------------------------------------------
 */

/* Each function returns SLIPWAY_OK, or what api->fail returned, or another status. */

/* Makes what all runs of a node share, from the attributes alone: tables, compiled patterns. Called once for
 * all nodes that have the same attributes. *state must not stay NULL. */
typedef slipway_status (*slipway_op_create)(const slipway_op_api* api, slipway_op_call* call, void** state);
/* Frees a state, when no model needs it any more. */
typedef void (*slipway_op_destroy)(void* state);
/* States the shapes of the outputs and refuses inputs that do not fit each other. Called while a model is
 * loaded, with what is known then, and before every run, with everything. */
typedef slipway_status (*slipway_op_infer)(const slipway_op_api* api, slipway_op_call* call,
                                           const void* state);
/* Makes the outputs. The same inputs must give the same outputs, unless the operator is flagged. */
typedef slipway_status (*slipway_op_run)(const slipway_op_api* api, slipway_op_call* call, const void* state);
/* Floating-point operations of one run with these types, a multiply-add counted as two. */
typedef double (*slipway_op_flops)(const slipway_op_api* api, slipway_op_call* call, const void* state);

/* Flags of an operator. NONDETERMINISTIC: the same inputs may give other outputs, so that a node is never
 * folded or merged. */
enum { SLIPWAY_OP_NONDETERMINISTIC = 1 };

/* An operator. What stays zero is not there. The four schema texts are lists, separated by semicolons; "" and
 * NULL are empty ones.
 *
 * inputs, outputs: "data: T; scale: float?; rest: T...". After the colon stands an element type by ONNX's
 * name (float, int64, string, bfloat16) or a constraint, all users of which have one type in a node; then ?
 * where it may be absent, or ... for the last where there may be any number, 0 too.
 *
 * types: the constraints: "T: float, double; I: int32, int64". "T: any" is every element type.
 *
 * attributes: "axis: int?; merges: ints". The kinds are int, float, string, ints, floats, strings and tensor;
 * ? where it may be left out. */
typedef struct slipway_op {
  const char* domain; /* not ONNX's own, which is "" or begins with ai.onnx */
  const char* name;
  int32_t version; /* the version of the domain from which on the operator is this: ≥ 1 */
  uint32_t flags;
  const char* inputs;
  const char* outputs;
  const char* attributes;
  const char* types;
  slipway_op_create create; /* both or none of create and destroy; without them, state is NULL */
  slipway_op_destroy destroy;
  slipway_op_infer infer; /* without it, shapes are only known after a run */
  slipway_op_run run;     /* always */
  slipway_op_flops flops;
} slipway_op;

/* What a library brings. It lives as long as the library is loaded. */
typedef struct slipway_op_library {
  uint32_t abi;         /* SLIPWAY_CUSTOM_OP_ABI */
  uint32_t struct_size; /* sizeof(slipway_op_library) */
  size_t op_size;       /* sizeof(slipway_op) */
  size_t count;
  const slipway_op* operators;
} slipway_op_library;

/* The one function that a library exports. */
SLIPWAY_OP_EXPORT const slipway_op_library* slipway_custom_ops(void);

/* Defines it for an array of operators. Once in a library, at file scope. */
#define SLIPWAY_CUSTOM_OPS(array)                                                                      \
  const slipway_op_library* slipway_custom_ops(void) {                                                 \
    static const slipway_op_library library = {SLIPWAY_CUSTOM_OP_ABI, sizeof(slipway_op_library),      \
                                               sizeof(slipway_op), sizeof(array) / sizeof((array)[0]), \
                                               (array)};                                               \
    return &library;                                                                                   \
  }

#ifdef __cplusplus
}
#endif

#endif
