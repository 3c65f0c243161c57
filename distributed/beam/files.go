package beam

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs" // gs://
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3" // s3://
)

// Files lie wherever Beam's file systems reach: programs register others than these by importing them.

// on calls do with the file system of a path.
func on(ctx context.Context, file string, do func(filesystem.Interface) error) error {
	fs, err := filesystem.New(ctx, file)
	if err == nil {
		err = do(fs)
		if closed := fs.Close(); err == nil {
			err = closed
		}
	}
	if err != nil && !strings.Contains(err.Error(), file) {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return err
}

func readFile(ctx context.Context, file string) (data []byte, err error) {
	err = on(ctx, file, func(fs filesystem.Interface) error {
		r, err := fs.OpenRead(ctx, file)
		if err != nil {
			return err
		}
		defer r.Close()
		data, err = io.ReadAll(r)
		return err
	})
	return data, err
}

// list expands a glob, "**" not included.
func list(ctx context.Context, glob string) (files []string, err error) {
	err = on(ctx, glob, func(fs filesystem.Interface) error {
		files, err = fs.List(ctx, glob)
		return err
	})
	return files, err
}

// random is a name that nobody else takes.
func random() string {
	var bits [8]byte
	rand.Read(bits[:])
	return hex.EncodeToString(bits[:])
}

// isLocal tells files of this machine from those of object stores.
func isLocal(file string) bool { return !strings.Contains(file, "://") }

// writeFile has content written to a file, which is there as a whole or not at all: it is renamed when it is complete, or, in an object store, appears then.
// Where several write it at once, that of one of them stays.
func writeFile(ctx context.Context, file string, content func(io.Writer) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what is not closed in an object store is dropped
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
			cancel()
			if name != file {
				w.Close()
			}
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
