package sharedlib

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// installedOnSystem takes the first library on the system's library path that the binding can use. A
// library of a version that cannot be told is passed over: it would fail only when it is loaded.
func (r *resolution) installedOnSystem(ctx context.Context) (Library, bool, error) {
	if !r.OnSystem {
		return Library{}, false, nil
	}
	candidates := r.systemCandidates(ctx)
	if len(candidates) == 0 {
		r.miss("system", fmt.Errorf("no %s on the library path (%s)", r.libraryName(""), r.searched()))
	}
	seen := map[string]bool{}
	for _, path := range candidates {
		real, err := filepath.EvalSymlinks(path)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		version, err := r.inspect(real)
		if err == nil && version == "" {
			err = fmt.Errorf("its version cannot be told; set %s to use it nevertheless", r.Variables[0])
		} else if err == nil {
			err = r.checkVersion(version, r.options.Version)
		}
		if err == nil && r.Beside != "" {
			_, err = os.Stat(filepath.Join(filepath.Dir(real), r.besideName()))
			if err != nil {
				err = fmt.Errorf("expected %s beside it: %w", r.besideName(), unwrapPath(err))
			}
		}
		if err != nil {
			r.passOver("system library "+path, err)
			continue
		}
		return Library{Path: path, Version: version, Origin: OriginSystem}, true, nil
	}
	return Library{}, false, nil
}

// pathVariables are the environment variables that hold the system's library path.
func (h *host) pathVariables() []string {
	switch h.goos {
	case "windows":
		return []string{"PATH"}
	case "darwin":
		return []string{"DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"}
	default:
		return []string{"LD_LIBRARY_PATH"}
	}
}

// searched says where systemCandidates looks.
func (h *host) searched() string {
	places := h.pathVariables()
	if h.goos == "linux" {
		places = append(places, "the ldconfig cache")
	}
	return strings.Join(append(places, h.libraryDirs...), ", ")
}

// systemCandidates returns the absolute paths of all libraries with the right name, in the order of search.
func (h *host) systemCandidates(ctx context.Context) []string {
	var candidates []string
	for _, variable := range h.pathVariables() {
		for _, dir := range filepath.SplitList(h.getenv(variable)) {
			candidates = append(candidates, h.candidatesIn(dir)...)
		}
	}
	if h.goos == "linux" {
		candidates = append(candidates, h.parseLinkerCache(h.ldconfig(ctx))...)
	}
	for _, dir := range h.libraryDirs {
		candidates = append(candidates, h.candidatesIn(dir)...)
	}
	return candidates
}

// candidatesIn returns the libraries of a folder, the newest name first.
func (h *host) candidatesIn(dir string) []string {
	if !filepath.IsAbs(dir) { // empty and relative entries mean the working folder: not ours to load from
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if h.isLibraryName(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return compareVersions(h.nameVersion(b), h.nameVersion(a)) })
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names
}

// linkerCache returns what ldconfig tells about the dynamic linker's cache, or "".
func linkerCache(ctx context.Context) string {
	for _, command := range []string{"ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig"} {
		output, err := exec.CommandContext(ctx, command, "-p").Output()
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			continue
		}
		return string(output)
	}
	return ""
}

// parseLinkerCache returns the paths of the lines "libonnxruntime.so.1 (libc6,x86-64) => /path".
func (h *host) parseLinkerCache(text string) []string {
	var paths []string
	for line := range strings.Lines(text) {
		name, path, ok := strings.Cut(strings.TrimSpace(line), " => ")
		name, _, _ = strings.Cut(name, " ")
		if ok && h.isLibraryName(name) && filepath.IsAbs(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// usualLibraryDirs returns the folders where a system keeps shared libraries.
func usualLibraryDirs(goos, goarch string) []string {
	switch goos {
	case "windows":
		return nil
	case "darwin":
		return []string{"/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib", "/usr/lib"}
	}
	dirs := []string{"/usr/local/lib", "/usr/local/lib64", "/usr/lib", "/usr/lib64", "/lib", "/lib64"}
	if triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[goarch]; triplet != "" {
		dirs = append(dirs, "/usr/lib/"+triplet, "/usr/local/lib/"+triplet)
	}
	return dirs
}
