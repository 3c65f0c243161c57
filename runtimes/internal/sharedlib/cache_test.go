package sharedlib

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondCallAsksNobody(t *testing.T) {
	m := newMachine(t)
	m.serveBytes(archiveBytes(t))
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
	m.offline()
	m.progress.Reset()
	again, err := m.resolve(Options{})
	m.expect(again, err, "1.30.0", OriginCache, archiveLibrary())
	if again.Path != library.Path {
		t.Errorf("got %q, then %q", library.Path, again.Path)
	}
	if m.progress.Len() != 0 {
		t.Errorf("progress: %q", m.progress)
	}
}

func TestWhereTheCacheIs(t *testing.T) {
	m := newMachine(t)
	m.serveBytes(archiveBytes(t))
	at := func(reason, dir string, options Options) {
		t.Helper()
		options.Progress = m.progress
		library, err := m.host.resolve(t.Context(), options)
		must(t, err)
		if want := filepath.Join(dir, "onnxruntime", "1.30.0-linux-amd64", "libonnxruntime.so.1.30.0"); library.Path != want {
			t.Errorf("%s: got %q, expected %q", reason, library.Path, want)
		}
	}
	at("the user's cache", filepath.Join(m.dir, "user", "triggerfinder"), Options{})
	m.env[EnvCache] = filepath.Join(m.dir, "variable")
	at("the variable", filepath.Join(m.dir, "variable"), Options{})
	at("the option", m.cache, Options{CacheDir: m.cache})

	m.env[EnvCache] = "relative"
	_, err := m.resolve(Options{})
	if err == nil {
		t.Fatal("a relative variable: expected an error")
	}
	contains(t, err.Error(), EnvCache, `expected an absolute path, found "relative"`)
}

func TestNoCacheFolder(t *testing.T) {
	m := newMachine(t)
	m.serveBytes(archiveBytes(t))
	m.userCacheDir = func() (string, error) { return "", errors.New("$HOME is not defined") }
	_, err := m.host.resolve(t.Context(), Options{Progress: m.progress})
	if err == nil {
		t.Fatal("expected an error")
	}
	contains(t, err.Error(), "$HOME is not defined", "set "+EnvCache, "no cache folder to install into")
}

// TestDamagedCache: a file that is not what was installed is passed over, said so, and replaced.
func TestDamagedCache(t *testing.T) {
	for _, test := range []struct {
		reason string
		damage func(path string)
	}{
		{"half of it", func(path string) { must(t, os.Truncate(path, int64(len(archiveLibrary())/2))) }},
		{"one byte", func(path string) {
			content := archiveLibrary()
			content[len(content)-1] ^= 1
			must(t, os.WriteFile(path, content, 0o644))
		}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			m.serveBytes(archiveBytes(t))
			library, err := m.resolve(Options{})
			m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
			test.damage(library.Path)

			_, err = m.resolve(Options{NoInstall: true})
			if err == nil {
				t.Fatal("expected an error")
			}
			contains(t, err.Error(), "cache "+library.Path, "expected SHA-256 "+sumOf(archiveLibrary()), "found ")
			library, err = m.resolve(Options{})
			m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
			contains(t, strings.Join(library.Notes, "\n"), "cache "+library.Path)
		})
	}
}

func TestUnwritableCache(t *testing.T) {
	check := func(t *testing.T, m *machine) {
		m.serveBytes(archiveBytes(t))
		_, err := m.resolve(Options{})
		var unavailable *UnavailableError
		if !errors.As(err, &unavailable) {
			t.Fatalf("got %v, expected an *UnavailableError", err)
		}
		contains(t, err.Error(), "cache "+filepath.Join(m.cache, "onnxruntime"), "cannot be created", "set "+EnvCache)
		if m.asked.Load() != 0 {
			t.Error("downloaded although there is no place for it")
		}
	}
	t.Run("a file is in the way", func(t *testing.T) {
		m := newMachine(t)
		write(t, m.cache, []byte("a file"), 0o644)
		check(t, m)
	})
	t.Run("no permission", func(t *testing.T) {
		if os.Geteuid() <= 0 {
			t.Skip("root may write anywhere, and Windows has no such permission")
		}
		m := newMachine(t)
		must(t, os.Mkdir(m.cache, 0o500))
		check(t, m)
	})
}
