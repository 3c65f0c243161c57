package litert

import (
	"errors"
	"io"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/sharedlib"
)

func TestPins(t *testing.T) {
	sum := regexp.MustCompile(`^[0-9a-f]{64}$`)
	platforms := map[string]bool{}
	for _, p := range pins {
		platforms[p.GOOS+"/"+p.GOARCH] = true
		if !sum.MatchString(p.Sum) || !sum.MatchString(p.LibrarySum) || p.Sum == p.LibrarySum || p.Size < 1<<20 {
			t.Errorf("bad sums or size: %+v", p)
		}
		if p.Version != version || !strings.Contains(p.File, version) || !strings.Contains(p.File, p.Tag) || p.Source != sharedlib.OriginPip {
			t.Errorf("another version, platform or source: %+v", p)
		}
		if base := path.Base(p.Member); base != "libLiteRt.so" && base != "libLiteRt.dylib" {
			t.Errorf("%q is no library of LiteRT", base)
		}
	}
	if len(platforms) != 3 || len(pins) != 3 {
		t.Errorf("got platforms %v", platforms)
	}
}

// TestNamedLibrary: the variable's word is taken, or is an error that names it.
func TestNamedLibrary(t *testing.T) {
	t.Setenv(EnvLibrary, "testdata/tiny.tflite")
	_, err := sharedlib.Resolve(t.Context(), product(), sharedlib.Options{NoInstall: true})
	if err == nil || !strings.Contains(err.Error(), "litert: environment variable TRIGGERFINDER_LITERT") || !strings.Contains(err.Error(), "expected a shared library") {
		t.Errorf("got %v", err)
	}
	t.Setenv(EnvLibrary, "")
	t.Setenv(sharedlib.EnvCache, t.TempDir())
	_, err = sharedlib.Resolve(t.Context(), product(), sharedlib.Options{NoInstall: true})
	if err == nil || !strings.Contains(err.Error(), "no usable LiteRT library") || !strings.Contains(err.Error(), "set TRIGGERFINDER_LITERT to the path of a libLiteRt.so of LiteRT 2.3.0 or newer, such as the one in the Python package ai-edge-litert") {
		t.Errorf("got %v", err)
	}
}

// TestRealPip installs the real wheel through this machine's pip, then takes it from the cache.
func TestRealPip(t *testing.T) {
	if testing.Short() {
		t.Skip("downloads a wheel; not with -short")
	}
	t.Setenv(EnvLibrary, "")
	t.Setenv(sharedlib.EnvNoInstall, "")
	cache := t.TempDir()
	library, err := sharedlib.Resolve(t.Context(), product(), sharedlib.Options{CacheDir: cache, Progress: io.Discard})
	var unavailable *UnavailableError
	if errors.As(err, &unavailable) && unavailable.Unreachable() {
		t.Skipf("no pip, or no network: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	again, err := sharedlib.Resolve(t.Context(), product(), sharedlib.Options{CacheDir: cache, NoInstall: true})
	if err != nil {
		t.Fatal(err)
	}
	if library.Version != version || library.Origin != sharedlib.OriginPip || again.Path != library.Path || again.Origin != sharedlib.OriginCache {
		t.Errorf("got %+v, then %+v", library, again)
	}
	if got := pinnedVersion(library.Path); got != version {
		t.Errorf("its bytes are of version %q, expected %q", got, version)
	}
}
