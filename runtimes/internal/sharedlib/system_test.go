package sharedlib

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSystemLibraries(t *testing.T) {
	for _, test := range []struct {
		reason  string
		files   map[string][]byte // by path: a is on LD_LIBRARY_PATH, b in the ldconfig cache, c a usual folder
		links   map[string]string
		want    string // the library taken, if any
		version string
		notes   []string
	}{
		{reason: "the version in the name", want: "a/libonnxruntime.so.1.29.0", version: "1.29.0",
			files: map[string][]byte{"a/libonnxruntime.so.1.29.0": elf("")}},
		{reason: "the version in the link's target", want: "a/libonnxruntime.so", version: "1.29.0",
			files: map[string][]byte{"a/real/libonnxruntime.so.1.29.0": elf("")},
			links: map[string]string{"a/libonnxruntime.so": "real/libonnxruntime.so.1.29.0"}},
		{reason: "the version in the content", want: "a/libonnxruntime.so.1", version: "1.29.0",
			files: map[string][]byte{"a/libonnxruntime.so.1": elf("1.29.0")}},
		{reason: "the newest of a folder", want: "a/libonnxruntime.so.1.30.1", version: "1.30.1",
			files: map[string][]byte{"a/libonnxruntime.so.1.29.0": elf(""), "a/libonnxruntime.so.1.30.1": elf(""), "a/libonnxruntime.so.1.3.9": elf("")}},
		{reason: "too old by name, then the linker's cache", want: "b/libonnxruntime.so.1", version: "1.25.0",
			files: map[string][]byte{"a/libonnxruntime.so.1.21.0": elf(""), "b/libonnxruntime.so.1": elf("1.25.0")},
			notes: []string{"a/libonnxruntime.so.1.21.0: expected ONNX Runtime 1.24 or newer, found 1.21.0"}},
		{reason: "too old by content, then a usual folder", want: "c/libonnxruntime.so.1.24.0", version: "1.24.0",
			files: map[string][]byte{"b/libonnxruntime.so.1": elf("1.23.2"), "c/libonnxruntime.so.1.24.0": elf("1.24.0")},
			notes: []string{"b/libonnxruntime.so.1: expected ONNX Runtime 1.24 or newer, found 1.23.2"}},
		{reason: "one file under two names is told once",
			files: map[string][]byte{"a/libonnxruntime.so.1.21.0": elf("")},
			links: map[string]string{"a/libonnxruntime.so": "libonnxruntime.so.1.21.0"},
			notes: []string{"found 1.21.0"}},
		{reason: "no version to be told", files: map[string][]byte{"a/libonnxruntime.so": elf("")},
			notes: []string{"a/libonnxruntime.so: its version cannot be told; set " + envLibrary}},
		{reason: "other architecture", files: map[string][]byte{"a/libonnxruntime.so.1.29.0": elfFor(183, "1.29.0")},
			notes: []string{"expected a shared library for amd64"}},
		{reason: "other names are none of ours", files: map[string][]byte{"a/libonnxruntime_providers_shared.so": elf("1.29.0"), "a/libonnxruntime.so.bak": elf("1.29.0")}},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			in := func(path string) string { return filepath.Join(m.dir, filepath.FromSlash(path)) }
			for path, content := range test.files {
				write(t, in(path), content, 0o644)
			}
			for path, target := range test.links {
				if err := os.Symlink(target, in(path)); err != nil {
					t.Skip(err)
				}
			}
			m.env["LD_LIBRARY_PATH"] = strings.Join([]string{"", "relative", in("a")}, string(filepath.ListSeparator))
			m.libraryDirs = []string{in("c")}
			m.ldconfig = func(context.Context) string {
				return "2 libs found in cache\n\tlibonnxruntime.so.1 (libc6,x86-64) => " + in("b/libonnxruntime.so.1") +
					"\n\tlibonnxruntime_providers_shared.so (libc6) => " + in("b/other.so") + "\n"
			}
			library, err := m.resolve(Options{NoInstall: true})
			var notes []string
			if test.want == "" {
				if err == nil {
					t.Fatalf("got %+v, expected an error", library)
				}
				for _, note := range test.notes {
					if n := strings.Count(err.Error(), note); n != 1 {
						t.Errorf("expected %q once in:\n%v", note, err)
					}
				}
				return
			}
			must(t, err)
			if library.Path != in(test.want) || library.Version != test.version || library.Origin != OriginSystem {
				t.Errorf("got %+v, expected %s of version %s", library, in(test.want), test.version)
			}
			notes = library.Notes
			if len(notes) != len(test.notes) {
				t.Fatalf("got notes %q, expected %q", notes, test.notes)
			}
			for i, note := range test.notes {
				contains(t, filepath.ToSlash(notes[i]), note)
			}
		})
	}
}

// TestTooOldOnSystemIsInstalledOver: passing over a system library ends in an installation, with a note.
func TestTooOldOnSystemIsInstalledOver(t *testing.T) {
	m := newMachine(t)
	m.env["LD_LIBRARY_PATH"] = filepath.Join(m.dir, "system")
	write(t, filepath.Join(m.dir, "system", "libonnxruntime.so.1"), elf("1.20.1"), 0o644)
	m.serveBytes(archiveBytes(t))
	library, err := m.resolve(Options{})
	m.expect(library, err, "1.30.0", OriginArchive, archiveLibrary())
	if len(library.Notes) != 1 {
		t.Fatalf("got notes %q, expected one", library.Notes)
	}
	contains(t, library.Notes[0], "expected ONNX Runtime 1.24 or newer, found 1.20.1")
}

func TestWorkingFolderIsNotSearched(t *testing.T) {
	m := newMachine(t)
	write(t, filepath.Join(m.dir, "libonnxruntime.so.1.29.0"), elf("1.29.0"), 0o644)
	t.Chdir(m.dir)
	m.env["LD_LIBRARY_PATH"] = string(filepath.ListSeparator) + "."
	if library, err := m.resolve(Options{NoInstall: true}); err == nil {
		t.Errorf("took %s", library.Path)
	}
}

// dylib is a shared library for darwin/arm64.
func dylib(text string) []byte {
	b := make([]byte, 32)
	binary.LittleEndian.PutUint32(b, 0xfeedfacf)
	binary.LittleEndian.PutUint32(b[4:], 0x0100000c)
	binary.LittleEndian.PutUint32(b[12:], 6)
	return append(b, "\x00OrtGetApiBase\x00"+text...)
}

// universal is a shared library of macOS for amd64 and arm64.
func universal(text string) []byte {
	b := make([]byte, 48)
	for at, value := range map[int]uint32{0: 0xcafebabe, 4: 2, 8: 0x01000007, 28: 0x0100000c} {
		binary.BigEndian.PutUint32(b[at:], value)
	}
	return append(b, "\x00OrtGetApiBase\x00"+text...)
}

// dll is a shared library for windows/amd64.
func dll(text string) []byte {
	b := make([]byte, 0x98)
	copy(b, "MZ")
	b[0x3c] = 0x80
	copy(b[0x80:], "PE\x00\x00")
	binary.LittleEndian.PutUint16(b[0x84:], 0x8664)
	binary.LittleEndian.PutUint16(b[0x96:], 0x2000)
	return append(b, "\x00OrtGetApiBase\x00"+text...)
}

func wide(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}

func TestOtherSystems(t *testing.T) {
	for _, test := range []struct {
		reason, goos, goarch, variable, file string
		content                              []byte
		version                              string
	}{
		{"dylib, version in the name", "darwin", "arm64", "DYLD_LIBRARY_PATH", "libonnxruntime.1.24.2.dylib", dylib(""), "1.24.2"},
		{"dylib, version in the content", "darwin", "arm64", "DYLD_LIBRARY_PATH", "libonnxruntime.dylib", dylib("\x001.2.12\x00\x001.32.0\x00"), "1.32.0"},
		{"dylib with two versions", "darwin", "arm64", "DYLD_LIBRARY_PATH", "libonnxruntime.dylib", dylib("\x001.31.0\x00\x001.32.0\x00"), ""},
		{"universal dylib", "darwin", "arm64", "DYLD_FALLBACK_LIBRARY_PATH", "libonnxruntime.1.25.0.dylib", universal(""), "1.25.0"},
		{"dylib for another architecture", "darwin", "amd64", "DYLD_LIBRARY_PATH", "libonnxruntime.1.24.2.dylib", dylib(""), ""},
		{"dll with a version resource", "windows", "amd64", "PATH", "ONNXRuntime.dll", dll(wide("FileVersion") + "\x00\x00\x00\x00" + wide("1.32.0.20261112.6.fab30a4")), "1.32.0"},
		{"the dll that comes with Windows is too old", "windows", "amd64", "PATH", "onnxruntime.dll", dll(wide("FileVersion") + "\x00\x00\x00\x00" + wide("1.17.1")), ""},
		{"an ELF file is no dylib", "darwin", "arm64", "DYLD_LIBRARY_PATH", "libonnxruntime.1.24.2.dylib", elf("1.24.2"), ""},
		{"an ELF file is no dll", "windows", "amd64", "PATH", "onnxruntime.dll", elf("1.24.2"), ""},
	} {
		t.Run(test.reason, func(t *testing.T) {
			m := newMachine(t)
			m.goos, m.goarch = test.goos, test.goarch
			path := write(t, filepath.Join(m.dir, "system", test.file), test.content, 0o644)
			m.env[test.variable] = filepath.Dir(path)
			library, err := m.resolve(Options{NoInstall: true})
			if test.version == "" {
				if err == nil {
					t.Errorf("got %+v, expected an error", library)
				}
				return
			}
			m.expect(library, err, test.version, OriginSystem, test.content)
		})
	}
}

func TestUsualLibraryDirs(t *testing.T) {
	for _, test := range []struct{ goos, goarch, want string }{
		{"linux", "amd64", "/usr/lib/x86_64-linux-gnu"},
		{"linux", "arm64", "/usr/lib/aarch64-linux-gnu"},
		{"linux", "amd64", "/usr/local/lib"},
		{"darwin", "arm64", "/opt/homebrew/lib"},
	} {
		if dirs := usualLibraryDirs(test.goos, test.goarch); !slices.Contains(dirs, test.want) {
			t.Errorf("%s/%s: expected %s in %q", test.goos, test.goarch, test.want, dirs)
		}
	}
}
