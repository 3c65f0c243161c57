package sharedlib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	// lockName is the lock's name in the cache's folder, workPrefix that of the folders of installations
	// under way. Whoever holds the lock may remove such folders: their owners are gone.
	lockName   = "install.lock"
	workPrefix = ".installing-"

	defaultTimeout = 10 * time.Minute
)

// source is a place to install from.
type source struct {
	origin string
	// describe says what will be fetched.
	describe func(Pin) string
	// fetch downloads the pinned file into the folder and returns its path.
	fetch func(ctx context.Context, p Pin, dir string) (string, error)
}

func (r *resolution) sources() []source {
	all := []source{
		{OriginArchive, func(p Pin) string { return "release archive " + p.File }, r.fetchArchive},
		{OriginPip, func(p Pin) string { return "pip download " + r.pipRequirement(p) }, r.fetchWithPip},
		{OriginNpm, func(p Pin) string { return "npm pack " + r.npmPackage(p) }, r.fetchWithNpm},
	}
	return slices.DeleteFunc(all, func(s source) bool {
		return !slices.ContainsFunc(r.Pins, func(p Pin) bool { return p.Source == s.origin })
	})
}

// install puts the library into the cache, unless another process does so first.
func (r *resolution) install(ctx context.Context) (Library, bool, error) {
	if reason := r.noInstallation(); reason != nil {
		r.miss("installation", reason)
		return Library{}, false, nil
	}
	timeout := r.options.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("installation took longer than %v: %w", timeout, context.DeadlineExceeded))
	defer cancel()

	unlock, err := r.lock(ctx)
	if err != nil {
		r.miss("cache "+r.root, err)
		return Library{}, false, nil
	}
	defer unlock()
	if library, _ := r.lookInCache(ctx); library.Path != "" { // installed while we waited
		return library, true, nil
	}
	work, err := r.workFolder()
	if err != nil {
		r.miss("cache "+r.root, err)
		return Library{}, false, nil
	}
	defer func() { _ = os.RemoveAll(work) }()
	return r.installFromAny(ctx, work)
}

// noInstallation returns why nothing can be installed here, or nil.
func (r *resolution) noInstallation() error {
	switch {
	case r.installationOff():
		return fmt.Errorf("turned off by Options.NoInstall or %s", EnvNoInstall)
	case r.musl:
		return errors.New("the official builds need glibc and this system uses musl" + r.muslAdvice())
	case len(r.pinsFor("")) == 0 && r.options.Version != "":
		return fmt.Errorf("no build of version %s is pinned for %s", r.options.Version, r.platform())
	case len(r.pinsFor("")) == 0:
		return fmt.Errorf("no build is pinned for %s", r.platform())
	case r.root == "":
		return errors.New("no cache folder to install into")
	}
	return nil
}

// muslAdvice is what to do where the C library is musl.
func (h *host) muslAdvice() string {
	if !h.OnSystem {
		return ""
	}
	return "; install your distribution's " + h.Folder + " package"
}

// lock takes the installation lock, and says so if it has to wait.
func (r *resolution) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(r.root, 0o755); err != nil {
		return nil, fmt.Errorf("cannot be created: %w", err)
	}
	lock := flock.New(filepath.Join(r.root, lockName), flock.SetPermissions(0o644))
	taken, err := lock.TryLock()
	if err == nil && !taken {
		_, _ = fmt.Fprintf(r.progress(), "triggerfinder: waiting for another process that installs %s into %s\n", r.Title, r.root)
		_, err = lock.TryLockContext(ctx, 50*time.Millisecond)
	}
	if err != nil {
		_ = lock.Close()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("cannot take %s: %w", lockName, err)
	}
	return func() { _ = lock.Close() }, nil
}

// workFolder makes a folder for an installation, and removes those of installations that were killed.
func (r *resolution) workFolder() (string, error) {
	entries, err := os.ReadDir(r.root)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), workPrefix) {
			_ = os.RemoveAll(filepath.Join(r.root, entry.Name()))
		}
	}
	return os.MkdirTemp(r.root, workPrefix)
}

// installFromAny tries the sources in turn, each with the newest version it has.
func (r *resolution) installFromAny(ctx context.Context, work string) (Library, bool, error) {
	line := startLine(r.progress(), fmt.Sprintf("triggerfinder: installing %s for %s into %s, once", r.Title, r.platform(), r.root))
	defer line.end()
	for i, source := range r.sources() {
		candidates := r.pinsFor(source.origin)
		if len(candidates) == 0 {
			r.miss(source.origin, fmt.Errorf("no build is pinned for %s there", r.platform()))
			continue
		}
		p := candidates[0]
		what := source.describe(p)
		line.next(what)
		start := time.Now()
		library, err := r.installFrom(ctx, source, p, filepath.Join(work, fmt.Sprint(i)))
		if err == nil {
			line.add(fmt.Sprintf(" done in %.1fs", time.Since(start).Seconds()))
			return library, true, nil
		}
		var mismatch *ChecksumError
		if errors.As(err, &mismatch) {
			line.add(" (checksum mismatch)")
			return Library{}, false, fmt.Errorf("%s: %s: %w; nothing was installed", r.Package, what, err)
		}
		line.add(" (not available)")
		if cause := context.Cause(ctx); cause != nil {
			r.miss(what, cause)
			return Library{}, false, nil
		}
		r.miss(what, err)
	}
	return Library{}, false, nil
}

// installFrom downloads, verifies, extracts, verifies again and only then gives the library its name, when all of its parts lie there.
func (r *resolution) installFrom(ctx context.Context, s source, p Pin, dir string) (Library, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return Library{}, err
	}
	file, err := s.fetch(ctx, p, dir)
	if err != nil {
		return Library{}, err
	}
	if err := verify(ctx, file, p.File, p.Sum); err != nil {
		return Library{}, err
	}
	extracted := filepath.Join(dir, "library")
	if err := extract(ctx, file, p.Member, extracted); err != nil {
		return Library{}, fmt.Errorf("%s: %w", p.File, err)
	}
	if err := verify(ctx, extracted, p.Member+" in "+p.File, p.LibrarySum); err != nil {
		return Library{}, err
	}
	path := r.cachePath(p.Version)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return Library{}, err
	}
	for _, part := range p.Parts {
		if err := r.installPart(ctx, p, part, file, dir, filepath.Dir(path)); err != nil {
			return Library{}, err
		}
	}
	if err := os.Rename(extracted, path); err != nil {
		return Library{}, err
	}
	syncFolder(filepath.Dir(path))
	return Library{Path: path, Version: p.Version, Origin: p.Source}, nil
}

// installPart puts another file of a download beside where the library will lie.
func (r *resolution) installPart(ctx context.Context, p Pin, part Part, file, work, folder string) error {
	extracted := filepath.Join(work, "part-"+part.name())
	if err := extract(ctx, file, part.Member, extracted); err != nil {
		return fmt.Errorf("%s: %w", p.File, err)
	}
	if err := verify(ctx, extracted, part.Member+" in "+p.File, part.Sum); err != nil {
		return err
	}
	return os.Rename(extracted, filepath.Join(folder, part.name()))
}

// verify compares a file's sum with the pinned one.
func verify(ctx context.Context, path, name, expected string) error {
	found, err := sumOfFile(ctx, path)
	if err != nil {
		return err
	}
	if found != expected {
		return &ChecksumError{File: name, Expected: expected, Found: found}
	}
	return nil
}

// syncFolder makes a rename in the folder durable where the system can do that.
func syncFolder(dir string) {
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
