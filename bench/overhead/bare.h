// A program's own way to run a .tflite by LiteRT's C API, as far from an adapter as can be.

#include <stddef.h>

typedef struct bare bare;

// bare_open opens the library and a model, with one thread. It returns NULL, or what failed.
const char *bare_open(const char *library, const char *model, bare **opened, size_t *input_bytes, size_t *output_bytes);

// bare_run runs it on count inputs, one after the other, and returns the nanoseconds that it took, or -1.
long long bare_run(bare *opened, const void *inputs, void *outputs, size_t count);
