package sharedlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Environment variables that [Resolve] reads.
const (
	// EnvCache is the folder to use in place of triggerfinder's folder in the user's cache.
	EnvCache = "TRIGGERFINDER_CACHE"
	// EnvNoInstall turns installation off, unless it is empty, "0" or "false".
	EnvNoInstall = "TRIGGERFINDER_NO_INSTALL"
)

// Values of Library.Origin.
const (
	OriginOption      = "option"      // Options.Library
	OriginEnvironment = "environment" // Product.Variables
	OriginCache       = "cache"       // installed earlier
	OriginSystem      = "system"      // the system's library path
	OriginArchive     = "archive"     // just installed, from the release archive
	OriginPip         = "pip"         // just installed, from the wheel
	OriginNpm         = "npm"         // just installed, from the npm package
)

// Options of [Resolve]. The zero value is valid: find the library, and install it if there is none.
type Options struct {
	// Library is the path of the library to use. Empty: look for one.
	Library string
	// Version is the only version to accept, such as "1.30.0". Empty: any that the binding can use.
	Version string
	// CacheDir is triggerfinder's cache folder. Empty: TRIGGERFINDER_CACHE, else the folder
	// "triggerfinder" in [os.UserCacheDir].
	CacheDir string
	// NoInstall turns installation off, as TRIGGERFINDER_NO_INSTALL=1 does.
	NoInstall bool
	// Progress gets one line while an installation runs. Nil: os.Stderr. Use [io.Discard] for silence.
	Progress io.Writer
	// Timeout bounds an installation, the wait for another process's included. Zero: ten minutes.
	// A host that cannot be reached is given up much sooner.
	Timeout time.Duration
}

// Library is a shared library.
type Library struct {
	// Path is absolute.
	Path string
	// Version is such as "1.32.0"; empty if the user named the library and it does not tell.
	Version string
	// Origin says where it came from: one of the Origin constants.
	Origin string
	// Notes says what was passed over on the way, and why: one sentence each.
	Notes []string
}

// Resolve finds the library, or installs it. It looks in this order and takes the first library that fits:
//
//  1. Options.Library;
//  2. the environment variables of the product;
//  3. the user's cache, where an earlier call has installed it;
//  4. the system's library path, for a product that is looked for there;
//  5. an installation into the user's cache, of what the product pins.
//
// The first two are the user's word: if the file they name cannot be used, that is an error and nothing else is tried. If there is
// none and none can be installed, the error is an [*UnavailableError]; a download that is not the pinned one is a [*ChecksumError].
func Resolve(ctx context.Context, product Product, options Options) (Library, error) {
	return newHost(product).resolve(ctx, options)
}

// Attempt is one thing that [Resolve] tried without success.
type Attempt struct {
	What string
	Err  error

	note bool // worth telling even when a later attempt succeeds
}

// String is what was tried, and why it failed.
func (a Attempt) String() string { return a.What + ": " + a.Err.Error() }

// UnavailableError says that no library was found and none could be installed.
type UnavailableError struct {
	// Package begins the text of the error, Title names the product.
	Package, Title string
	// Platform is such as "linux/amd64".
	Platform string
	// Tried is everything that was tried, in order.
	Tried []Attempt
	// Hint says what the user can do.
	Hint string
}

// Error lists everything that was tried, then the hint.
func (e *UnavailableError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: no usable %s library for %s; tried:", e.Package, e.Title, e.Platform)
	for _, attempt := range e.Tried {
		fmt.Fprintf(&text, "\n  - %s", attempt)
	}
	fmt.Fprintf(&text, "\n%s", e.Hint)
	return text.String()
}

// Unwrap returns the reasons.
func (e *UnavailableError) Unwrap() []error {
	reasons := make([]error, len(e.Tried))
	for i, attempt := range e.Tried {
		reasons[i] = attempt.Err
	}
	return reasons
}

// Unreachable reports whether nothing could be installed for want of a network or of the commands that fetch.
func (e *UnavailableError) Unreachable() bool {
	return len(e.Tried) == 0 || errors.Is(e, errNetwork) || errors.Is(e, errNoCommand)
}

// resolution is one call of Resolve.
type resolution struct {
	*host
	options Options
	root    string // of the cache; empty if unknown
	tried   []Attempt
}

func (h *host) resolve(ctx context.Context, options Options) (Library, error) {
	if options.Version != "" {
		if err := h.checkVersion(options.Version, ""); err != nil {
			return Library{}, fmt.Errorf("%s: Options.Version: %w", h.Package, err)
		}
	}
	if dir := h.getenv(EnvCache); dir != "" && !filepath.IsAbs(dir) {
		return Library{}, fmt.Errorf("%s: environment variable %s: expected an absolute path, found %q", h.Package, EnvCache, dir)
	}
	r := &resolution{host: h, options: options}
	if library, named, err := r.named(); named {
		return library, err
	}
	for _, step := range []func(context.Context) (Library, bool, error){r.cached, r.installedOnSystem, r.install} {
		library, found, err := step(ctx)
		if cause := ctx.Err(); cause != nil && !found {
			return Library{}, fmt.Errorf("%s: %w", h.Package, cause)
		}
		if err != nil {
			return Library{}, err
		}
		if found {
			library.Notes = r.notes()
			return library, nil
		}
	}
	return Library{}, &UnavailableError{Package: h.Package, Title: h.Title, Platform: h.platform(), Tried: r.tried, Hint: r.hint()}
}

// named takes the library that the user named by option or environment; named is false if there is none.
func (r *resolution) named() (library Library, named bool, err error) {
	try := func(what, path, origin string) (Library, bool, error) {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return Library{}, true, fmt.Errorf("%s: %s: %w", r.Package, what, err)
		}
		version, err := r.inspect(absolute)
		if err == nil && version != "" {
			err = r.checkVersion(version, r.options.Version)
		} else if err == nil && r.options.Version != "" {
			err = fmt.Errorf("cannot tell its version, and Options.Version asks for %s", r.options.Version)
		}
		if err != nil {
			return Library{}, true, fmt.Errorf("%s: %s %q: %w", r.Package, what, path, err)
		}
		return Library{Path: absolute, Version: version, Origin: origin}, true, nil
	}
	if r.options.Library != "" {
		return try("Options.Library", r.options.Library, OriginOption)
	}
	for _, variable := range r.Variables {
		if path := r.getenv(variable); path != "" {
			return try("environment variable "+variable, path, OriginEnvironment)
		}
	}
	if len(r.Variables) == 1 {
		r.miss("environment", fmt.Errorf("%s is not set", r.Variables[0]))
	} else {
		r.miss("environment", fmt.Errorf("neither %s is set", strings.Join(r.Variables, " nor ")))
	}
	return Library{}, false, nil
}

// miss records an attempt that had nothing to offer.
func (r *resolution) miss(what string, err error) {
	r.tried = append(r.tried, Attempt{What: what, Err: err})
}

// passOver records an attempt that offered something unusable.
func (r *resolution) passOver(what string, err error) {
	r.tried = append(r.tried, Attempt{What: what, Err: err, note: true})
}

func (r *resolution) notes() []string {
	var notes []string
	for _, attempt := range r.tried {
		if attempt.note {
			notes = append(notes, attempt.String())
		}
	}
	return notes
}

func (r *resolution) hint() string {
	var ways []string
	if r.installationOff() {
		ways = append(ways, "allow the installation (unset "+EnvNoInstall+" and Options.NoInstall)")
	} else if len(r.pinsFor("")) > 0 {
		ways = append(ways, "run it once where one of these sources can be reached; the library stays in the cache",
			"set "+EnvCache+" to a writable folder, or to one that already holds the library")
	}
	version := r.Minimum + " or newer"
	if r.options.Version != "" {
		version = r.options.Version
	}
	ways = append(ways, fmt.Sprintf("set %s to the path of a %s of %s %s, such as the one in %s",
		r.Variables[0], r.libraryName(""), r.Title, version, r.Advice))
	return "What to do: " + strings.Join(ways, "; or ") + "."
}

// installationOff reports whether the user turned installation off.
func (r *resolution) installationOff() bool {
	if r.options.NoInstall {
		return true
	}
	value := r.getenv(EnvNoInstall)
	off, err := strconv.ParseBool(value)
	return value != "" && (err != nil || off)
}

// cacheRoot returns the folder that holds the installed libraries.
func (r *resolution) cacheRoot() (string, error) {
	dir := r.options.CacheDir
	if dir == "" {
		dir = r.getenv(EnvCache)
	}
	if dir == "" {
		user, err := r.userCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: %w; set %s", err, EnvCache)
		}
		dir = filepath.Join(user, "triggerfinder")
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.Join(absolute, r.Folder), nil
}

func (r *resolution) progress() io.Writer {
	if r.options.Progress == nil {
		return os.Stderr
	}
	return r.options.Progress
}
