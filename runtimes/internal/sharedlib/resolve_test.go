package sharedlib

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrder takes the places away one by one, the first first.
func TestOrder(t *testing.T) {
	m := newMachine(t)
	option := write(t, filepath.Join(m.dir, "option.so"), elf("1.26.0"), 0o644)
	first := write(t, filepath.Join(m.dir, "first.so"), elf("1.27.0"), 0o644)
	second := write(t, filepath.Join(m.dir, "second.so"), elf("1.28.0"), 0o644)
	system := filepath.Join(m.dir, "system")
	write(t, filepath.Join(system, "libonnxruntime.so.1.29.0"), elf("1.29.0"), 0o644)
	m.env[envLibrary], m.env[envLibraryShared], m.env["LD_LIBRARY_PATH"] = first, second, system
	m.serveBytes(archiveBytes(t))
	m.stubPip("pip", wheelFile, wheelBytes(t))
	m.stubNpm(npmFile, npmBytes(t))
	cached := write(t, filepath.Join(m.cache, "onnxruntime/1.30.0-linux-amd64/libonnxruntime.so.1.30.0"), npmLibrary(), 0o644)

	library, err := m.resolve(Options{Library: option})
	m.expect(library, err, "1.26.0", OriginOption, elf("1.26.0"))
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.27.0", OriginEnvironment, elf("1.27.0"))
	delete(m.env, envLibrary)
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.28.0", OriginEnvironment, elf("1.28.0"))
	delete(m.env, envLibraryShared)
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginCache, npmLibrary())
	must(t, os.Remove(cached))
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.29.0", OriginSystem, elf("1.29.0"))
	if m.asked.Load() != 0 || m.called() != nil {
		t.Errorf("a source was asked although there is a library: %d requests, commands %q", m.asked.Load(), m.called())
	}
	delete(m.env, "LD_LIBRARY_PATH")

	library, err = m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
	must(t, os.RemoveAll(m.cache))
	m.releaseBase = nowhere(t)
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
	must(t, os.RemoveAll(m.cache))
	must(t, os.Remove(filepath.Join(m.bin, "pip")))
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginNpm, npmLibrary())
}

// TestNamedLibraryIsTheUsersWord: a bad one is an error that names it, though there is another library.
func TestNamedLibraryIsTheUsersWord(t *testing.T) {
	m := newMachine(t)
	system := filepath.Join(m.dir, "system")
	write(t, filepath.Join(system, "libonnxruntime.so.1.29.0"), elf("1.29.0"), 0o644)
	m.env["LD_LIBRARY_PATH"] = system
	file := func(name string, content []byte) string {
		return write(t, filepath.Join(m.dir, name), content, 0o644)
	}
	for _, test := range []struct {
		reason, path, version string
		want                  []string
	}{
		{"missing", filepath.Join(m.dir, "missing.so"), "", nil},
		{"a folder", m.dir, "", []string{"expected a shared library, found a folder"}},
		{"empty", file("empty.so", nil), "", []string{"expected a shared library (ELF)"}},
		{"a text", file("text.so", []byte("INPUT(libonnxruntime.so.1)")), "", []string{"expected a shared library (ELF)", `"INPUT(libonnxrun"`}},
		{"other architecture", file("arm.so", elfFor(183, "1.30.0")), "", []string{"shared library for amd64", "0xb7"}},
		{"other library", file("z.so", append(elf("")[:64], "zlib"...)), "", []string{"OrtGetApiBase"}},
		{"too old", file("old.so", elf("1.23.2")), "", []string{"expected ONNX Runtime 1.24 or newer, found 1.23.2"}},
		{"other version than asked for", file("new.so", elf("1.27.0")), "1.30.0", []string{"expected ONNX Runtime 1.30.0, found 1.27.0"}},
		{"version cannot be told but is asked for", file("mute.so", elf("")), "1.30.0", []string{"cannot tell its version"}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			library, err := m.resolve(Options{Library: test.path, Version: test.version})
			if err == nil {
				t.Fatalf("option: got %+v, expected an error", library)
			}
			contains(t, err.Error(), append(test.want, "Options.Library", test.path)...)
			for _, variable := range []string{envLibrary, envLibraryShared} {
				m.env[variable] = test.path
				library, err := m.resolve(Options{Version: test.version})
				delete(m.env, variable)
				if err == nil {
					t.Fatalf("%s: got %+v, expected an error", variable, library)
				}
				contains(t, err.Error(), append(test.want, variable, test.path)...)
			}
		})
	}
	t.Run("missing is fs.ErrNotExist", func(t *testing.T) {
		if _, err := m.resolve(Options{Library: "missing"}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a version that cannot be told is fine otherwise", func(t *testing.T) {
		library, err := m.resolve(Options{Library: file("mute.so", elf(""))})
		m.expect(library, err, "", OriginOption, elf(""))
	})
	t.Run("a relative path becomes absolute", func(t *testing.T) {
		file("relative.so", elf("1.30.0"))
		t.Chdir(m.dir)
		library, err := m.resolve(Options{Library: "relative.so"})
		m.expect(library, err, "1.30.0", OriginOption, elf("1.30.0"))
	})
}

func TestNothingWorks(t *testing.T) {
	m := newMachine(t)
	m.stub("python3", "echo '/usr/bin/python3: No module named pip' >&2; exit 1")
	m.stub("pip", "echo \"WARNING: Retrying (Retry(total=0)) after connection broken\" >&2; echo 'ERROR: No matching distribution' >&2; exit 1")
	m.stub("npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
	_, err := m.resolve(Options{})
	var unavailable *UnavailableError
	if !errors.As(err, &unavailable) {
		t.Fatalf("got %v, expected an *UnavailableError", err)
	}
	contains(t, err.Error(), "linux/amd64",
		"environment: neither "+envLibrary+" nor "+envLibraryShared+" is set",
		"cache "+filepath.Join(m.cache, "onnxruntime"), "no pinned version for linux/amd64",
		"system: no libonnxruntime.so", "LD_LIBRARY_PATH",
		"release archive "+archiveFile, "connect",
		"pip download onnxruntime==1.32.0: python3 -m pip: exit status 1: /usr/bin/python3: No module named pip; python -m pip: not found on PATH; pip3: not found on PATH; pip: its network",
		"npm pack onnxruntime-node@1.30.0: npm: its network", "ENOTFOUND",
		"What to do: ", "set "+envLibrary, "1.24 or newer", "a release archive")
	if !errors.Is(err, errNetwork) {
		t.Error("the reasons cannot be told from the error")
	}
	if left := m.inCache(); left != nil {
		t.Errorf("left behind: %q", left)
	}
	if lines := strings.Count(m.progress.String(), "\n"); lines != 1 {
		t.Errorf("progress: got %d lines, expected 1:\n%s", lines, m.progress)
	}
}

func TestNoInstall(t *testing.T) {
	for _, test := range []struct {
		reason   string
		options  Options
		variable string
		off      bool
	}{
		{"the option", Options{NoInstall: true}, "", true},
		{"the variable", Options{}, "1", true},
		{"the variable in words", Options{}, "yes", true},
		{"the variable at 0 means nothing", Options{}, "0", false},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			m.serveBytes(archiveBytes(t))
			m.env[EnvNoInstall] = test.variable
			library, err := m.resolve(test.options)
			if !test.off {
				m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
				return
			}
			var unavailable *UnavailableError
			if !errors.As(err, &unavailable) {
				t.Fatalf("got %+v, %v, expected an *UnavailableError", library, err)
			}
			contains(t, err.Error(), "turned off", EnvNoInstall, "allow the installation")
			if m.asked.Load() != 0 || m.progress.Len() != 0 {
				t.Errorf("%d requests, progress %q", m.asked.Load(), m.progress)
			}
			if _, err := os.Stat(m.cache); err == nil {
				t.Error("the cache was created")
			}
		})
	}
}

func TestVersion(t *testing.T) {
	m := newMachine(t)
	m.stubPip("pip", wheelFile, wheelBytes(t))
	m.stubNpm(npmFile, npmBytes(t))
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
	library, err = m.resolve(Options{Version: "1.30.0"})
	m.expect(library, err, "1.30.0", OriginNpm, npmLibrary())
	library, err = m.resolve(Options{Version: "1.30.0"})
	m.expect(library, err, "1.30.0", OriginCache, npmLibrary())
	library, err = m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginCache, wheelLibrary()) // the newest of both

	_, err = m.resolve(Options{Version: "1.31.0"})
	if err == nil {
		t.Fatal("a version that is not pinned: expected an error")
	}
	contains(t, err.Error(), "no build of version 1.31.0 is pinned for linux/amd64")
	for _, version := range []string{"1.23.0", "latest", "1.30"} {
		if _, err := m.resolve(Options{Version: version}); err == nil || !strings.Contains(err.Error(), "Options.Version") {
			t.Errorf("version %q: got %v, expected an error that names Options.Version", version, err)
		}
	}
}

func TestUnsupportedMachines(t *testing.T) {
	m := newMachine(t)
	m.serveBytes(archiveBytes(t))
	m.goarch = "riscv64"
	_, err := m.resolve(Options{})
	if err == nil {
		t.Fatal("riscv64: expected an error")
	}
	contains(t, err.Error(), "linux/riscv64", "no build is pinned")
	m.goarch, m.musl = "amd64", true
	_, err = m.resolve(Options{})
	if err == nil {
		t.Fatal("musl: expected an error")
	}
	contains(t, err.Error(), "glibc", "musl")
	if m.asked.Load() != 0 {
		t.Errorf("%d requests", m.asked.Load())
	}
}

func TestCancelled(t *testing.T) {
	m := newMachine(t)
	m.serveBytes(archiveBytes(t))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := m.host.resolve(ctx, Options{CacheDir: m.cache, Progress: m.progress})
	var unavailable *UnavailableError
	if !errors.Is(err, context.Canceled) || errors.As(err, &unavailable) {
		t.Errorf("got %v, expected only that it was cancelled", err)
	}
	if left := m.inCache(); left != nil {
		t.Errorf("left behind: %q", left)
	}
}
