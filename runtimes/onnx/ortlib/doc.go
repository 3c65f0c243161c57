// Package ortlib finds the ONNX Runtime shared library, and installs it once if the machine has none.
//
//	library, err := ortlib.Resolve(ctx, ortlib.Options{})
//	// library.Path goes to the binding that loads it.
//
// [Resolve] takes the library that it is told, else one of the user's cache or of the system, else it installs the official one
// into the cache. Everything that is installed is pinned by version and SHA-256.
//
// It loads nothing: that a library can be loaded shows when the binding loads it. It never writes outside
// the cache, needs no privileges, and touches no Python or Node environment. Installation can be turned
// off with Options.NoInstall or TRIGGERFINDER_NO_INSTALL=1; the cache can be moved with Options.CacheDir
// or TRIGGERFINDER_CACHE.
package ortlib
