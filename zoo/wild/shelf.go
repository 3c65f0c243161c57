package wild

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// wheel is a file of a package, pinned.
type wheel struct {
	requirement string   // as pip takes it, with its version
	tags        []string // of the file where there are several: arguments of pip
	file        string
	sum         string // SHA-256 in hexadecimal
}

// shelf is the folder of this package in the user's cache.
type shelf struct {
	root     string
	original string // the model that a pair is opened with
}

// openShelf finds the folder, and makes it where there is none.
func openShelf() (*shelf, error) {
	root := os.Getenv(ortlib.EnvCache)
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("%w: %w; set %s", ErrUnavailable, err, ortlib.EnvCache)
		}
		root = filepath.Join(cache, "triggerfinder")
	}
	root = filepath.Join(root, "wild")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("%w: the cache: %w", ErrUnavailable, err)
	}
	return &shelf{root: root}, nil
}

// locked runs a function while no other process does so.
func (s *shelf) locked(ctx context.Context, run func() error) error {
	lock := flock.New(filepath.Join(s.root, "lock"), flock.SetPermissions(0o644))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return fmt.Errorf("lock of %s: %w", s.root, err)
	}
	defer func() { _ = lock.Close() }()
	return run()
}

// download returns the path of the wheel, fetched where it is not in the cache or is not the pinned one.
func (s *shelf) download(ctx context.Context, w wheel) (string, error) {
	path := filepath.Join(s.root, w.file)
	err := s.locked(ctx, func() error {
		if sum, err := sumOf(path); err == nil && sum == w.sum {
			return nil
		}
		return s.into(func(work string) error {
			arguments := append([]string{"download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:",
				"--timeout", "15", "--retries", "1", "--dest", work}, w.tags...)
			if err := pip(ctx, work, append(arguments, w.requirement)...); err != nil {
				return fmt.Errorf("download of %s: %w", w.requirement, err)
			}
			got := filepath.Join(work, w.file)
			sum, err := sumOf(got)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return fmt.Errorf("download of %s: expected the file %s, found %s", w.requirement, w.file, listOf(work))
			case err != nil:
				return err
			case sum != w.sum:
				return fmt.Errorf("checksum of %s: expected SHA-256 %s, found %s", w.file, w.sum, sum)
			}
			return os.Rename(got, path)
		})
	})
	return path, err
}

// into runs a function with a new folder, which is removed afterwards.
func (s *shelf) into(run func(work string) error) error {
	work, err := os.MkdirTemp(s.root, ".work-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	return run(work)
}

// member returns the path of a file of the wheel.
func (s *shelf) member(ctx context.Context, w wheel, name string) (string, error) {
	paths, err := s.members(ctx, w, func(member string) bool { return member == name })
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%s: expected the file %s in it, found none", w.file, name)
	}
	if err != nil {
		return "", err
	}
	return paths[0], nil
}

// members returns the paths of the files of the wheel that are wanted, in their order there. A file that is in the cache already is
// held against the wheel.
func (s *shelf) members(ctx context.Context, w wheel, wanted func(name string) bool) ([]string, error) {
	file, err := s.download(ctx, w)
	if err != nil {
		return nil, err
	}
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.file, err)
	}
	defer func() { _ = archive.Close() }()
	var paths []string
	err = s.locked(ctx, func() error {
		for _, entry := range archive.File {
			if !entry.Mode().IsRegular() || !filepath.IsLocal(entry.Name) || !wanted(entry.Name) {
				continue
			}
			path := filepath.Join(s.root, strings.TrimSuffix(w.file, ".whl"), filepath.FromSlash(entry.Name))
			if err := s.extract(entry, path); err != nil {
				return fmt.Errorf("%s: %s: %w", w.file, entry.Name, err)
			}
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// extract writes a file of an archive, unless it is there.
func (s *shelf) extract(entry *zip.File, path string) error {
	if there, err := os.ReadFile(path); err == nil && uint64(len(there)) == entry.UncompressedSize64 && crc32.ChecksumIEEE(there) == entry.CRC32 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	content, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return s.into(func(work string) error {
		written := filepath.Join(work, "file")
		to, err := os.Create(written)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, content)
		if closed := to.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
		return os.Rename(written, path)
	})
}

// sumOf is the SHA-256 of a file in hexadecimal.
func sumOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func listOf(folder string) string {
	entries, _ := os.ReadDir(folder)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return fmt.Sprintf("%q", names)
}
