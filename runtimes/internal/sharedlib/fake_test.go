package sharedlib

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The fakes below are small but real files: shared libraries with a true header, archives, executables.
// They are the same bytes in every process, so that two processes can share their pins.

// elf is a shared library for linux/amd64; it tells the version if that is not empty.
func elf(version string) []byte { return elfFor(62, version) }

func elfFor(machine uint16, version string) []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 3)
	binary.LittleEndian.PutUint16(b[18:], machine)
	b = append(b, "\x00OrtGetApiBase\x00"...)
	if version != "" {
		b = append(b, "\x00VERS_"+version+"\x00"...)
	}
	return b
}

type entry struct {
	name, content string
	link          bool
}

func tgz(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(zipped)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if e.link {
			header.Typeflag, header.Linkname, header.Size = tar.TypeSymlink, e.content, 0
		}
		must(t, archive.WriteHeader(header))
		if !e.link {
			_, err := archive.Write([]byte(e.content))
			must(t, err)
		}
	}
	must(t, archive.Close())
	must(t, zipped.Close())
	return buffer.Bytes()
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for _, e := range entries {
		w, err := archive.Create(e.name)
		must(t, err)
		_, err = w.Write([]byte(e.content))
		must(t, err)
	}
	must(t, archive.Close())
	return buffer.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func write(t testing.TB, path string, content []byte, mode os.FileMode) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, content, mode))
	return path
}

// Contents and pins of the three fake sources.
const (
	archiveFile, archiveMember = "onnxruntime-linux-x64-1.30.0.tgz", "onnxruntime-linux-x64-1.30.0/lib/libonnxruntime.so.1.30.0"
	wheelFile, wheelMember     = "onnxruntime-1.32.0-fake.whl", "onnxruntime/capi/libonnxruntime.so.1.32.0"
	npmFile, npmMember         = "onnxruntime-node-1.30.0.tgz", "package/bin/napi-v6/linux/x64/libonnxruntime.so.1"
)

func archiveLibrary() []byte {
	return append(elf("1.30.0"), bytes.Repeat([]byte("archive "), 20000)...)
}
func wheelLibrary() []byte { return append(elf("1.32.0"), "wheel"...) }
func npmLibrary() []byte   { return append(elf("1.30.0"), "npm"...) }

func archiveBytes(t testing.TB) []byte {
	return tgz(t, entry{name: "onnxruntime-linux-x64-1.30.0/LICENSE", content: "MIT"},
		entry{name: "./" + archiveMember, content: string(archiveLibrary())})
}

func wheelBytes(t testing.TB) []byte {
	return zipped(t, entry{name: "onnxruntime/LICENSE", content: "MIT"}, entry{name: wheelMember, content: string(wheelLibrary())})
}

func npmBytes(t testing.TB) []byte {
	return tgz(t, entry{name: npmMember, content: string(npmLibrary())})
}

func pinOf(origin, version, file, member string, content, library []byte) Pin {
	return Pin{Source: origin, Version: version, GOOS: "linux", GOARCH: "amd64", Tag: "manylinux_2_28_x86_64", File: file,
		Size: int64(len(content)), Sum: sumOf(content), Member: member, LibrarySum: sumOf(library)}
}

// onnxRuntime is a product that comes from every source.
func onnxRuntime(pins []Pin) Product {
	return Product{
		Package: "ortlib", Title: "ONNX Runtime", Folder: "onnxruntime", Variables: []string{envLibrary, envLibraryShared},
		Symbol: "OrtGetApiBase", Minimum: "1.24", Stem: "onnxruntime", TellsVersion: true, OnSystem: true,
		ReleasePage: "https://example.org/releases", Advice: "a release archive", Pip: "onnxruntime", Npm: "onnxruntime-node", Pins: pins,
	}
}

const (
	envLibrary       = "TRIGGERFINDER_ONNXRUNTIME"
	envLibraryShared = "ONNXRUNTIME_SHARED_LIBRARY_PATH"
)

func fakePins(t testing.TB) []Pin {
	return []Pin{
		pinOf(OriginArchive, "1.30.0", archiveFile, archiveMember, archiveBytes(t), archiveLibrary()),
		pinOf(OriginPip, "1.32.0", wheelFile, wheelMember, wheelBytes(t), wheelLibrary()),
		pinOf(OriginNpm, "1.30.0", npmFile, npmMember, npmBytes(t), npmLibrary()),
	}
}

// machine is a fake linux/amd64 machine with nothing installed, no network and an empty PATH.
type machine struct {
	t testing.TB
	*host
	dir      string // holds everything
	cache    string // the cache's folder, as in Options.CacheDir
	bin      string // the only folder on PATH
	env      map[string]string
	asked    *atomic.Int32 // requests that reached the archive's server
	progress *bytes.Buffer
}

func newMachine(t *testing.T) *machine {
	dir := t.TempDir()
	m := &machine{t: t, dir: dir, cache: filepath.Join(dir, "cache"), bin: filepath.Join(dir, "bin"),
		env: map[string]string{}, asked: &atomic.Int32{}, progress: &bytes.Buffer{}}
	m.host = fakeHost(fakePins(t), nowhere(t))
	m.getenv = func(name string) string { return m.env[name] }
	m.userCacheDir = func() (string, error) { return filepath.Join(dir, "user"), nil }
	must(t, os.Mkdir(m.bin, 0o755))
	t.Setenv("PATH", m.bin)
	return m
}

// fakeHost is the part of a machine that a child process has too.
func fakeHost(pins []Pin, base string) *host {
	h := newHost(onnxRuntime(pins))
	h.goos, h.goarch, h.musl = "linux", "amd64", false
	h.libraryDirs = nil
	h.ldconfig = func(context.Context) string { return "" }
	h.client = newClient(time.Second, 500*time.Millisecond)
	h.stall = 500 * time.Millisecond
	h.releaseBase = base
	return h
}

// nowhere is the address of a server that is gone.
func nowhere(t testing.TB) string {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func (m *machine) resolve(options Options) (Library, error) {
	if options.CacheDir == "" {
		options.CacheDir = m.cache
	}
	if options.Progress == nil {
		options.Progress = m.progress
	}
	if options.Timeout == 0 {
		options.Timeout = 20 * time.Second
	}
	return m.host.resolve(context.Background(), options)
}

// serve makes the archive's server answer with the handler; it counts the requests.
func (m *machine) serve(handler http.HandlerFunc) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		m.asked.Add(1)
		handler(w, request)
	}))
	m.t.Cleanup(server.Close)
	m.releaseBase = server.URL
}

// serveBytes makes the archive's server answer with the content, at the archive's address only.
func (m *machine) serveBytes(content []byte) {
	m.serve(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/v1.30.0/"+archiveFile {
			http.NotFound(w, request)
			return
		}
		_, _ = w.Write(content)
	})
}

// stub puts an executable on PATH that logs its arguments and then does what the script says.
func (m *machine) stub(name, script string) {
	if runtime.GOOS == "windows" {
		m.t.Skip("the stubs are shell scripts")
	}
	text := "#!/bin/sh\nPATH=/bin:/usr/bin\necho \"" + name + " $*\" >> '" + m.calls() + "'\n" + script
	write(m.t, filepath.Join(m.bin, name), []byte(text), 0o755)
}

func (m *machine) calls() string { return filepath.Join(m.dir, "calls") }

// called returns the commands that ran.
func (m *machine) called() []string {
	content, err := os.ReadFile(m.calls())
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}

// stubPip puts a pip on PATH that downloads the content as the file.
func (m *machine) stubPip(name, file string, content []byte) {
	served := write(m.t, filepath.Join(m.dir, "served", name, file), content, 0o644)
	m.stub(name, `while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest="$2"; shift; done
cp '`+served+`' "$dest/"`)
}

// stubNpm puts an npm on PATH that leaves the content as the file in the working folder.
func (m *machine) stubNpm(file string, content []byte) {
	served := write(m.t, filepath.Join(m.dir, "served", "npm", file), content, 0o644)
	m.stub("npm", "cp '"+served+"' . && echo "+file)
}

// offline fails the test when anything is asked from now on.
func (m *machine) offline() {
	m.client = &http.Client{Transport: roundTripper(func(request *http.Request) {
		m.t.Errorf("asked for %s", request.URL)
	})}
	m.run = func(_ context.Context, _ string, _ []string, argv ...string) (string, error) {
		m.t.Errorf("ran %q", argv)
		return "", os.ErrPermission
	}
}

type roundTripper func(*http.Request)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	f(request)
	return nil, http.ErrServerClosed
}

// inCache returns all files and empty folders of the cache but the lock, by their paths.
func (m *machine) inCache() []string {
	var found []string
	root := filepath.Join(m.cache, "onnxruntime")
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == root || entry.Name() == lockName {
			return nil
		}
		if entries, err := os.ReadDir(path); err != nil || len(entries) == 0 {
			relative, _ := filepath.Rel(root, path)
			found = append(found, filepath.ToSlash(relative))
		}
		return nil
	})
	return found
}

// expect checks a resolved library, its content included.
func (m *machine) expect(library Library, err error, version, origin string, content []byte) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("resolve: %v", err)
	}
	if library.Version != version || library.Origin != origin {
		m.t.Fatalf("got version %q from %q, expected %q from %q", library.Version, library.Origin, version, origin)
	}
	if !filepath.IsAbs(library.Path) {
		m.t.Errorf("path %q is not absolute", library.Path)
	}
	found, err := os.ReadFile(library.Path)
	if err != nil {
		m.t.Fatal(err)
	}
	if !bytes.Equal(found, content) {
		m.t.Errorf("%s holds another library (%d bytes, expected %d)", library.Path, len(found), len(content))
	}
}

// contains checks that a text has all parts.
func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("expected %q in:\n%s", part, text)
		}
	}
}

// syncBuffer is a buffer for two goroutines.
type syncBuffer struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.text.String()
}
