package main

/*
#cgo linux LDFLAGS: -ldl
#include <stdlib.h>
#include "bare.h"
*/
import "C"

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/input"
)

// bareLiteRT opens a model by LiteRT's C API, in C. It gets the pixels as bytes about zero or, for a float model, divided by 255; images of a
// batch run one after another.
func bareLiteRT(library, file string, images []input.Input) (func(context.Context, int) (time.Duration, error), error) {
	var in, out C.size_t
	var opened *C.bare
	path, name := C.CString(library), C.CString(file)
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(name))
	if failed := C.bare_open(path, name, &opened, &in, &out); failed != nil {
		return nil, errors.New(C.GoString(failed))
	}
	count := C.size_t(len(images))
	inputs, outputs := C.calloc(count, in), C.calloc(count, out)
	for i, one := range images {
		room := unsafe.Slice((*byte)(unsafe.Add(inputs, i*int(in))), in)
		for k, v := range one.Data {
			if len(room) == len(one.Data) {
				room[k] = byte(int8(int(v) - 128))
			} else {
				binary.LittleEndian.PutUint32(room[4*k:], math.Float32bits(v/255))
			}
		}
	}
	next := 0
	return func(_ context.Context, count int) (time.Duration, error) {
		first := inputs
		if count == 1 {
			next = (next + 1) % len(images)
			first = unsafe.Add(inputs, next*int(in))
		}
		took := C.bare_run(opened, first, outputs, C.size_t(count))
		if took < 0 {
			return 0, errors.New("bare C: a run failed")
		}
		return time.Duration(took), nil
	}, nil
}
