//go:build cgo && !windows

#include "shim.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *handle;

typedef struct {
  unsigned int rank : 7;
  unsigned int has_strides : 1;
  int32_t dimensions[8];
  uint32_t strides[8];
} layout;  // 68 bytes

typedef struct {
  int32_t element;
  layout layout;
} tensor_type;  // 72 bytes

// An option of an environment: a tag, and a value with its type.
typedef struct {
  int32_t tag;
  int32_t pad;
  int32_t type;
  int32_t pad2;
  int64_t value;
} environment_option;  // 24 bytes

#define FUNCTIONS                                                                          \
  F(LiteRtCreateEnvironment, int, int, const void *, handle *)                             \
  F(LiteRtCreateModelFromBuffer, int, handle, const void *, size_t, handle *)              \
  F(LiteRtDestroyModel, void, handle)                                                      \
  F(LiteRtCreateOptions, int, handle *)                                                    \
  F(LiteRtDestroyOptions, void, handle)                                                    \
  F(LiteRtSetOptionsHardwareAccelerators, int, handle, int)                                \
  F(LiteRtCreateOpaqueOptions, int, const char *, void *, void (*)(void *), handle *)      \
  F(LiteRtAddOpaqueOptions, int, handle, handle)                                           \
  F(LiteRtCreateCompiledModel, int, handle, handle, handle, handle *)                      \
  F(LiteRtDestroyCompiledModel, void, handle)                                              \
  F(LiteRtCompiledModelGetErrorMessages, int, handle, char **)                             \
  F(LiteRtCompiledModelClearErrors, int, handle)                                           \
  F(LiteRtCompiledModelResizeInputTensor, int, handle, size_t, size_t, const int *, size_t) \
  F(LiteRtGetCompiledModelOutputTensorLayouts, int, handle, size_t, size_t, layout *, _Bool) \
  F(LiteRtGetCompiledModelInputBufferRequirements, int, handle, size_t, size_t, handle *)  \
  F(LiteRtGetCompiledModelOutputBufferRequirements, int, handle, size_t, size_t, handle *) \
  F(LiteRtCreateManagedTensorBufferFromRequirements, int, handle, const tensor_type *, handle, handle *) \
  F(LiteRtGetTensorBufferPackedSize, int, handle, size_t *)                                \
  F(LiteRtLockTensorBuffer, int, handle, void **, int)                                     \
  F(LiteRtUnlockTensorBuffer, int, handle)                                                 \
  F(LiteRtDestroyTensorBuffer, void, handle)                                               \
  F(LiteRtRunCompiledModel, int, handle, size_t, size_t, handle *, size_t, handle *)

#define F(name, result, ...) static result (*name##_)(__VA_ARGS__);
FUNCTIONS
#undef F

char *tf_load(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return strdup(dlerror());
#define F(name, result, ...)                                             \
  *(void **)&name##_ = dlsym(library, #name);                            \
  if (name##_ == NULL) return strdup("it has no function " #name);
  FUNCTIONS
#undef F
  return NULL;
}

// TRY returns what a call gives, unless that is success.
#define TRY(call, name)                                      \
  do {                                                       \
    int try_status = call;                                   \
    if (try_status != 0) return (tf_result){try_status, name}; \
  } while (0)

static const tf_result ok = {0, NULL};

tf_result tf_environment(void **environment) {
  enum { accelerators = 24, severity = 25, integer = 2, cpu = 1, errors = 3 };
  environment_option options[2] = {{.tag = accelerators, .type = integer, .value = cpu}, {.tag = severity, .type = integer, .value = errors}};
  TRY(LiteRtCreateEnvironment_(2, options, environment), "LiteRtCreateEnvironment");
  return ok;
}

tf_result tf_model(void *environment, const void *file, size_t size, void **model) {
  TRY(LiteRtCreateModelFromBuffer_(environment, file, size, model), "LiteRtCreateModelFromBuffer");
  return ok;
}

void tf_model_free(void *model) { LiteRtDestroyModel_(model); }

struct tf_instance {
  handle environment, compiled;
  size_t signature;
  int inputs, outputs;
  handle *in, *out;  // the buffers; NULL before tf_prepare
};

static void free_buffers(tf_instance *t) {
  for (int i = 0; i < t->inputs; i++)
    if (t->in[i] != NULL) LiteRtDestroyTensorBuffer_(t->in[i]), t->in[i] = NULL;
  for (int i = 0; i < t->outputs; i++)
    if (t->out[i] != NULL) LiteRtDestroyTensorBuffer_(t->out[i]), t->out[i] = NULL;
}

// add gives options of a part of the runtime, as TOML.
static tf_result add(handle options, const char *part, const char *settings) {
  handle opaque;
  char *text = strdup(settings);
  int status = LiteRtCreateOpaqueOptions_(part, text, free, &opaque);
  if (status != 0) free(text);
  TRY(status, "LiteRtCreateOpaqueOptions");
  TRY(LiteRtAddOpaqueOptions_(options, opaque), "LiteRtAddOpaqueOptions");  // which takes them over
  return ok;
}

static tf_result configure(handle options, const char *settings) {
  TRY(LiteRtSetOptionsHardwareAccelerators_(options, 1), "LiteRtSetOptionsHardwareAccelerators");
  tf_result r = add(options, "xnnpack", settings);
  // Errors are kept, see tf_errors, and not written to standard error.
  return r.status != 0 ? r : add(options, "runtime_options_string", "error_reporter_mode = 2\n");
}

static tf_result compile(void *environment, void *model, const char *settings, handle *compiled) {
  handle options;
  TRY(LiteRtCreateOptions_(&options), "LiteRtCreateOptions");
  tf_result r = configure(options, settings);
  int status = r.status != 0 ? 0 : LiteRtCreateCompiledModel_(environment, model, options, compiled);
  LiteRtDestroyOptions_(options);
  TRY(status, "LiteRtCreateCompiledModel");
  return r;
}

tf_result tf_compile(void *environment, void *model, size_t signature, const char *settings, int inputs, int outputs, tf_instance **instance) {
  handle compiled;
  tf_result r = compile(environment, model, settings, &compiled);
  if (r.status != 0) return r;
  tf_instance *t = calloc(1, sizeof *t);
  t->environment = environment, t->compiled = compiled, t->signature = signature;
  t->inputs = inputs, t->outputs = outputs;
  t->in = calloc(inputs + 1, sizeof *t->in), t->out = calloc(outputs + 1, sizeof *t->out);
  *instance = t;
  return ok;
}

void tf_instance_free(tf_instance *t) {
  free_buffers(t);
  LiteRtDestroyCompiledModel_(t->compiled);
  free(t->in), free(t->out), free(t);
}

char *tf_errors(tf_instance *t) {
  char *text = NULL;
  if (LiteRtCompiledModelGetErrorMessages_(t->compiled, &text) != 0) return NULL;
  LiteRtCompiledModelClearErrors_(t->compiled);
  return text;
}

static tensor_type type_of(const tf_shape *shape) {
  tensor_type type;
  memset(&type, 0, sizeof type);
  type.element = shape->element;
  type.layout.rank = shape->rank;
  memcpy(type.layout.dimensions, shape->dims, sizeof shape->dims);
  return type;
}

static tf_result prepare(tf_instance *t, const tf_shape *inputs, const int *resize, tf_shape *outputs) {
  for (int i = 0; i < t->inputs; i++)
    if (resize[i])
      TRY(LiteRtCompiledModelResizeInputTensor_(t->compiled, t->signature, i, inputs[i].dims, inputs[i].rank), "LiteRtCompiledModelResizeInputTensor");
  layout *layouts = calloc(t->outputs + 1, sizeof *layouts);
  int status = LiteRtGetCompiledModelOutputTensorLayouts_(t->compiled, t->signature, t->outputs, layouts, 1);
  for (int i = 0; status == 0 && i < t->outputs; i++) {
    outputs[i].rank = layouts[i].rank;
    memcpy(outputs[i].dims, layouts[i].dimensions, sizeof outputs[i].dims);
  }
  free(layouts);
  TRY(status, "LiteRtGetCompiledModelOutputTensorLayouts");
  for (int i = 0; i < t->inputs; i++) {
    handle needs;
    tensor_type type = type_of(&inputs[i]);
    TRY(LiteRtGetCompiledModelInputBufferRequirements_(t->compiled, t->signature, i, &needs), "LiteRtGetCompiledModelInputBufferRequirements");
    TRY(LiteRtCreateManagedTensorBufferFromRequirements_(t->environment, &type, needs, &t->in[i]), "LiteRtCreateManagedTensorBufferFromRequirements");
    void *memory;
    size_t size;
    TRY(LiteRtGetTensorBufferPackedSize_(t->in[i], &size), "LiteRtGetTensorBufferPackedSize");
    TRY(LiteRtLockTensorBuffer_(t->in[i], &memory, 1), "LiteRtLockTensorBuffer");
    memset(memory, 0, size);
    TRY(LiteRtUnlockTensorBuffer_(t->in[i]), "LiteRtUnlockTensorBuffer");
  }
  for (int i = 0; i < t->outputs; i++) {
    handle needs;
    tensor_type type = type_of(&outputs[i]);
    TRY(LiteRtGetCompiledModelOutputBufferRequirements_(t->compiled, t->signature, i, &needs), "LiteRtGetCompiledModelOutputBufferRequirements");
    TRY(LiteRtCreateManagedTensorBufferFromRequirements_(t->environment, &type, needs, &t->out[i]), "LiteRtCreateManagedTensorBufferFromRequirements");
  }
  return ok;
}

tf_result tf_prepare(tf_instance *t, const tf_shape *inputs, const int *resize, tf_shape *outputs) {
  free_buffers(t);
  tf_result r = prepare(t, inputs, resize, outputs);
  if (r.status != 0) free_buffers(t);
  return r;
}

tf_result tf_run(uintptr_t instance, uintptr_t where) {
  enum { read, write };
  tf_instance *t = (tf_instance *)instance;
  const tf_memory *m = (const tf_memory *)where;
  void *const *inputs = m->data[0], *const *outputs = m->data[1];
  const size_t *input_sizes = m->sizes[0], *output_sizes = m->sizes[1];
  void *memory;
  for (int i = 0; i < t->inputs; i++) {
    if (inputs[i] == NULL) continue;
    TRY(LiteRtLockTensorBuffer_(t->in[i], &memory, write), "LiteRtLockTensorBuffer");
    memcpy(memory, inputs[i], input_sizes[i]);
    TRY(LiteRtUnlockTensorBuffer_(t->in[i]), "LiteRtUnlockTensorBuffer");
  }
  TRY(LiteRtRunCompiledModel_(t->compiled, t->signature, t->inputs, t->in, t->outputs, t->out), "LiteRtRunCompiledModel");
  for (int i = 0; i < t->outputs; i++) {
    if (outputs[i] == NULL) continue;
    TRY(LiteRtLockTensorBuffer_(t->out[i], &memory, read), "LiteRtLockTensorBuffer");
    memcpy(outputs[i], memory, output_sizes[i]);
    TRY(LiteRtUnlockTensorBuffer_(t->out[i]), "LiteRtUnlockTensorBuffer");
  }
  return ok;
}
