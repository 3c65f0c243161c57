// The C API of LiteRT, opened at run time, as far as this package needs it.

#ifndef TRIGGERFINDER_LITERT_SHIM_H
#define TRIGGERFINDER_LITERT_SHIM_H

#include <stddef.h>
#include <stdint.h>

enum { tf_most_rank = 8 };

// tf_shape is the type and the shape of a tensor.
typedef struct {
  int32_t element;  // numbered as LiteRT does
  int32_t rank;
  int32_t dims[tf_most_rank];
} tf_shape;

// tf_instance is a compiled model with its buffers. One thread may use it at a time.
typedef struct tf_instance tf_instance;

// tf_load opens the library, once. It returns NULL, or what is wrong, for the caller to free.
char *tf_load(const char *path);

// All other functions return a status of LiteRT, 0 for success. What names the call that failed.
typedef struct {
  int status;
  const char *what;
} tf_result;

// tf_environment makes the environment: the CPU alone, and no messages but errors.
tf_result tf_environment(void **environment);

// tf_model makes a model of a file in memory, which must stay where it is as long as the model.
tf_result tf_model(void *environment, const void *file, size_t size, void **model);
void tf_model_free(void *model);

// tf_compile makes an instance for a signature with so many inputs and outputs. Settings are TOML.
tf_result tf_compile(void *environment, void *model, size_t signature, const char *settings, int inputs, int outputs, tf_instance **instance);
void tf_instance_free(tf_instance *instance);

// tf_errors returns what the instance has reported since it was asked last, for the caller to free; NULL for nothing.
char *tf_errors(tf_instance *instance);

// tf_prepare gives the inputs their shapes, those of which resize is not 0 by resizing them, and makes the buffers. It tells the
// shapes of the outputs, whose elements the caller sets before.
tf_result tf_prepare(tf_instance *instance, const tf_shape *inputs, const int *resize, tf_shape *outputs);

// tf_memory is where a run finds its inputs and puts its outputs. An input that is NULL is all zeros, an output that is NULL is left
// alone. Sizes are in bytes.
typedef struct {
  void **data[2];  // inputs, outputs
  size_t *sizes[2];
} tf_memory;

// tf_run copies the inputs, runs the model and copies the outputs. It takes the addresses of an instance and of a tf_memory as numbers:
// they are memory of C, which cgo would look at in each call to find out.
tf_result tf_run(uintptr_t instance, uintptr_t memory);

#endif
