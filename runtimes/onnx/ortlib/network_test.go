package ortlib

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

// TestRealPip installs the real wheel through this machine's pip, then takes it from the cache.
func TestRealPip(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads a wheel; not with -short")
	}
	t.Setenv(EnvLibrary, "")
	t.Setenv(EnvLibraryShared, "")
	t.Setenv(EnvNoInstall, "")
	product := onnxRuntime("")
	product.OnSystem = false
	product.Pins = slices.DeleteFunc(slices.Clone(pins), func(p sharedlib.Pin) bool { return p.Source != OriginPip })
	cache := t.TempDir()
	library, err := sharedlib.Resolve(t.Context(), product, sharedlib.Options{CacheDir: cache, Progress: io.Discard})
	var unavailable *UnavailableError
	if errors.As(err, &unavailable) && unavailable.Unreachable() {
		t.Skipf("no pip, or no network: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if library.Version != "1.32.0" || library.Origin != OriginPip {
		t.Errorf("got %+v", library)
	}

	start := time.Now()
	again, err := sharedlib.Resolve(t.Context(), product, sharedlib.Options{CacheDir: cache, NoInstall: true})
	if err != nil {
		t.Fatal(err)
	}
	if again.Path != library.Path || again.Origin != OriginCache {
		t.Errorf("got %+v, then %+v", library, again)
	}
	t.Logf("from the cache in %v", time.Since(start))

	// The real library tells its version without its name.
	named, err := Resolve(t.Context(), Options{Library: anonymous(t, library.Path)})
	if err != nil || named.Version != "1.32.0" {
		t.Errorf("got %+v, %v", named, err)
	}
}

// anonymous is a copy of a library whose name does not tell the version.
func anonymous(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "library")
	if err := os.WriteFile(copied, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return copied
}
