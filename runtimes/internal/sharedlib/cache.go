package sharedlib

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ChecksumError says that a file is not the pinned one.
type ChecksumError struct {
	// File is the path or name of the file.
	File string
	// Expected is the pinned SHA-256 in hexadecimal, Found is that of the file.
	Expected, Found string
}

// Error names the file and both checksums.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("checksum of %s: expected SHA-256 %s, found %s", e.File, e.Expected, e.Found)
}

// cached takes the newest pinned version that the cache holds. A file that is not what was installed is
// passed over; an installation then replaces it.
func (r *resolution) cached(ctx context.Context) (Library, bool, error) {
	root, err := r.cacheRoot()
	if err != nil {
		r.miss("cache", err)
		return Library{}, false, nil
	}
	r.root = root
	library, passed := r.lookInCache(ctx)
	if library.Path != "" {
		r.tried = append(r.tried, passed...)
		return library, true, nil
	}
	if len(passed) == 0 {
		passed = []Attempt{{What: "cache " + root, Err: fmt.Errorf("no pinned version for %s in it", r.platform())}}
	}
	r.tried = append(r.tried, passed...)
	return Library{}, false, nil
}

func (r *resolution) lookInCache(ctx context.Context) (library Library, passed []Attempt) {
	for _, version := range r.pinnedVersions() {
		path := r.cachePath(version)
		found, err := sumOfFile(ctx, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = r.checkCached(ctx, path, found, r.pinsOf(version))
		}
		if err == nil {
			return Library{Path: path, Version: version, Origin: OriginCache}, passed
		}
		passed = append(passed, Attempt{What: "cache " + path, Err: unwrapPath(err), note: true})
	}
	return Library{}, passed
}

// checkCached checks that a library with this sum is one of the pinned ones, with all of its parts beside it.
func (r *resolution) checkCached(ctx context.Context, path, found string, pins []Pin) error {
	var expected []string
	for _, p := range pins {
		if p.LibrarySum != found {
			expected = append(expected, p.LibrarySum)
			continue
		}
		for _, part := range p.Parts {
			if err := verify(ctx, filepath.Join(filepath.Dir(path), part.name()), part.name(), part.Sum); err != nil {
				return fmt.Errorf("%s, which lies beside it: %w", part.name(), unwrapPath(err))
			}
		}
		return nil
	}
	return &ChecksumError{File: filepath.Base(path), Expected: strings.Join(expected, " or "), Found: found}
}

// cachePath is where the cache keeps a version for this machine.
func (r *resolution) cachePath(version string) string {
	return filepath.Join(r.root, version+"-"+r.goos+"-"+r.goarch, r.libraryName(version))
}

// sumOfFile returns the SHA-256 of a file in hexadecimal.
func sumOfFile(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, readerWithContext{ctx, file}); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// readerWithContext ends with the context's error once that is over.
type readerWithContext struct {
	ctx context.Context
	io.Reader
}

func (r readerWithContext) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
