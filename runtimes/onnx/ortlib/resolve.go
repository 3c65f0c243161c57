package ortlib

import (
	"context"
	"io"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

// Environment variables that [Resolve] reads.
const (
	// EnvLibrary names the library to use.
	EnvLibrary = "TRIGGERFINDER_ONNXRUNTIME"
	// EnvLibraryShared names the library to use; other programs read it too. EnvLibrary comes first.
	EnvLibraryShared = "ONNXRUNTIME_SHARED_LIBRARY_PATH"
	// EnvCache is the folder to use in place of triggerfinder's folder in the user's cache.
	EnvCache = sharedlib.EnvCache
	// EnvNoInstall turns installation off, unless it is empty, "0" or "false".
	EnvNoInstall = sharedlib.EnvNoInstall
)

// Values of Library.Origin.
const (
	OriginOption      = sharedlib.OriginOption      // Options.Library
	OriginEnvironment = sharedlib.OriginEnvironment // EnvLibrary or EnvLibraryShared
	OriginCache       = sharedlib.OriginCache       // installed earlier
	OriginSystem      = sharedlib.OriginSystem      // the system's library path
	OriginArchive     = sharedlib.OriginArchive     // just installed, from the release archive
	OriginPip         = sharedlib.OriginPip         // just installed, from the wheel
	OriginNpm         = sharedlib.OriginNpm         // just installed, from the npm package
)

// Options of [Resolve]. The zero value is valid: find the library, and install it if there is none.
type Options struct {
	// Library is the path of the library to use. Empty: look for one.
	Library string
	// Version is the only version to accept, such as "1.30.0". Empty: any that the binding can use,
	// from 1.24 on.
	Version string
	// Provider is the execution provider that the library has to have: "" or "cpu", "cuda", "tensorrt", "openvino", "directml" or "coreml".
	// The wheel of onnxruntime-gpu has 160 to 260 MB, that of onnxruntime-openvino 84.
	Provider string
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

// Library is a shared library of ONNX Runtime.
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

// Attempt is one thing that [Resolve] tried without success: What was tried, and the error.
type Attempt = sharedlib.Attempt

// UnavailableError says that no library was found and none could be installed: the Platform, what was Tried, in order, and a
// Hint what the user can do.
type UnavailableError = sharedlib.UnavailableError

// ChecksumError says that a File, by its path or name, is not the pinned one: Expected is the pinned SHA-256 in hexadecimal,
// Found is that of the file.
type ChecksumError = sharedlib.ChecksumError

// Resolve finds the library, or installs it.
//
// If there is none and none can be installed, the error is an [*UnavailableError] that lists what was
// tried. If a download is not the pinned one, the error is a [*ChecksumError].
//
// It looks in this order and takes the first library that fits:
//
//  1. Options.Library;
//  2. the environment variables TRIGGERFINDER_ONNXRUNTIME and ONNXRUNTIME_SHARED_LIBRARY_PATH;
//  3. the user's cache, where an earlier call has installed it;
//  4. the system: LD_LIBRARY_PATH, the ldconfig cache and the usual folders (DYLD_LIBRARY_PATH and
//     Homebrew's folder on macOS, PATH on Windows);
//  5. an installation into the user's cache: the official release archive, else the official wheel
//     through the user's own pip, else the onnxruntime-node package through the user's own npm.
//
// The first two are the user's word: if the file they name cannot be used, that is an error and nothing
// else is tried. A library of the system that is too old, or of another architecture, is passed over;
// Library.Notes says so.
//
// Everything that is installed is pinned: pins.go holds the version and the SHA-256 of each download and
// of the library inside it. A download that has come whole and is not the pinned one ends Resolve with a
// [ChecksumError]. The library gets its name in the cache only when it is complete and verified, and it is
// verified again each time it is taken from there. A file lock keeps processes from installing twice.
//
// # Execution providers
//
// With Options.Provider the library is one that has that execution provider, in a folder of its own in the cache with all that it loads
// from there: it comes from the wheel of another package, see [Package], and has another version. A library of the system is taken if the
// provider lies beside it. What the provider needs of the machine, such as CUDA, is not installed.
//
// # The same runtime everywhere
//
// The sources do not all hold the same version, so two machines may end up with two versions. Where
// results must agree to the last bit, set Options.Version: only that version is then taken from the cache
// or the system, or installed. Version 1.30.0 can be had from the wheel and the npm package on every
// pinned platform, and from the release archive on all of them but windows/arm64.
func Resolve(ctx context.Context, options Options) (Library, error) {
	library, err := sharedlib.Resolve(ctx, onnxRuntime(options.Provider), sharedlib.Options{
		Library: options.Library, Version: options.Version, CacheDir: options.CacheDir,
		NoInstall: options.NoInstall, Progress: options.Progress, Timeout: options.Timeout,
	})
	return Library(library), err
}

// minimum is the oldest release that offers the C API version (24) the binding asks for.
const minimum = "1.24"

const releasePage = "https://github.com/microsoft/onnxruntime/releases"
