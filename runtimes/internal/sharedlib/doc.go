// Package sharedlib finds the shared library of a runtime, and installs it once if the machine has none: what ONNX Runtime and
// LiteRT have in common. [Product] says how they differ.
//
// It loads nothing: that a library can be loaded shows when the binding loads it. It never writes outside the cache, needs no
// privileges, and touches no Python or Node environment.
package sharedlib
