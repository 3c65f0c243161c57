// Package ortlib finds the ONNX Runtime shared library, and installs it once if the machine has none.
//
//	library, err := ortlib.Resolve(ctx, ortlib.Options{})
//	// library.Path goes to the binding that loads it.
//
// [Resolve] looks in this order and takes the first library that fits:
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
// # The same runtime everywhere
//
// The sources do not all hold the same version, so two machines may end up with two versions. Where
// results must agree to the last bit, set Options.Version: only that version is then taken from the cache
// or the system, or installed. Version 1.30.0 can be had from the wheel and the npm package on every
// pinned platform, and from the release archive on all of them but windows/arm64.
//
// # What it does not do
//
// It loads nothing: that a library can be loaded shows when the binding loads it. It never writes outside
// the cache, needs no privileges, and touches no Python or Node environment. Installation can be turned
// off with Options.NoInstall or TRIGGERFINDER_NO_INSTALL=1; the cache can be moved with Options.CacheDir
// or TRIGGERFINDER_CACHE.
package ortlib
