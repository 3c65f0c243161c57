#include "bare.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void *handle;
typedef struct {
  int32_t element;
  unsigned int rank : 7, strided : 1;
  int32_t dimensions[8];
  uint32_t strides[8];
} tensor_type;

struct bare {
  handle environment, model, compiled, in, out;
  size_t in_size, out_size;
};

static handle library;
static int (*run)(handle, size_t, size_t, handle *, size_t, handle *);
static int (*lock)(handle, void **, int);
static int (*unlock)(handle);

static char failed[200];
#define FIND(name, result, ...) result (*name)(__VA_ARGS__) = dlsym(library, #name)
#define TRY(call)                                              \
  do {                                                         \
    int status = call;                                         \
    if (status != 0) {                                         \
      snprintf(failed, sizeof failed, "%s: %d", #call, status); \
      return failed;                                           \
    }                                                          \
  } while (0)

const char *bare_open(const char *path, const char *file, bare **opened, size_t *input_bytes, size_t *output_bytes) {
  bare *b = calloc(1, sizeof *b);
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  FIND(LiteRtCreateEnvironment, int, int, const void *, handle *);
  FIND(LiteRtCreateModelFromFile, int, handle, const char *, handle *);
  FIND(LiteRtGetModelSignature, int, handle, size_t, handle *);
  FIND(LiteRtGetSignatureSubgraph, int, handle, handle *);
  FIND(LiteRtGetSubgraphInput, int, handle, size_t, handle *);
  FIND(LiteRtGetSubgraphOutput, int, handle, size_t, handle *);
  FIND(LiteRtGetRankedTensorType, int, handle, tensor_type *);
  FIND(LiteRtCreateOptions, int, handle *);
  FIND(LiteRtSetOptionsHardwareAccelerators, int, handle, int);
  FIND(LiteRtCreateOpaqueOptions, int, const char *, void *, void (*)(void *), handle *);
  FIND(LiteRtAddOpaqueOptions, int, handle, handle);
  FIND(LiteRtCreateCompiledModel, int, handle, handle, handle, handle *);
  FIND(LiteRtCompiledModelResizeInputTensor, int, handle, size_t, size_t, const int *, size_t);
  FIND(LiteRtGetCompiledModelInputBufferRequirements, int, handle, size_t, size_t, handle *);
  FIND(LiteRtGetCompiledModelOutputBufferRequirements, int, handle, size_t, size_t, handle *);
  FIND(LiteRtCreateManagedTensorBufferFromRequirements, int, handle, const tensor_type *, handle, handle *);
  FIND(LiteRtGetTensorBufferPackedSize, int, handle, size_t *);
  run = dlsym(library, "LiteRtRunCompiledModel");
  lock = dlsym(library, "LiteRtLockTensorBuffer");
  unlock = dlsym(library, "LiteRtUnlockTensorBuffer");

  handle options, opaque, signature, graph, tensor, needs;
  tensor_type type;
  TRY(LiteRtCreateEnvironment(0, NULL, &b->environment));
  TRY(LiteRtCreateModelFromFile(b->environment, file, &b->model));
  TRY(LiteRtCreateOptions(&options));
  TRY(LiteRtSetOptionsHardwareAccelerators(options, 1));
  TRY(LiteRtCreateOpaqueOptions("xnnpack", strdup("num_threads = 1\n"), free, &opaque));
  TRY(LiteRtAddOpaqueOptions(options, opaque));
  TRY(LiteRtCreateCompiledModel(b->environment, b->model, options, &b->compiled));
  TRY(LiteRtGetModelSignature(b->model, 0, &signature));
  TRY(LiteRtGetSignatureSubgraph(signature, &graph));

  TRY(LiteRtGetSubgraphInput(graph, 0, &tensor));
  TRY(LiteRtGetRankedTensorType(tensor, &type));
  if (type.dimensions[0] < 1) {
    type.dimensions[0] = 1;
    TRY(LiteRtCompiledModelResizeInputTensor(b->compiled, 0, 0, type.dimensions, type.rank));
  }
  TRY(LiteRtGetCompiledModelInputBufferRequirements(b->compiled, 0, 0, &needs));
  TRY(LiteRtCreateManagedTensorBufferFromRequirements(b->environment, &type, needs, &b->in));
  TRY(LiteRtGetTensorBufferPackedSize(b->in, &b->in_size));

  TRY(LiteRtGetSubgraphOutput(graph, 0, &tensor));
  TRY(LiteRtGetRankedTensorType(tensor, &type));
  if (type.dimensions[0] < 1) type.dimensions[0] = 1;
  TRY(LiteRtGetCompiledModelOutputBufferRequirements(b->compiled, 0, 0, &needs));
  TRY(LiteRtCreateManagedTensorBufferFromRequirements(b->environment, &type, needs, &b->out));
  TRY(LiteRtGetTensorBufferPackedSize(b->out, &b->out_size));
  *opened = b, *input_bytes = b->in_size, *output_bytes = b->out_size;
  return NULL;
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

long long bare_run(bare *b, const void *inputs, void *outputs, size_t count) {
  long long start = now();
  for (size_t i = 0; i < count; i++) {
    void *memory;
    if (lock(b->in, &memory, 1) != 0) return -1;
    memcpy(memory, (const char *)inputs + i * b->in_size, b->in_size);
    if (unlock(b->in) != 0 || run(b->compiled, 0, 1, &b->in, 1, &b->out) != 0 || lock(b->out, &memory, 0) != 0) return -1;
    memcpy((char *)outputs + i * b->out_size, memory, b->out_size);
    if (unlock(b->out) != 0) return -1;
  }
  return now() - start;
}
