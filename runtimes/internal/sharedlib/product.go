package sharedlib

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Product is a runtime whose shared library is looked for.
type Product struct {
	// Package begins errors, Title names the product, Folder is its folder in the cache.
	Package, Title, Folder string
	// Variables are the environment variables that name the library to use, the first one first.
	Variables []string
	// Symbol is a function that every library of the product has.
	Symbol string
	// Minimum is the oldest version that can be used; "" when any can.
	Minimum string
	// Stem is what names of the library's file are made of: libSTEM.so, libSTEM.dylib, STEM.dll.
	Stem string
	// TellsVersion says that libraries tell their version by their names or contents.
	TellsVersion bool
	// OnSystem says that libraries on the system's library path may be used.
	OnSystem bool
	// Beside is what the file is named after, as Stem is, that has to lie in the folder of a library of the system; "" for none.
	Beside string
	// SystemFolders are folders of its own on a system.
	SystemFolders []string
	// ReleasePage is where people find release archives, "" when there are none that are pinned.
	ReleasePage string
	// Pip and Npm are the names of packages.
	Pip, Npm string
	// Advice says in a hint for people where such a library is, as in "such as the one in a release archive from PAGE".
	Advice string
	// Pins are what may be installed.
	Pins []Pin
}

// Pin is one file that can be downloaded, and the library inside it.
type Pin struct {
	Source       string // OriginArchive, OriginPip or OriginNpm
	Version      string
	GOOS, GOARCH string
	Tag          string // pip only: the wheel's platform
	File         string // name of the download
	Size         int64  // of the download, in bytes
	Sum          string // its SHA-256
	Member       string // path of the library inside it
	LibrarySum   string // the library's SHA-256
	Parts        []Part // what the library loads from its own folder
}

// Part is another file of a download, which the library loads from the folder that it lies in.
type Part struct {
	Member string // path inside the download
	Sum    string // its SHA-256
}

// name is that of the file in the folder.
func (p Part) name() string { return path.Base(p.Member) }

// libraryName is the library's file name, with the version where the system has it in the name.
func (h *host) libraryName(version string) string {
	if version != "" {
		version = "." + version
	}
	switch h.goos {
	case "windows":
		return h.Stem + ".dll"
	case "darwin":
		return "lib" + h.Stem + version + ".dylib"
	default:
		return "lib" + h.Stem + ".so" + version
	}
}

// besideName is the name of the file that has to lie beside a library of the system.
func (h *host) besideName() string {
	switch h.goos {
	case "windows":
		return h.Beside + ".dll"
	case "darwin":
		return "lib" + h.Beside + ".dylib"
	default:
		return "lib" + h.Beside + ".so"
	}
}

// isLibraryName reports whether a file of a system is a library of the product.
func (h *host) isLibraryName(name string) bool {
	if h.goos == "windows" {
		return strings.EqualFold(name, h.Stem+".dll")
	}
	rest, ok := strings.CutPrefix(name, "lib"+h.Stem)
	if h.goos == "darwin" {
		rest, ok = strings.CutSuffix(rest, ".dylib")
	} else if ok {
		rest, ok = strings.CutPrefix(rest, ".so")
	}
	return ok && strings.HasPrefix(name, "lib"+h.Stem) && numbersInName.MatchString(rest)
}

var numbersInName = regexp.MustCompile(`^(\.\d+)*$`)

// nameVersion returns the version in a file name such as libonnxruntime.so.1.24.2, or "".
func (h *host) nameVersion(name string) string {
	rest, ok := strings.CutPrefix(name, "lib"+h.Stem+".")
	if !ok {
		return ""
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "so."), ".dylib")
	if leadingVersion([]byte(rest)) != rest {
		return ""
	}
	return rest
}

// pinsFor returns the pins for this machine and the wanted version, from one source or, if source is empty,
// from all; the newest version comes first.
func (r *resolution) pinsFor(source string) []Pin {
	if r.musl {
		return nil
	}
	var fit []Pin
	for _, p := range r.Pins {
		if p.GOOS == r.goos && p.GOARCH == r.goarch && (source == "" || p.Source == source) &&
			(r.options.Version == "" || p.Version == r.options.Version) {
			fit = append(fit, p)
		}
	}
	slices.SortStableFunc(fit, func(a, b Pin) int { return compareVersions(b.Version, a.Version) })
	return fit
}

// pinnedVersions returns the versions pinned for this machine, the newest first.
func (r *resolution) pinnedVersions() []string {
	var versions []string
	for _, p := range r.pinsFor("") {
		if !slices.Contains(versions, p.Version) {
			versions = append(versions, p.Version)
		}
	}
	return versions
}

// pinsOf returns the pins of a version for this machine.
func (r *resolution) pinsOf(version string) []Pin {
	return slices.DeleteFunc(r.pinsFor(""), func(p Pin) bool { return p.Version != version })
}
