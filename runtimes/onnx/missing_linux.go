//go:build cgo

package onnx

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
*/
import "C"

import (
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"
)

// missingLibraries are those that the library would load and that are not on this machine. What can be loaded stays, as the library
// will need it.
func missingLibraries(library string) []string {
	file, err := elf.Open(library)
	if err != nil {
		return nil // loading it says what is wrong with it
	}
	defer func() { _ = file.Close() }()
	needed, err := file.ImportedLibraries()
	if err != nil {
		return nil
	}
	var folders []string
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		paths, _ := file.DynString(tag)
		for _, path := range paths {
			for _, one := range filepath.SplitList(path) {
				folders = append(folders, strings.NewReplacer("$ORIGIN", filepath.Dir(library), "${ORIGIN}", filepath.Dir(library)).Replace(one))
			}
		}
	}
	var missing []string
	for _, name := range needed {
		beside := slices.ContainsFunc(folders, func(folder string) bool {
			_, err := os.Stat(filepath.Join(folder, name))
			return err == nil
		})
		if !beside && !loadable(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func loadable(name string) bool {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.dlopen(text, C.RTLD_LAZY|C.RTLD_LOCAL) != nil
}
