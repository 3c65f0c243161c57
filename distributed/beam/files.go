package beam

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs" // gs://
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3" // s3://
)

// Files lie wherever Beam's file systems reach: programs register others than these by importing them.

// stores are the file systems of the schemes that are registered here, which stay open: a client of an object store asks for its credentials once a process then, not
// for every file.
var stores = struct {
	sync.Mutex
	open map[string]filesystem.Interface
}{open: map[string]filesystem.Interface{}}

// schemeOf is "" for a file of this machine.
func schemeOf(file string) string {
	scheme, _, found := strings.Cut(file, "://")
	if !found {
		return ""
	}
	return scheme
}

// isLocal tells files of this machine from those of object stores.
func isLocal(file string) bool { return schemeOf(file) == "" }

func fileSystem(ctx context.Context, file string) (found filesystem.Interface, release func() error, err error) {
	defer func() {
		if cause := recover(); cause != nil { // Beam's way to say that a client is not configured
			err = fmt.Errorf("%v", cause)
		}
	}()
	scheme := schemeOf(file)
	if !slices.Contains([]string{"", "gs", "s3"}, scheme) {
		found, err = filesystem.New(ctx, file)
		if err != nil {
			return nil, nil, err
		}
		return found, found.Close, nil
	}
	stores.Lock()
	defer stores.Unlock()
	release = func() error { return nil }
	if found = stores.open[scheme]; found != nil {
		return found, release, nil
	}
	if found, err = filesystem.New(context.WithoutCancel(ctx), file); err == nil {
		stores.open[scheme] = found
	}
	return found, release, err
}

// on calls do with the file system of a path.
func on(ctx context.Context, file string, do func(filesystem.Interface) error) error {
	fs, release, err := fileSystem(ctx, file)
	if err == nil {
		err = errors.Join(do(fs), release())
	}
	return about(file, err)
}

// about is an error that names the file.
func about(file string, err error) error {
	if err != nil && !strings.Contains(err.Error(), file) {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return err
}

func readFile(ctx context.Context, file string) (data []byte, err error) {
	r, err := openFrom(ctx, file, 0, toTheEnd)
	if err == nil {
		data, err = io.ReadAll(r)
		_ = r.Close()
	}
	return data, about(file, err)
}

// list expands a glob, as path.Match has it, in an order that differs by file system.
func list(ctx context.Context, glob string) (files []string, err error) {
	wide := glob
	if !isLocal(glob) {
		wide = withStarsAlone(glob)
	}
	err = on(ctx, wide, func(fs filesystem.Interface) error {
		files, err = fs.List(ctx, wide)
		return err
	})
	if wide != glob && err == nil {
		if _, err := path.Match(glob, ""); err != nil {
			return nil, fmt.Errorf("%s: %w", glob, err)
		}
		files = slices.DeleteFunc(files, func(file string) bool {
			matches, _ := path.Match(glob, file)
			return !matches
		})
	}
	return files, err
}

// withStarsAlone is a glob that matches whatever the other one does, without "?" and "[": Beam's object stores take what comes before the first "*" for the
// beginning of names, whatever it holds (2.77.0).
func withStarsAlone(glob string) string {
	scheme, names, _ := strings.Cut(glob, "://")
	parts := strings.Split(names, "/")
	for i, part := range parts {
		if at := strings.IndexAny(part, `?[\`); at >= 0 {
			before, _, _ := strings.Cut(part[:at], "*")
			parts[i] = before + "*"
		}
	}
	return scheme + "://" + strings.Join(parts, "/")
}

// isMissing reports whether a file is not there or may not be read, which another attempt does not mend.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

// random is a name that nobody else takes.
func random() string {
	var bits [8]byte
	rand.Read(bits[:])
	return hex.EncodeToString(bits[:])
}

// writeFile has content written to a file, which is there as a whole or not at all: it is renamed when it is complete, or, in an object store, appears then.
// Where several write it at once, that of one of them stays.
func writeFile(ctx context.Context, file string, content func(io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return on(ctx, file, func(fs filesystem.Interface) error {
		name := file
		if isLocal(file) {
			name = path.Join(path.Dir(file), ".tmp-"+random()+"-"+path.Base(file))
		}
		remove := func(err error) error {
			if r, ok := fs.(filesystem.Remover); ok && name != file {
				r.Remove(context.WithoutCancel(ctx), name)
			}
			return err
		}
		w, err := fs.OpenWrite(ctx, name)
		if err != nil {
			return err
		}
		if err := content(w); err != nil {
			cancel() // what is closed in an object store after this is dropped
			_ = w.Close()
			return remove(err)
		}
		if err := w.Close(); err != nil {
			return remove(err)
		}
		if name == file {
			return nil
		}
		if err := filesystem.Rename(ctx, fs, name, file); err != nil {
			return remove(err)
		}
		return nil
	})
}
