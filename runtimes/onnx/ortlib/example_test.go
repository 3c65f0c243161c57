package ortlib_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// Find the library, or install it into the user's cache, once.
func ExampleResolve() {
	library, err := ortlib.Resolve(context.Background(), ortlib.Options{})
	if err != nil {
		fmt.Println(err) // lists what was tried and says what to do
		return
	}
	fmt.Println(library.Path, library.Version, library.Origin)
}

// Never install, and take one version only: for runs that must agree to the last bit.
func ExampleResolve_oneVersion() {
	library, err := ortlib.Resolve(context.Background(), ortlib.Options{
		Version:   "1.30.0",
		NoInstall: true,
		Progress:  io.Discard,
	})
	var unavailable *ortlib.UnavailableError
	if errors.As(err, &unavailable) {
		for _, attempt := range unavailable.Tried {
			fmt.Println(attempt.What, attempt.Err)
		}
		return
	}
	fmt.Println(library.Path, err)
}

// A library that the user names is used or is an error; nothing else is tried.
func ExampleResolve_named() {
	_, err := ortlib.Resolve(context.Background(), ortlib.Options{Library: "missing/libonnxruntime.so"})
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output: true
}
