package ortlib

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestRealPip installs the real wheel through this machine's pip, then takes it from the cache.
func TestRealPip(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads a wheel; not with -short")
	}
	h := newHost()
	h.getenv = func(string) string { return "" }
	h.libraryDirs, h.ldconfig = nil, func(context.Context) string { return "" }
	h.pins = slices.DeleteFunc(slices.Clone(pins), func(p pin) bool { return p.source != OriginPip })
	cache := t.TempDir()
	library, err := h.resolve(t.Context(), Options{CacheDir: cache, Progress: io.Discard})
	var unavailable *UnavailableError
	if errors.As(err, &unavailable) && (errors.Is(err, errNetwork) || errors.Is(err, errNoCommand) || len(unavailable.Tried) == 0) {
		t.Skipf("no pip, or no network: %v", err)
	}
	must(t, err)
	if library.Version != "1.32.0" || library.Origin != OriginPip {
		t.Errorf("got %+v", library)
	}

	start := time.Now()
	again, err := h.resolve(t.Context(), Options{CacheDir: cache, NoInstall: true})
	must(t, err)
	if again.Path != library.Path || again.Origin != OriginCache {
		t.Errorf("got %+v, then %+v", library, again)
	}
	t.Logf("from the cache in %v", time.Since(start))

	// The real library tells its version without its name.
	anonymous := filepath.Join(cache, "library")
	content, err := os.ReadFile(library.Path)
	must(t, err)
	must(t, os.WriteFile(anonymous, content, 0o644))
	if version, err := h.inspect(anonymous); err != nil || version != "1.32.0" {
		t.Errorf("inspect: got %q, %v", version, err)
	}
}
