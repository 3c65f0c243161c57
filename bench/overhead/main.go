// Overhead measures what package litert adds to a query: the same model on the same images, one at a time, by LiteRT's C API in C, by the
// adapter, and by the adapter in batches of 64. The ways take turns, so that what else the machine does falls on all of them.
//
//	go run ./overhead -model ../fixtures/models/rescnn-int8.tflite
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
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"time"
	"unsafe"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

func main() {
	library := flag.String("library", os.Getenv(litert.EnvLibrary), "path of libLiteRt.so")
	file := flag.String("model", "../fixtures/models/rescnn-int8.tflite", "a model that takes images of the fixtures")
	rounds := flag.Int("rounds", 200, "how often each way runs 64 images")
	flag.Parse()
	log.SetFlags(0)
	if err := measure(*library, *file, *rounds); err != nil {
		log.Fatal(err)
	}
}

const images = 64

func measure(library, file string, rounds int) error {
	if library == "" {
		return errors.New("overhead: expected the path of libLiteRt.so in -library or " + litert.EnvLibrary)
	}
	m, err := litert.Open(file, litert.Scale(fixtures.Scale), litert.RuntimeLibrary(library))
	if err != nil {
		return err
	}
	defer m.Close()
	var batch []input.Input
	for i := range images {
		s, err := fixtures.Seeds().Seed(i)
		if err != nil {
			return err
		}
		batch = append(batch, s.Input)
	}
	bare, err := openBare(library, file, batch)
	if err != nil {
		return err
	}
	var rows [][]float32
	ways := []struct {
		name string
		run  func() (time.Duration, error)
		each []float64
	}{
		{name: "bare C, batch 1", run: bare},
		{name: "adapter, batch 1", run: func() (time.Duration, error) {
			start := time.Now()
			for i := range batch {
				if rows, err = m.PredictInto(context.Background(), batch[i:i+1], rows); err != nil {
					return 0, err
				}
			}
			return time.Since(start), nil
		}},
		{name: "adapter, batch 64", run: func() (time.Duration, error) {
			start := time.Now()
			rows, err = m.PredictInto(context.Background(), batch, rows)
			return time.Since(start), err
		}},
	}
	for range rounds {
		for i := range ways {
			took, err := ways[i].run()
			if err != nil {
				return err
			}
			ways[i].each = append(ways[i].each, float64(took.Nanoseconds())/images/1000)
		}
	}
	fmt.Printf("%s, %d rounds of %d images, %s\n", file, rounds, images, m.Describe().Settings["cpu"])
	for _, w := range ways {
		more := make([]float64, rounds) // than bare C, in the same round
		for i := range more {
			more[i] = 100 * (w.each[i]/ways[0].each[i] - 1)
		}
		fmt.Printf("%-18s median %7.2f us an image, least %7.2f; beside bare C in the same round %+.1f %%\n", w.name, median(w.each), slices.Min(w.each), median(more))
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// openBare opens the model once more, in C. It gets the pixels as bytes about zero or, for a float model, divided by 255.
func openBare(library, file string, batch []input.Input) (run func() (time.Duration, error), err error) {
	var in, out C.size_t
	path, name := C.CString(library), C.CString(file)
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(name))
	if failed := C.bare_open(path, name, &in, &out); failed != nil {
		return nil, errors.New(C.GoString(failed))
	}
	inputs, outputs := C.calloc(images, in), C.calloc(images, out)
	for i, one := range batch {
		room := unsafe.Slice((*byte)(unsafe.Add(inputs, i*int(in))), in)
		for k, v := range one.Data {
			if len(room) == len(one.Data) {
				room[k] = byte(int8(int(v) - 128))
			} else {
				binary.LittleEndian.PutUint32(room[4*k:], math.Float32bits(v/255))
			}
		}
	}
	return func() (time.Duration, error) {
		took := C.bare_run(inputs, outputs, images)
		if took < 0 {
			return 0, errors.New("bare C: a run failed")
		}
		return time.Duration(took), nil
	}, nil
}
