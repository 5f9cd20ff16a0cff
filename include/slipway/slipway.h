/* The C API of Slipway: load a model, look at its inputs and outputs, run it. C11 and C++; slipway.hpp is the
 * same for C++ with objects and exceptions.
 *
 *   slipway_model* model = NULL;
 *   if (slipway_model_load("model.onnx", NULL, &model) != SLIPWAY_OK) puts(slipway_last_error());
 *   ...
 *   slipway_model_free(model);
 *
 * Errors. Every function that can fail returns a status. On any other than SLIPWAY_OK nothing was made and no
 * result was written, unless the function says otherwise, and slipway_last_error() says in words what was
 * wrong. No C++ exception leaves the library.
 *
 * Pointers. A pointer argument must not be NULL unless its function says so; NULL where it is not allowed, or
 * a handle of another kind, is SLIPWAY_INVALID_ARGUMENT. A handle that was freed is recognised where its
 * memory still tells, which it need not: using one is an error of the program. Texts that go in are copied,
 * end with NUL and are UTF-8; paths are passed to the system as they are.
 *
 * Ownership. A handle that a function makes belongs to the caller until the _free function of its kind.
 * Pointers inside a handle (names, dimensions, data) live as long as the handle and are not freed.
 *
 * Threads. All functions may be called from any thread. A model may be used by any number of threads at once.
 * Any number of threads may read one tensor at once, none while another writes to it. Freeing a handle while
 * another call uses it is an error of the program.
 *
 * ABI. Functions and constants keep their meaning within one major version of the shared library; structures
 * only grow at their end. */
#ifndef SLIPWAY_SLIPWAY_H
#define SLIPWAY_SLIPWAY_H

#include <stddef.h>
#include <stdint.h>

#define SLIPWAY_VERSION_MAJOR 0
#define SLIPWAY_VERSION_MINOR 1
#define SLIPWAY_VERSION_PATCH 0

#if defined(__GNUC__)
#define SLIPWAY_API __attribute__((visibility("default")))
#else
#define SLIPWAY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is loaded: "0.1.0". The macros above are the version of this header. Never
 * NULL, never freed. */
SLIPWAY_API const char* slipway_version(void);

/* -- Errors ------------------------------------------------------------------------------------------------
 */

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

/* A short, stable name in English: "ok", "invalid model"; "unknown" for other numbers. Never freed. */
SLIPWAY_API const char* slipway_status_name(slipway_status status);

/* What was wrong with the last call in this thread that did not return SLIPWAY_OK: the file, node, input or
 * argument, what came, what was expected. "" if every call succeeded. Never NULL; valid until the next call
 * in this thread that fails, or its end. Calls that succeed leave it as it is. */
SLIPWAY_API const char* slipway_last_error(void);

/* -- Element types -----------------------------------------------------------------------------------------
 */

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

/* ONNX's name of an element type: "float", "int64", "bfloat16"; "undefined" for other numbers. Never freed.
 */
SLIPWAY_API const char* slipway_element_type_name(slipway_element_type type);

/* -- Models ------------------------------------------------------------------------------------------------
 */

/* A model that is ready to run. Immutable. */
typedef struct slipway_model slipway_model;

/* How to load a model. Every field but the first may stay zero:
 *   slipway_model_options options = {.struct_size = sizeof options, .threads = 2}; */
typedef struct slipway_model_options {
  size_t struct_size;  /* sizeof(slipway_model_options): tells the library which fields the program knows */
  const char* backend; /* the engine: "native" (NULL: this) or "onnxruntime" */
  const char* library; /* the shared library of a foreign engine, or its folder; NULL: the usual places */
  int32_t threads;     /* how many threads compute; 0: as many as there are processors */
  int32_t disable_optimization;  /* not 0: every operator runs by itself, as the file states it */
  const char* const* custom_ops; /* paths of libraries that bring operators (custom_op.h), for native alone;
                                    they stay loaded as long as the model lives */
  size_t custom_op_count;        /* how many; 0: none, and custom_ops may be NULL */
  size_t max_memory;             /* bytes that the model may take, when it is loaded and in all its runs
                                    together, or these fail with SLIPWAY_OUT_OF_MEMORY; 0: no limit. Outputs
                                    count until they are freed, tensors that the program made do not. For
                                    native alone: "onnxruntime" with a limit is SLIPWAY_UNSUPPORTED */
} slipway_model_options;

/* Reads, checks and prepares an .onnx file. `options` may be NULL. Weights may stay mapped to the file: it
 * must not be changed in place while the model lives. SLIPWAY_NOT_FOUND, SLIPWAY_IO: the file, or the
 * engine's library, or one of custom operators. SLIPWAY_INVALID_MODEL. SLIPWAY_UNSUPPORTED: names every node
 * that the engine cannot run; or options, or custom operators, that are newer than the library.
 * SLIPWAY_INVALID_ARGUMENT: also a library of custom operators that is none, or two that contradict each
 * other. */
SLIPWAY_API slipway_status slipway_model_load(const char* path, const slipway_model_options* options,
                                              slipway_model** model);

/* NULL is allowed and does nothing. Tensors that the model made stay valid. */
SLIPWAY_API void slipway_model_free(slipway_model* model);

/* An input or an output of a model, as the model states it. It lives as long as the model. */
typedef struct slipway_port {
  const char* name;
  const char* type;           /* for people: "f32[1,3,h,w]", "seq(i64[n])" */
  const int64_t* dims;        /* `rank` sizes; -1 where the model states no number */
  const char* const* symbols; /* `rank` texts ("batch", "3*h") or NULLs; a text only where dims is -1 */
  slipway_element_type element_type; /* SLIPWAY_UNDEFINED for what is neither a tensor nor an optional one */
  int32_t rank;                      /* -1: not stated */
  int32_t optional;                  /* not 0: an input that may be left out */
} slipway_port;

SLIPWAY_API slipway_status slipway_model_input_count(const slipway_model* model, size_t* count);
SLIPWAY_API slipway_status slipway_model_output_count(const slipway_model* model, size_t* count);
/* `index` counts from 0, in the model's order. SLIPWAY_INVALID_ARGUMENT when there is none. */
SLIPWAY_API slipway_status slipway_model_input(const slipway_model* model, size_t index,
                                               const slipway_port** port);
SLIPWAY_API slipway_status slipway_model_output(const slipway_model* model, size_t index,
                                                const slipway_port** port);

/* -- Tensors -----------------------------------------------------------------------------------------------
 */

/* Elements in memory, row-major: the last axis varies fastest, no gaps. */
typedef struct slipway_tensor slipway_tensor;

enum { SLIPWAY_MAX_RANK = 64 };

/* A tensor in memory of its own, 64-byte aligned, all elements 0 (strings: empty). `dims` has `rank` sizes ≥
 * 0 and may be NULL for rank 0, which has one element. SLIPWAY_OUT_OF_MEMORY. */
SLIPWAY_API slipway_status slipway_tensor_create(slipway_element_type type, const int64_t* dims, size_t rank,
                                                 slipway_tensor** tensor);

/* What is called with the data and the context of slipway_tensor_borrow, once, from any thread, when nothing
 * needs the data any more. It must not throw. */
typedef void (*slipway_deleter)(void* data, void* context);

/* A tensor over the caller's memory: nothing is copied. `data` has `size` bytes, at least as many as the
 * elements take, and is aligned as the element type demands. It must stay valid until `deleter` is called,
 * or, where deleter is NULL, until the tensor is freed. Slipway writes to it only where the tensor is an
 * output of slipway_run. If this fails, the deleter is not called. SLIPWAY_UNSUPPORTED: strings, which have
 * no such form. */
SLIPWAY_API slipway_status slipway_tensor_borrow(slipway_element_type type, const int64_t* dims, size_t rank,
                                                 void* data, size_t size, slipway_deleter deleter,
                                                 void* context, slipway_tensor** tensor);

/* A tensor of strings, which are copied. `count` must be the number of elements. `lengths` are in bytes, so
 * that a string may contain NUL; NULL: every string ends with its first NUL. */
SLIPWAY_API slipway_status slipway_tensor_create_strings(const int64_t* dims, size_t rank,
                                                         const char* const* strings, const size_t* lengths,
                                                         size_t count, slipway_tensor** tensor);

/* What a tensor is. It lives as long as the tensor. */
typedef struct slipway_tensor_info {
  void* data;          /* the elements, which may be written to; NULL for strings */
  const int64_t* dims; /* `rank` sizes */
  size_t size;         /* bytes that the elements take; 0 for strings */
  size_t element_count;
  slipway_element_type element_type;
  int32_t rank;
} slipway_tensor_info;

SLIPWAY_API slipway_status slipway_tensor_describe(const slipway_tensor* tensor,
                                                   const slipway_tensor_info** info);

/* The string at `index` (row-major, from 0) of a tensor of strings. It ends with NUL, which `length`, in
 * bytes, does not count; `length` may be NULL. Valid until the tensor is freed or is an output of
 * slipway_run. */
SLIPWAY_API slipway_status slipway_tensor_string(const slipway_tensor* tensor, size_t index,
                                                 const char** text, size_t* length);

/* NULL is allowed and does nothing. */
SLIPWAY_API void slipway_tensor_free(slipway_tensor* tensor);

/* -- Running -----------------------------------------------------------------------------------------------
 */

/* A request to stop. One may belong to several runs. */
typedef struct slipway_cancellation slipway_cancellation;

SLIPWAY_API slipway_status slipway_cancellation_create(slipway_cancellation** cancellation);
/* Runs with this object end soon with SLIPWAY_CANCELLED, those that start later at once, until it is reset.
 */
SLIPWAY_API slipway_status slipway_cancel(slipway_cancellation* cancellation);
/* Not while a run that is to stop goes on. */
SLIPWAY_API slipway_status slipway_cancellation_reset(slipway_cancellation* cancellation);
/* NULL is allowed and does nothing. */
SLIPWAY_API void slipway_cancellation_free(slipway_cancellation* cancellation);

/* A tensor and the input or output that it is for. */
typedef struct slipway_binding {
  const char* name;
  slipway_tensor* tensor;
} slipway_binding;

/* Runs the model once and waits for the result.
 * `inputs`: every input that is not optional, by name, in any order. They are only read.
 * `outputs`: the outputs that are wanted, by name, in any order. Where `tensor` is NULL, it becomes a new
 * tensor, which the caller frees. Otherwise the result is written to that tensor, which must have the
 * result's element type and dimensions; it may be an input too, but two outputs must not overlap.
 * `cancellation` may be NULL.
 * If the run fails, no tensor was made, and what tensors of the caller in `outputs` hold is not defined.
 * SLIPWAY_INVALID_ARGUMENT: a name, an element type or a shape does not fit; the message names it.
 * SLIPWAY_UNSUPPORTED: an output that is not a tensor. SLIPWAY_OUT_OF_MEMORY. SLIPWAY_CANCELLED. */
SLIPWAY_API slipway_status slipway_run(const slipway_model* model, const slipway_binding* inputs,
                                       size_t input_count, slipway_binding* outputs, size_t output_count,
                                       const slipway_cancellation* cancellation);

/* Runs the model on a picture (PNG, JPEG, WebP, BMP, PNM, TIFF or JPEG 2000, told by its content) and writes
 * a picture (PNG, JPEG or WebP, as the extension of `output_path` says), by the pipeline inside the model
 * (docs/pipeline.md). The file is written whole or not at all; one that is there is replaced. `cancellation`
 * may be NULL. SLIPWAY_INVALID_ARGUMENT: the model carries no pipeline. SLIPWAY_INVALID_MODEL: its pipeline
 * is faulty. SLIPWAY_INVALID_PICTURE. SLIPWAY_NOT_FOUND. SLIPWAY_IO. SLIPWAY_OUT_OF_MEMORY: also a picture
 * larger than the pipeline allows. SLIPWAY_CANCELLED. */
SLIPWAY_API slipway_status slipway_run_picture(const slipway_model* model, const char* input_path,
                                               const char* output_path,
                                               const slipway_cancellation* cancellation);

#ifdef __cplusplus
}
#endif

#endif
